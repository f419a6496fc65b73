import { createHash, randomBytes } from 'node:crypto';
import type { Offset } from '../wire/index.ts';
import type { Adapter, MaybePromise, SessionRecord } from './adapter.ts';

/** 128 bits: nobody guesses them (RFC 4086 §8). */
const ID_BYTES = 16;

/** Makes an unguessable id, of 22 characters. */
export function randomId(): string {
  return randomBytes(ID_BYTES).toString('base64url');
}

/** Whose a session is: of a namespace, and of what the application tells its clients apart by; not to be read by who reads the adapter's store. */
export function identityOf(path: string, identity: unknown): string {
  return hash(JSON.stringify([path, identity]));
}

/** What a hub knows of one client, for as long as it may come back. */
export class Session {
  /** What the client shows when it comes back. */
  readonly token: string;
  readonly socketId: string;
  /** Whether the client has come back to it. */
  readonly isResumed: boolean;
  readonly #identity: string;
  readonly #rooms: Map<string, Offset>;
  readonly #adapter: Adapter;
  /** What the adapter knows it by: who reads its store cannot come back with it. */
  readonly #secret: string;

  private constructor(
    adapter: Adapter,
    token: string,
    { socketId, identity, rooms }: SessionRecord,
    isResumed: boolean,
  ) {
    this.#adapter = adapter;
    this.token = token;
    this.isResumed = isResumed;
    this.socketId = socketId;
    this.#identity = identity;
    this.#rooms = new Map(Object.entries(rooms));
    this.#secret = hash(token);
  }

  /** Begins a session. */
  static begin(adapter: Adapter, identity: string): Session {
    return new Session(adapter, randomId(), { socketId: randomId(), identity, rooms: {} }, false);
  }

  /** Goes on with the session that `token` shows, if it is of this identity and is not over. */
  static async resume(adapter: Adapter, token: string, identity: string): Promise<Session | undefined> {
    const record = await adapter.claimSession(hash(token), identity);
    return record && new Session(adapter, token, record, true);
  }

  /** The keys of the rooms that the client is in, with the places in their logs at which it came. */
  get rooms(): ReadonlyMap<string, Offset> {
    return this.#rooms;
  }

  addRoom(key: string, offset: Offset): MaybePromise<void> {
    this.#rooms.set(key, offset);
    return this.save();
  }

  deleteRoom(key: string): MaybePromise<void> {
    this.#rooms.delete(key);
    return this.save();
  }

  /** Writes the session down. */
  save(): MaybePromise<void> {
    return this.#adapter.saveSession(this.#secret, {
      socketId: this.socketId,
      identity: this.#identity,
      rooms: Object.fromEntries(this.#rooms),
    });
  }

  /** The client is gone, and may come back. */
  release(): MaybePromise<void> {
    return this.#adapter.releaseSession(this.#secret);
  }

  /** The client is gone for good. */
  end(): MaybePromise<void> {
    return this.#adapter.dropSession(this.#secret);
  }
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('base64url');
}
