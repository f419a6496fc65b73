import type { IncomingMessage } from 'node:http';
import {
  type HubClose,
  HubCloseCode,
  HubError,
  isOffset,
  isProtocolType,
  type Offset,
  type WireMessage,
} from '../wire/index.ts';
import { type Answer, answerTo, errorWith, replyWith } from './answer.ts';
import { HubSocket } from './hub-socket.ts';
import type { Admitted, Namespace } from './namespace.ts';
import type { HubLimits } from './options.ts';
import { Peer } from './peer.ts';
import { isApplicationRoom } from './room-name.ts';
import { identityOf, Session } from './session.ts';
import { Turns } from './turns.ts';

/** The longest time that a timer takes, in milliseconds. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** What is known of a client that can be spoken to. */
interface Open {
  readonly socket: HubSocket;
  /** Of a client that said $hello. */
  readonly session: Session | undefined;
}

/** What a client says hello with. */
interface Hello {
  readonly token: string | undefined;
  readonly offsets: ReadonlyMap<string, Offset>;
}

/** One connection of a client: says hello, and then passes on what each side says (docs/hub-protocol.md). */
export class Conversation {
  readonly #namespace: Namespace;
  readonly #limits: HubLimits;
  readonly #peer: Peer;
  /** Let go of once the application has seen it. */
  #request: IncomingMessage | undefined;
  readonly #context: unknown;
  readonly #address: string;
  /** Closes the connection: until it is open because that is due, and then because the authorization ends. */
  #timer: NodeJS.Timeout | undefined;
  /** `silent`: $hello has to come; `greeting`: it is being answered. */
  #state: 'silent' | 'greeting' | Open | 'over' = 'silent';
  /** Requests that wait for their answers. */
  #handling = 0;
  readonly #turns = new Turns();

