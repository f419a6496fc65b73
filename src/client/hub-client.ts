import {
  assertEventType,
  type Contract,
  type DataArguments,
  type DataOf,
  EVERYBODY,
  HubError,
  hubErrorFrom,
  isProtocolType,
  type Offset,
  type OpenContract,
  PendingRequests,
  parseBinaryMessage,
  parseMessage,
  type ReplyTo,
  type RequestOptions,
  SUBPROTOCOL,
  serializeMessage,
  type TypeIn,
  type WireMessage,
} from '../wire/index.ts';
import type { ProvidedUrl } from './attempt.ts';
import type { ConnectionState } from './client-events.ts';
import { type HubClientEvents, isHubClientEvent, type Member } from './hub-client-events.ts';
import type { ClientHeartbeat, Provided, ReconnectingOptions } from './options.ts';
import { readOptions } from './options.ts';
import { Outbox } from './outbox.ts';
import { ReconnectingWebSocket } from './reconnecting-websocket.ts';
import { type RoomAtReturn, RoomPositions } from './room-positions.ts';
import type { QueueLimits } from './send-queue.ts';
import { reportFailure, Topics } from './topics.ts';

export interface HubClientOptions extends Omit<ReconnectingOptions, 'heartbeat' | 'queue'> {
  /** What waits for a connection, or for an answer that must come. Default: 100 messages, 1 MiB, and `reject`. */
  readonly queue?: Partial<QueueLimits> | undefined;
  /** Subprotocols to offer besides the hub's, or a function as the URL may be one. */
  readonly protocols?: Provided<readonly string[]> | undefined;
  /** When the hub is asked for a sign of life, which measures the latency too; `false`: only once for each connection. */
  readonly heartbeat?: Omit<ClientHeartbeat, 'message'> | false | undefined;
}

/** What comes with an event. */
export interface EventContext {
  /** The room that it was sent to; `undefined` when it is for this client alone. */
  readonly room: string | undefined;
}

/** What a handler returns: anything, where no answer is meant. */
export type Answer<Reply> = undefined extends Reply ? unknown : Reply | PromiseLike<Reply>;

export interface ReliableOptions {
  /** Sends it again after each reconnect until it is answered; the hub handles it once as long as the session goes on. */
  readonly reliable: true;
  /** Gives it up. */
  readonly signal?: AbortSignal | undefined;
}

/** What `$hello` is answered with. */
interface Welcome {
  readonly id: string;
  readonly session: string;
  readonly resumed: boolean;
  /** Of a new session: where what goes to everybody begins. */
  readonly offset?: Offset;
  /** Of a session that goes on. */
  readonly rooms?: Readonly<Record<string, RoomAtReturn>>;
}

/** As many as a hub handles at a time: the others it would refuse. */
const DEFAULT_MAX_QUEUED = 100;
/** Requests that may wait for their answers. */
const MAX_PENDING = 1000;
/** The hub is trusted not to nest without end; what it sends at all, a browser's stack takes. */
const LIMITS = { maxDepth: 1000 };

/** A client of a hub: typed events, requests and rooms, over a connection that comes back and misses nothing. */
export class HubClient<C extends Contract = OpenContract> {
  readonly #socket: ReconnectingWebSocket;
  readonly #outbox: Outbox;
  readonly #pending = new PendingRequests(MAX_PENDING);
  /** What has to be done with an answer before the next message is looked at. */
  readonly #onAnswer = new Map<number, (answer: WireMessage) => void>();
  /** Requests whose answers can come on this connection only. */
  readonly #bound = new Set<number>();
  readonly #events = new Topics();
  readonly #own = new Topics();
  readonly #rooms = new RoomPositions();
  /** Rooms that the client joined by its own wish: it joins them again where a session is lost. */
  readonly #wished = new Set<string>();
  #session: Welcome | undefined;
  /** Whether the hub has answered `$hello` on this connection. */
  #isWelcome = false;
  #lastKey = 0;
  #latencyMs: number | undefined;

