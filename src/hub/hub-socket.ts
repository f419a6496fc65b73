import type { PreparedMessage, WebSocket } from '../index.ts';
import {
  assertEventType,
  type Contract,
  type DataArguments,
  type HubClose,
  HubCloseCode,
  HubError,
  hubErrorFrom,
  type OpenContract,
  PendingRequests,
  type ReplyTo,
  type RequestOptions,
  type TypeIn,
  type WireMessage,
} from '../wire/index.ts';
import { Membership, type MembershipHost } from './membership.ts';
import type { HubLimits } from './options.ts';
import type { Peer } from './peer.ts';
import { randomId, type Session } from './session.ts';

export interface EmitOptions {
  /** Whether it may be dropped where the client reads too slowly. */
  readonly volatile?: boolean | undefined;
}

/** What a socket is made of. */
export interface SocketParts<Context> {
  readonly context: Context;
  readonly address: string;
  readonly peer: Peer;
  /** Of a client that said $hello. */
  readonly session: Session | undefined;
  readonly host: MembershipHost;
  readonly limits: Pick<HubLimits, 'roomsPerSocket' | 'pendingRequests'>;
}

/** One client of a hub. */
export class HubSocket<C extends Contract = OpenContract, Context = unknown> {
  /** Unguessable, and the same again when the client comes back to its session. */
  readonly id: string;
  /** What `authorize` returned. */
  readonly context: Context;
  /** The client's address, as far as trusted proxies tell it. */
  readonly address: string;
  /** @internal */
  readonly membership: Membership;
  readonly #peer: Peer;
  readonly #pending: PendingRequests;

  /** @internal */
  constructor({ context, address, peer, session, host, limits }: SocketParts<Context>) {
    this.id = session?.socketId ?? randomId();
    this.context = context;
    this.address = address;
    this.#peer = peer;
    this.#pending = new PendingRequests(limits.pendingRequests);
    this.membership = new Membership(host, this as unknown as HubSocket, session, limits.roomsPerSocket);
  }

  /** Whether messages still reach the client. */
  get connected(): boolean {
    return this.#peer.isOpen;
  }

  /** The names of the rooms that it is in. */
  get rooms(): ReadonlySet<string> {
    return this.membership.names;
  }

  /** @internal */
  get connection(): WebSocket {
    return this.#peer.connection;
  }

  /** How long the last ping of the heartbeat took to its pong, in milliseconds; `undefined` before there is one. */
  get latencyMs(): number | undefined {
    return this.#peer.latencyMs;
  }

  /**
   * Sends an event to this client. It is not kept: a client that is away does not get it.
   *
   * @throws {TypeError} The type is one of the protocol's, or too long; or the data is no JSON.
   */
  emit<Type extends TypeIn<C['server']>>(
    type: Type,
    ...[data, options]: DataArguments<C['server'], Type, [options?: EmitOptions]>
  ): void {
    assertEventType(type);
    if (options?.volatile && this.#peer.isSlow) return;
    this.#peer.send({ type, data });
  }

  /**
   * Sends an event to this client, and returns its answer.
   *
   * @returns Rejects with a {@link HubError}: what the client answered, TIMEOUT, ABORTED, CLOSED or TOO_MANY_PENDING.
   * @throws {TypeError} As {@link emit}.
   */
  request<Type extends TypeIn<C['server']>>(
    type: Type,
    ...[data, options]: DataArguments<C['server'], Type, [options?: RequestOptions]>
  ): Promise<ReplyTo<C['server'], Type>> {
    assertEventType(type);
    if (!this.connected) return Promise.reject(new HubError('CLOSED'));
    const answer = this.#pending.start((id) => this.#peer.send({ type, data, id }), options);
    return answer as Promise<ReplyTo<C['server'], Type>>;
  }

  /**
   * Puts the client into a room.
   *
   * @returns Settles when it gets what is sent from any node; what this node sends, it gets at once. Rejects with a
   *   {@link HubError} TOO_MANY_ROOMS, a TypeError where `room` is no name of a room, or what the adapter fails with.
   */
  join(room: string): Promise<void> {
    return this.membership.join(room);
  }

  /** Takes the client out of a room. */
  leave(room: string): void {
    this.membership.leave(room);
  }

  /** Closes the connection, by default for good: the client does not come back (RFC 6455 §7.4). */
  close(close: Pick<HubClose, 'code' | 'meaning'> = HubCloseCode.NORMAL): void {
    this.#peer.close(close);
  }

  /** Makes room for a newer connection of the same session: this one is over when it returns. @internal */
  replace(): void {
    this.#peer.replace();
  }

  /** Takes the client's answer to a request. @internal */
  onAnswer({ type, id, data }: WireMessage): void {
    if (id === undefined) return;
    if (type === '$reply') this.#pending.resolve(id, data);
    else this.#pending.reject(id, hubErrorFrom(data));
  }

  /** Lets go of everything; `replaced` as in {@link Membership.end}. @internal */
  end(how: { replaced: boolean }): void {
    this.membership.end(how);
    this.#pending.rejectAll(new HubError('CLOSED'));
  }

  /** @internal */
  send(message: WireMessage): void {
    this.#peer.send(message);
  }

  /** Sends a message of a room. @internal */
  deliver(message: PreparedMessage, volatile: boolean): void {
    if (!volatile || !this.#peer.isSlow) this.#peer.sendPrepared(message);
  }
}
