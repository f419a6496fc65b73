import type { IncomingMessage } from 'node:http';
import { reportHubConnect, reportHubDisconnect } from '../diagnostics/hub-reports.ts';
import type { WebSocket } from '../index.ts';
import {
  type Contract,
  type DataArguments,
  EVERYBODY,
  type HubClose,
  type OpenContract,
  type TypeIn,
} from '../wire/index.ts';
import {
  EMPTIED,
  type MaybePromise,
  type Member,
  type NodeRequest,
  type RoomEntry,
  roomKey,
} from './adapter.ts';
import { Conversation } from './conversation.ts';
import { type CheckedHandler, type Handler, type HandlerOptions, Handlers } from './handlers.ts';
import type { HubHost } from './hub-host.ts';
import type { EmitOptions, HubSocket } from './hub-socket.ts';
import type { MembershipHost } from './membership.ts';
import type { NamespaceOptions } from './options.ts';
import { type PresenceChange, presenceMessage } from './presence-message.ts';
import { bodyOf } from './room-frame.ts';
import { assertRoom } from './room-name.ts';
import { type RoomReach, RoomTarget } from './room-target.ts';
import { Rooms } from './rooms.ts';
import type { StandardSchema } from './standard-schema.ts';

/** A client that was let in. */
export interface Admitted<Context> {
  readonly ws: WebSocket;
  readonly request: IncomingMessage;
  readonly context: Context;
  readonly address: string;
  /** Whether it will say $hello. */
  readonly speaksHub: boolean;
}

export type OnConnection<C extends Contract, Context> = (
  socket: HubSocket<C, Context>,
  request: IncomingMessage,
) => void;
export type OnDisconnect<C extends Contract, Context> = (
  socket: HubSocket<C, Context>,
  close: { readonly code: number; readonly reason: string },
) => void;

/** The clients of one path: their handlers, their rooms, how they are let in. */
export class Namespace<C extends Contract = OpenContract, Context = unknown> {
  readonly path: string;
  /** @internal */
  readonly options: NamespaceOptions<Context>;
  /** @internal */
  readonly host: HubHost;
  /** @internal */
  readonly handlers = new Handlers();
  /** @internal */
  readonly rooms: Rooms;
  /** @internal */
  readonly membershipHost: MembershipHost;
  readonly #reach: RoomReach;
  readonly #sockets = new Map<string, HubSocket>();
  readonly #onConnection = new Set<OnConnection<C, Context>>();
  readonly #onDisconnect = new Set<OnDisconnect<C, Context>>();

  /** @internal */
  constructor(path: string, host: HubHost, options: NamespaceOptions<Context>) {
    this.path = path;
    this.host = host;
    this.options = options;
    this.rooms = new Rooms(path, host.adapter, host.historyCount);
    this.membershipHost = this.#createMembershipHost();
    this.#reach = this.#createReach();
  }

  /** The sockets of this node, by their ids. */
  get sockets(): ReadonlyMap<string, HubSocket<C, Context>> {
    return this.#sockets as unknown as ReadonlyMap<string, HubSocket<C, Context>>;
  }

  /**
   * Sets the handler of a type of event; what it returns, or throws, is the answer where the client asked for one.
   *
   * @throws {TypeError} The type is one of the protocol's, is too long, or has a handler.
   */
  on<Type extends TypeIn<C['client']>>(type: Type, handler: Handler<C, Context, Type>): this;
  on<Type extends TypeIn<C['client']>, Schema extends StandardSchema>(
    type: Type,
    options: HandlerOptions<Schema>,
    handler: CheckedHandler<C, Context, Type, Schema>,
  ): this;
  on(type: string, options: unknown, checked?: (data: never, socket: never) => unknown): this {
    if (checked === undefined) this.handlers.set(type, undefined, options as () => unknown);
    else this.handlers.set(type, (options as HandlerOptions<StandardSchema>).data, checked);
    return this;
  }

  /** Removes the handler of a type. */
  off(type: TypeIn<C['client']>): this {
    this.handlers.delete(type);
    return this;
  }

  /** Calls back for each client that is connected, or connected again. */
  onConnection(callback: OnConnection<C, Context>): this {
    this.#onConnection.add(callback);
    return this;
  }

  /** Calls back for each client that is gone. */
  onDisconnect(callback: OnDisconnect<C, Context>): this {
    this.#onDisconnect.add(callback);
    return this;
  }

  /** Names a room to send to. @throws {TypeError} It is no name of a room. */
  to(room: string): RoomTarget<C, Context> {
    assertRoom(room);
    return this.#target(room);
  }

  /** The same as {@link to}, for reading: `hub.in(room).sockets()`. */
  in(room: string): RoomTarget<C, Context> {
    return this.to(room);
  }