  /**
   * Connects.
   *
   * @param url - The hub's URL, or a function that returns one, or a promise of one: it is called for each attempt.
   * @throws {DOMException} SyntaxError: a bad URL, where it is no function.
   * @throws {TypeError} There is no WebSocket to connect with.
   */
  constructor(url: ProvidedUrl, options: HubClientOptions = {}) {
    const { heartbeat = {}, protocols } = options;
    this.#outbox = new Outbox(
      { ...readOptions({}).queue, maxMessages: DEFAULT_MAX_QUEUED, ...options.queue },
      {
        isWritable: () => this.#isWritable,
        write: (frame) => this.#socket.send(frame),
        onSent: ({ id }) => id !== undefined && this.#bound.add(id),
        onDropped: ({ type, data }) => this.#tell('dropped', { type, data }),
      },
    );
    this.#socket = new ReconnectingWebSocket(url, offer(protocols), {
      ...options,
      queue: undefined,
      heartbeat: heartbeat === false ? undefined : { ...heartbeat, message: () => this.#ping() },
      startClosed: true,
    });
    this.#socket.binaryType = 'arraybuffer';
    this.#listen();
    if (!options.startClosed) this.#socket.reconnect();
  }

  /** The client's id with the hub, the same again when its session goes on; `undefined` before the first connection. */
  get id(): string | undefined {
    return this.#session?.id;
  }

  /** What the client does now; it is `connected` when the hub knows it. */
  get state(): ConnectionState {
    const { state } = this.#socket;
    if (state !== 'connected' || this.#isWelcome) return state;
    return this.#session === undefined ? 'connecting' : 'reconnecting';
  }

  /** The rooms that the client is in. */
  get rooms(): string[] {
    return this.#rooms.names.filter((room) => !isProtocolType(room));
  }

  /** The time to the hub and back, in milliseconds; `undefined` before the first ping is answered. */
  get latencyMs(): number | undefined {
    return this.#latencyMs;
  }

  /**
   * Listens to what the hub sends, or to what happens to the client. What a handler returns is the answer where the hub
   * asked for one, with several handlers the first that is not `undefined`.
   *
   * @returns What ends it.
   */
  on<Name extends keyof HubClientEvents>(
    name: Name,
    handler: (event: HubClientEvents[Name]) => unknown,
  ): () => void;
  on<Type extends TypeIn<C['server']>>(
    type: Type,
    handler: (data: DataOf<C['server'], Type>, context: EventContext) => Answer<ReplyTo<C['server'], Type>>,
  ): () => void;
  on(type: string, handler: (...args: never[]) => unknown): () => void {
    if (isHubClientEvent(type)) return this.#own.on(type, handler);
    assertEventType(type);
    return this.#events.on(type, handler);
  }

  /**
   * Sends an event; while there is no connection it waits. Without `reliable` it is lost with a connection that breaks.
   *
   * @returns With `reliable` the hub's answer; rejects with a {@link HubError}: the hub's, CLOSED or ABORTED.
   * @throws {TypeError} The type is one of the protocol's, or too long.
   * @throws {DOMException} QuotaExceededError: too much waits for a connection.
   */
  emit<Type extends TypeIn<C['client']>>(
    type: Type,
    data: DataOf<C['client'], Type>,
    options: ReliableOptions,
  ): Promise<ReplyTo<C['client'], Type>>;
  emit<Type extends TypeIn<C['client']>>(type: Type, ...[data]: DataArguments<C['client'], Type>): void;
  emit(type: string, data?: unknown, options?: ReliableOptions): unknown {
    assertEventType(type);
    if (!options?.reliable) return this.#outbox.post({ type, data }, { isRepeated: false });
    const key = String(++this.#lastKey);
    const answer = this.#ask({ type, data, key }, { timeoutMs: 0, signal: options.signal });
    // Who is not interested in the answer need not handle its failure.
    answer.catch(() => {});
    return answer;
  }

  /**
   * Sends an event and returns the hub's answer. While there is no connection it waits, as long as its time lasts.
   *
   * @returns Rejects with a {@link HubError}: what the hub answered, TIMEOUT, ABORTED, TOO_MANY_PENDING, or CLOSED, when
   *   the connection broke and nobody knows whether the hub got it.
   * @throws {TypeError} The type is one of the protocol's, or too long.
   */
  request<Type extends TypeIn<C['client']>>(
    type: Type,
    ...[data, options]: DataArguments<C['client'], Type, [options?: RequestOptions]>
  ): Promise<ReplyTo<C['client'], Type>> {
    assertEventType(type);
    return this.#ask({ type, data }, options) as Promise<ReplyTo<C['client'], Type>>;
  }

  /** Joins a room, where the hub allows it. Rejects with a {@link HubError}: FORBIDDEN, TOO_MANY_ROOMS, CLOSED. */
  join(room: string): Promise<void> {
    return this.#askFor('$join', room, ({ type, data }) => {
      if (type === '$reply') this.#onJoined(room, data);
      else this.#tell('refused', hubErrorFrom(data));
    });
  }

  /** Leaves a room; one that it is not in, is left already. Rejects with a {@link HubError} CLOSED. */
  leave(room: string): Promise<void> {
    this.#wished.delete(room);
    return this.#askFor('$leave', room, () => {
      if (this.#rooms.has(room)) this.#onLeft(room);
    });
  }

  /**
   * Lists who is in a room that the client is in, where the hub keeps presence.
   *
   * @returns Rejects with a {@link HubError}: NOT_JOINED, TIMEOUT, CLOSED.
   */
  members(room: string): Promise<readonly Member[]> {
    return this.#ask({ type: '$members', data: { room } }, undefined) as Promise<readonly Member[]>;
  }

  /** Connects now, with retries counted anew. */
  reconnect(): void {
    this.#socket.reconnect();
  }

  /** Closes for good: the session ends, and what waits for an answer is rejected with CLOSED. */
  close(): void {
    this.#session = undefined;
    this.#rooms.clear();
    this.#wished.clear();
    this.#socket.close(1000);
    if (this.#socket.readyState === this.#socket.CLOSED) this.#giveUp();
  }

  #listen(): void {
    const socket = this.#socket;
    socket.addEventListener('open', () => this.#hello());
    socket.addEventListener('message', ({ data }) => this.#receive(data));
    socket.on('state', () => {
      if (socket.state !== 'connected') this.#onConnectionLost();
      this.#tell('state', undefined);
    });
    socket.addEventListener('error', ({ error }) => this.#tell('attemptFailed', { error }));
    socket.on('disconnected', ({ code, reason, wasClean, willReconnect }) =>
      this.#tell('disconnected', { code, reason, wasClean, willReconnect }),
    );
    socket.on('reconnecting', ({ attempt, delayMs }) => this.#tell('reconnecting', { attempt, delayMs }));
    socket.on('maxRetriesReached', ({ attempts }) => this.#tell('maxRetriesReached', { attempts }));
  }

  #hello(): void {
    const data = { session: this.#session?.session, rooms: this.#rooms.offsets };
    this.#askNow({ type: '$hello', data }, (answer) => {
      if (answer.type === '$reply') this.#onWelcome(answer.data as Welcome);
      else {
        this.#tell('refused', hubErrorFrom(answer.data));
        this.close();
      }
    });
  }

  #onWelcome(welcome: Welcome): void {
    const before = this.#session;
    this.#session = welcome;
    this.#isWelcome = true;
    const lost = welcome.resumed ? [] : this.#rooms.names;
    const left = this.#rooms.resume(welcome.rooms ?? {});
    if (!welcome.resumed) this.#rooms.enter(EVERYBODY, welcome.offset);
    this.#tell('state', undefined);
    this.#tell('connected', { id: welcome.id, resumed: welcome.resumed });
    if (before !== undefined) this.#tellLosses(welcome, lost, left);
    // Who was told may have closed it, or begun anew.
    if (!this.#isWelcome) return;
    for (const room of this.#wished) if (!this.#rooms.has(room)) this.#rejoin(room);
    this.#outbox.open();
    this.#ping();
  }

  #tellLosses({ resumed, rooms = {} }: Welcome, lost: readonly string[], left: readonly string[]): void {
    const gaps = Object.entries(rooms).filter(([, { gap }]) => gap);
    for (const room of [...lost, ...gaps.map(([name]) => name)]) this.#tell('gap', { room });
    if (resumed) for (const room of left) this.#onLeft(room);
  }

  /** Goes back into a room that was lost with the session; where it is not allowed any more, the client has left it. */
  #rejoin(room: string): void {
    this.#askNow({ type: '$join', data: { room } }, ({ type, data }) => {
      if (type === '$reply') this.#onJoined(room, data);
      else this.#onLeft(room);
    });
  }

  #onJoined(room: string, data: unknown): void {
    const isNew = !this.#rooms.has(room);
    this.#rooms.enter(room, (data as { offset?: Offset }).offset);
    this.#wished.add(room);
    if (isNew) this.#tell('joined', { room });
  }

  #onLeft(room: string): void {
    this.#rooms.leave(room);
    this.#wished.delete(room);
    this.#tell('left', { room });
  }

  #askFor(type: '$join' | '$leave', room: string, onAnswer: (answer: WireMessage) => void): Promise<void> {
    const answer = this.#ask({ type, data: { room } }, { timeoutMs: 0 }, onAnswer).then(
      () => {},
      (error: HubError) => {
        if (error.code !== 'NOT_JOINED') throw error;
      },
    );
    // There are events for who does not wait for it.
    answer.catch(() => {});
    return answer;
  }

  /** Sends a request through the outbox; one with a key, or of the protocol, is repeated until it is answered. */
  #ask(
    message: WireMessage,
    options: RequestOptions | undefined,
    onAnswer?: (answer: WireMessage) => void,
  ): Promise<unknown> {
    const isRepeated = message.key !== undefined || isProtocolType(message.type);
    let requestId: number | undefined;
    const answer = this.#pending.start((id) => {
      requestId = id;
      if (onAnswer) this.#onAnswer.set(id, onAnswer);
      this.#outbox.post({ ...message, id }, { isRepeated });
    }, options);
    return answer.finally(() => requestId !== undefined && this.#forget(requestId));
  }

  get #isWritable(): boolean {
    return this.#socket.readyState === this.#socket.OPEN;
  }

  /** Sends a request of this connection, past all that waits. */
  #askNow(message: WireMessage, onAnswer: (answer: WireMessage) => void): void {
    const answer = this.#pending.start(
      (id) => {
        this.#bound.add(id);
        this.#onAnswer.set(id, onAnswer);
        // What the socket kept would go out before the next `$hello`.
        if (this.#isWritable) this.#socket.send(serializeMessage({ ...message, id }));
      },
      { timeoutMs: 0 },
    );
    // What has to be done is done by `onAnswer`, or when the connection ends.
    answer.catch(() => {});
  }

  #forget(id: number): void {
    this.#onAnswer.delete(id);
    this.#bound.delete(id);
    this.#outbox.settle(id);
  }

  /** Measures the way to the hub and back. */
  #ping(): undefined {
    if (!this.#isWelcome) return;
    const sent = performance.now();
    this.#askNow({ type: '$ping' }, () => {
      this.#latencyMs = performance.now() - sent;
      this.#tell('latency', { latencyMs: this.#latencyMs });
    });
  }

  #receive(frame: string | ArrayBuffer): void {
    let message: WireMessage;
    try {
      message =
        typeof frame === 'string'
          ? parseMessage(frame, LIMITS)
          : parseBinaryMessage(new Uint8Array(frame), LIMITS);
    } catch (error) {
      this.#tell('refused', error as HubError);
      return;
    }
    if (isProtocolType(message.type)) this.#onProtocolMessage(message);
    else if (this.#rooms.accept(message)) this.#onEvent(message);
  }

  #onProtocolMessage(message: WireMessage): void {
    const { type, data } = message;
    const { room } = (data ?? {}) as { room: string };
    if (type === '$reply' || type === '$error') this.#onReply(message);
    else if (type === '$gap') {
      this.#rooms.gap(room);
      this.#tell('gap', { room });
    } else if (type === '$joined') {
      this.#rooms.enter(room, (data as { offset: Offset }).offset);
      this.#tell('joined', { room });
    } else if (type === '$left') this.#onLeft(room);
    else if (type === '$presence') {
      this.#tell('presence', { ...(data as object), room: message.room! });
    }
  }

  #onReply(answer: WireMessage): void {
    const { type, id, data } = answer;
    if (id === undefined) {
      this.#tell('refused', hubErrorFrom(data));
      return;
    }
    const onAnswer = this.#onAnswer.get(id);
    this.#forget(id);
    onAnswer?.(answer);
    if (type === '$reply') this.#pending.resolve(id, data);
    else this.#pending.reject(id, hubErrorFrom(data));
  }

  #onEvent(message: WireMessage): void {
    const context = { room: message.room };
    if (message.id === undefined) this.#events.emit(message.type, message.data, context);
    else void this.#answer(message, context);
  }

  /** Answers a request of the hub, on the connection that it came on. */
  async #answer({ type, id, data }: WireMessage, context: EventContext): Promise<void> {
    const session = this.#session;
    const answer = await this.#answerOf(type, data, context);
    if (this.#session === session && this.#isWelcome) {
      this.#outbox.answer({ ...answer, id });
    }
  }

  async #answerOf(type: string, data: unknown, context: EventContext): Promise<WireMessage> {
    const handlers = this.#events.of(type) as Array<(data: unknown, context: EventContext) => unknown>;
    try {
      if (handlers.length === 0) throw new HubError('UNKNOWN_TYPE');
      const replies = await Promise.all(handlers.map(async (handler) => handler(data, context)));
      return { type: '$reply', data: replies.find((reply) => reply !== undefined) };
    } catch (error) {
      if (!(error instanceof HubError)) reportFailure(error);
      const { code, message, details } = error instanceof HubError ? error : new HubError('INTERNAL');
      return { type: '$error', data: { code, message, details } };
    }
  }

  #onConnectionLost(): void {
    this.#isWelcome = false;
    this.#outbox.close();
    for (const id of this.#bound) {
      this.#onAnswer.delete(id);
      this.#pending.reject(id, new HubError('CLOSED'));
    }
    this.#bound.clear();
    if (this.#socket.state === 'closed') this.#giveUp();
  }

  /** The client does not come back by itself: nobody is left to wait. */
  #giveUp(): void {
    this.#outbox.clear();
    this.#onAnswer.clear();
    this.#pending.rejectAll(new HubError('CLOSED'));
  }

  #tell<Name extends keyof HubClientEvents>(name: Name, event: HubClientEvents[Name]): void {
    this.#own.emit(name, event);
  }
}

/** The subprotocols to offer: the hub's first. */
function offer(protocols: HubClientOptions['protocols']): Provided<string[]> {
  if (typeof protocols === 'function') return async () => [SUBPROTOCOL, ...(await protocols())];
  return [SUBPROTOCOL, ...(protocols ?? [])];
}