  constructor(namespace: Namespace, { ws, request, context, address, speaksHub }: Admitted<unknown>) {
    this.#namespace = namespace;
    this.#limits = namespace.host.limits;
    this.#request = request;
    this.#context = context;
    this.#address = address;
    this.#peer = new Peer(ws, this.#limits, {
      onMessage: (message) => this.#onMessage(message),
      onRefused: (error) => namespace.host.onRefused(error, this.#open?.socket),
      onClose: (code, reason) => this.#end({ code, reason, replaced: false }),
      onReplaced: () => {
        const { code, meaning } = HubCloseCode.REPLACED;
        this.#end({ code, reason: meaning, replaced: true });
      },
    });
    this.#closeAt(Date.now() + this.#limits.helloTimeoutMs, HubCloseCode.TIMEOUT);
    if (!speaksHub) void this.#begin(undefined, undefined);
  }

  get #open(): Open | undefined {
    return typeof this.#state === 'object' ? this.#state : undefined;
  }

  /** When the authorization ends, in milliseconds since 1970. */
  get #expiry(): number {
    try {
      return this.#namespace.options.expiresAt?.(this.#context) ?? Number.POSITIVE_INFINITY;
    } catch (error) {
      // Who can't be told to be authorized for longer is not.
      this.#namespace.host.onFailure(error, undefined);
      return Date.now();
    }
  }

  /** Closes the connection at a time in milliseconds since 1970, and not at that which was set before. */
  #closeAt(time: number, close: HubClose): void {
    clearTimeout(this.#timer);
    if (time === Number.POSITIVE_INFINITY) return;
    // A time that is no number is over.
    const delay = Math.max(0, time - Date.now()) || 0;
    this.#timer = setTimeout(
      () => {
        if (delay > MAX_TIMER_MS) this.#closeAt(time, close);
        else this.#peer.close(close);
      },
      Math.min(delay, MAX_TIMER_MS),
    );
    this.#timer.unref();
  }

  #onMessage(message: WireMessage): void {
    const open = this.#open;
    if (open !== undefined) {
      if (isProtocolType(message.type)) this.#onProtocolMessage(open, message);
      else this.#onEvent(open, message);
    } else if (this.#state === 'silent' && message.type === '$hello') {
      this.#hello(message);
    } else {
      this.#refuse(
        new HubError('BAD_MESSAGE', 'The first message is $hello, and its answer comes before others'),
        message,
      );
    }
  }

  /** Begins a session, or goes on with one, and tells the client. */
  #hello(message: WireMessage): void {
    const hello = parseHello(message.data);
    if (hello === undefined)
      this.#refuse(new HubError('BAD_MESSAGE', '$hello has no valid session or rooms'), message);
    else void this.#begin(hello, message.id);
  }

  /** Makes a socket of the client, which may have said hello; what else it says meanwhile waits. */
  async #begin(hello: Hello | undefined, helloId: number | undefined): Promise<void> {
    const { host } = this.#namespace;
    this.#state = 'greeting';
    this.#peer.pause();
    let session: Session | undefined;
    let socket: HubSocket | undefined;
    try {
      session = hello && (await this.#sessionOf(hello));
      socket = this.#createSocket(session);
      const { welcome, release } = await enterRooms(socket, session, hello);
      if (this.#takeUp({ socket, session })) {
        if (session !== undefined) this.#welcome(socket.id, session, helloId, welcome);
        release();
        this.#namespace.add(socket, this.#request!);
        this.#request = undefined;
      }
    } catch (error) {
      host.onFailure(error, undefined);
      // It has not been told of in any list of members.
      socket?.end({ replaced: true });
      void host.attempt(() => session?.release());
      this.#peer.close(HubCloseCode.INTERNAL_ERROR);
    } finally {
      this.#peer.resume();
    }
  }

  async #sessionOf({ token }: Hello): Promise<Session> {
    const { host, options, path } = this.#namespace;
    const identity = identityOf(path, options.identify?.(this.#context) ?? this.#context);
    const resumed = token === undefined ? undefined : await Session.resume(host.adapter, token, identity);
    if (resumed === undefined) return Session.begin(host.adapter, identity);
    // Before it ends by itself, and lets go of the session that this connection has now.
    this.#namespace.replace(resumed.socketId);
    return resumed;
  }

  #welcome(id: string, { token, isResumed }: Session, helloId: number | undefined, rooms: object): void {
    this.#sendAnswer({ id: helloId }, replyWith({ id, session: token, resumed: isResumed, ...rooms }));
  }

  /** Whether the client is still there, which may now be spoken to. */
  #takeUp(open: Open): boolean {
    if (this.#peer.isOpen && this.#state !== 'over') {
      this.#state = open;
      this.#closeAt(this.#expiry, HubCloseCode.UNAUTHORIZED);
      return true;
    }
    open.socket.end({ replaced: false });
    void this.#namespace.host.attempt(() => open.session?.release());
    return false;
  }

  #createSocket(session: Session | undefined): HubSocket {
    return new HubSocket({
      context: this.#context,
      address: this.#address,
      peer: this.#peer,
      session,
      host: this.#namespace.membershipHost,
      limits: this.#limits,
    });
  }

  #onProtocolMessage(open: Open, message: WireMessage): void {
    const { type } = message;
    if (type === '$reply' || type === '$error') open.socket.onAnswer(message);
    else if (type === '$ping') this.#sendAnswer(message, replyWith(undefined));
    else if (type === '$join')
      this.#inTurn(message, () => this.#settle(message, () => this.#join(open, message)));
    else if (type === '$leave')
      this.#inTurn(message, () => this.#settle(message, () => this.#leave(open, message)));
    else if (type === '$members')
      this.#inTurn(message, () => this.#settle(message, () => this.#members(open, message)));
    else this.#refuse(new HubError('RESERVED_TYPE'), message);
  }

  /**
   * Answers a message in its turn: behind a `$join` that is being decided over, and once what came before has begun. Answers
   * and pings of the client are not among what waits: what decides may have asked for them.
   *
   * Not if too many wait for their answers. Those that ask for none are none of them: nobody would hear of their refusal, and
   * the rates of messages and bytes bound them.
   */
  #inTurn(message: WireMessage, find: (begun: () => void) => Promise<Answer>): void {
    const cost = message.id === undefined ? 0 : 1;
    if (this.#handling + cost > this.#limits.pendingRequests) {
      this.#sendAnswer(message, errorWith(this.#told(new HubError('TOO_MANY_PENDING'), message)));
      return;
    }
    this.#handling += cost;
    this.#turns.take(async (begun) => {
      this.#sendAnswer(message, await find(begun));
      this.#handling -= cost;
    });
  }

  async #join({ socket }: Open, { data }: WireMessage): Promise<unknown> {
    const room = roomIn(data);
    const allowed = (await this.#namespace.options.authorizeJoin?.(socket, room)) ?? false;
    if (allowed !== true) throw new HubError('FORBIDDEN');
    return { room, offset: await socket.membership.enter(room) };
  }

  async #leave({ socket }: Open, { data }: WireMessage): Promise<unknown> {
    if (!socket.membership.exit(roomIn(data))) throw new HubError('NOT_JOINED');
    return undefined;
  }

  async #members({ socket }: Open, { data }: WireMessage): Promise<unknown> {
    const room = roomIn(data);
    if (!socket.rooms.has(room)) throw new HubError('NOT_JOINED');
    return this.#namespace.members(room);
  }

  #onEvent({ socket, session }: Open, message: WireMessage): void {
    const { key } = message;
    const { handlers, host } = this.#namespace;
    this.#inTurn(message, (begun) => {
      const settle = (): Promise<Answer> => this.#settle(message, () => handlers.run(message, socket, begun));
      if (key === undefined || session === undefined) return settle();
      return host.reliableAnswers.answer(socket.id, key, settle, begun);
    });
  }

  /** Does what a message asks for, and returns the answer to it. */
  async #settle(message: WireMessage, work: () => Promise<unknown>): Promise<Answer> {
    try {
      return replyWith(await work());
    } catch (error) {
      return errorWith(this.#told(error, message));
    }
  }

  /** What a client is told of an error: of one that is not meant for it, no more than that there is one. */
  #told(error: unknown, { type }: Partial<WireMessage>): HubError {
    const { host } = this.#namespace;
    const socket = this.#open?.socket;
    if (!(error instanceof HubError)) {
      host.onFailure(error, socket);
      return new HubError('INTERNAL');
    }
    if (BAD.has(error.code)) this.#peer.countBad();
    host.onRefused(error, socket, type);
    return error;
  }

  #sendAnswer(message: Partial<WireMessage>, answer: Answer): void {
    const addressed = answerTo(message, answer);
    if (addressed === undefined) return;
    try {
      this.#peer.send(addressed);
    } catch (error) {
      // A handler's reply that is no JSON; the error that stands in its place is.
      this.#peer.send(answerTo(message, errorWith(this.#told(error, message)))!);
    }
  }

  #refuse(error: HubError, message: WireMessage): void {
    this.#namespace.host.onRefused(error, this.#open?.socket, message.type);
    this.#peer.refuse(error, message);
  }

  #end({ code, reason, replaced }: { code: number; reason: string; replaced: boolean }): void {
    clearTimeout(this.#timer);
    const open = this.#open;
    this.#state = 'over';
    if (open === undefined) return;
    const { socket, session } = open;
    socket.end({ replaced });
    // Where it was replaced, the newer connection has the session.
    if (!replaced) {
      const isForGood = code === HubCloseCode.NORMAL.code;
      void this.#namespace.host.attempt(() => (isForGood ? session?.end() : session?.release()));
    }
    this.#namespace.remove(socket, { code, reason });
  }
}