  /** Sends an event to every client of the namespace, on all nodes. */
  emit<Type extends TypeIn<C['server']>>(
    type: Type,
    ...args: DataArguments<C['server'], Type, [options?: EmitOptions]>
  ): MaybePromise<void> {
    return this.#target(EVERYBODY).emit(type, ...args);
  }

  /** Lists who is in a room, on all nodes, where `presence` is set. */
  async members(room: string): Promise<readonly Member[]> {
    assertRoom(room);
    return this.host.adapter.members(roomKey(this.path, room));
  }

  /** Takes a client that was let in. @internal */
  accept(client: Admitted<Context>): void {
    // It lives as long as its connection, which calls it.
    new Conversation(this as unknown as Namespace, client);
  }

  /** Takes in a socket that can be spoken to; one of the same id is of an older connection. @internal */
  add(socket: HubSocket, request: IncomingMessage): void {
    this.replace(socket.id);
    this.#sockets.set(socket.id, socket);
    reportHubConnect(socket, this.path);
    for (const callback of this.#onConnection) {
      this.#guard(socket, () => callback(socket as unknown as HubSocket<C, Context>, request));
    }
  }

  /** Makes room for a newer connection of a session, here or on another node. @internal */
  replace(socketId: string): void {
    this.#sockets.get(socketId)?.replace();
  }

  /** Lets a socket go. @internal */
  remove(socket: HubSocket, close: { code: number; reason: string }): void {
    if (this.#sockets.get(socket.id) === socket) this.#sockets.delete(socket.id);
    reportHubDisconnect(socket, this.path);
    for (const callback of this.#onDisconnect) {
      this.#guard(socket, () => callback(socket as unknown as HubSocket<C, Context>, close));
    }
  }

  /** Sends an entry of a room's log to the sockets of this node. @internal */
  deliver(room: string, entry: RoomEntry): void {
    if (entry.type !== EMPTIED) this.rooms.get(room)?.deliver(entry);
  }

  /** Does for the sockets of this node what another node, or this one, asks for. @internal */
  answer(request: Exclude<NodeRequest, { kind: 'replace' }>, room: string): readonly string[] {
    const sockets = this.rooms.get(room)?.sockets ?? [];
    for (const socket of sockets) {
      if (request.kind === 'leave') socket.leave(room);
      else if (request.kind === 'close') socket.close({ code: request.code, meaning: request.reason });
    }
    return sockets.map(({ id }) => id);
  }

  /** A callback that throws must not keep others from what they are told. */
  #guard(socket: HubSocket, call: () => void): void {
    try {
      call();
    } catch (error) {
      this.host.onFailure(error, socket);
    }
  }

  #target(room: string): RoomTarget<C, Context> {
    return new RoomTarget<C, Context>(room, this.#reach);
  }

  #createReach(): RoomReach {
    const { host, path, rooms } = this;
    const ask = async (request: Exclude<NodeRequest, { kind: 'replace' }>, room: string) => {
      const here = this.answer(request, room);
      const others = (await host.adapter.ask(request)) as ReadonlyArray<readonly string[]>;
      return [...here, ...others.flat()];
    };
    return {
      send: (room, { type, data, except, volatile }) =>
        host.append({ room: roomKey(path, room), type, body: bodyOf(data), except, volatile }),
      socketsIn: (room) => rooms.get(room)?.sockets ?? [],
      ids: (room) => ask({ kind: 'sockets', room: roomKey(path, room) }, room),
      close: async (room, { code, meaning }: Pick<HubClose, 'code' | 'meaning'>) => {
        await ask({ kind: 'close', room: roomKey(path, room), code, reason: meaning }, room);
      },
      leave: async (room) => {
        const request = { kind: 'leave', room: roomKey(path, room) } as const;
        // Those of this node wait for nobody.
        this.answer(request, room);
        try {
          // Before the others are asked: a client that comes back is with those who are, or finds this.
          await host.append({
            room: request.room,
            type: EMPTIED,
            body: undefined,
            except: [],
            volatile: false,
          });
        } finally {
          await ask(request, room);
        }
      },
    };
  }

  #createMembershipHost(): MembershipHost {
    const { host, path, rooms, options } = this;
    return {
      path,
      rooms,
      adapter: host.adapter,
      keepsPresence: options.presence !== undefined,
      memberOf: (socket, room) => this.#memberOf(socket, room),
      announce: (room, change) => this.#announce(room, change),
      attempt: (work) => void host.attempt(work),
    };
  }

  #memberOf(socket: HubSocket, room: string): Member | undefined {
    const { presence } = this.options;
    let member: Member | undefined;
    if (presence !== undefined) {
      this.#guard(socket, () => {
        member = { id: socket.id, info: presence(socket as HubSocket<OpenContract, Context>, room) };
      });
    }
    return member;
  }

  #announce(room: string, change: PresenceChange): void {
    void this.host.append(presenceMessage(roomKey(this.path, room), change));
  }
}