/** Errors that a client which knows its hub does not make. */
const BAD: ReadonlySet<string> = new Set(['BAD_MESSAGE', 'UNKNOWN_TYPE', 'INVALID_DATA']);

/**
 * Puts a socket into the rooms of its session, or into that of everybody.
 *
 * @returns What the client is told of them, and what sends it what it missed in them.
 */
async function enterRooms(
  { membership }: HubSocket,
  session: Session | undefined,
  hello: Hello | undefined,
): Promise<{ welcome: object; release(): void }> {
  if (session?.isResumed) {
    const { rooms, release } = await membership.resume(session, hello!.offsets);
    return { welcome: { rooms }, release };
  }
  const offset = await membership.begin();
  await session?.save();
  return { welcome: { offset }, release: () => {} };
}

function parseHello(data: unknown): Hello | undefined {
  const { session, rooms } = (data ?? {}) as { session?: unknown; rooms?: unknown };
  if (session !== undefined && typeof session !== 'string') return undefined;
  if (rooms !== undefined && (typeof rooms !== 'object' || rooms === null)) return undefined;
  const offsets = Object.entries(rooms ?? {});
  if (!offsets.every(([, offset]) => isOffset(offset))) return undefined;
  return { token: session, offsets: new Map(offsets) };
}

/** @throws {HubError} BAD_MESSAGE: the data names no room. */
function roomIn(data: unknown): string {
  const { room } = (data ?? {}) as { room?: unknown };
  if (isApplicationRoom(room)) return room;
  throw new HubError('BAD_MESSAGE', 'The data names no room');
}
