import type { SessionRecord } from '../hub/adapter.ts';
import { ExpiringMap } from '../hub/expiring-map.ts';
import { isOffset } from '../wire/index.ts';
import { inChunks } from './in-chunks.ts';
import type { RedisKeys } from './redis-keys.ts';
import type { RedisLink } from './redis-link.ts';
import { CLAIM_SESSION, END_SESSION, READ_ANSWER, SAVE_ANSWER, SAVE_SESSION } from './redis-script.ts';

interface Released {
  readonly record: SessionRecord;
  readonly until: number;
}

/** A session that was claimed, and which node had it until now. */
export interface Claimed {
  readonly record: SessionRecord;
  readonly owner: string | undefined;
}

/**
 * The sessions of clients, and the answers to their reliable events. What this node has to do with is known here too: so it
 * is written again after Redis was out of reach or has lost it, and clients come back to their own node meanwhile.
 */
export class SessionStore {
  readonly #link: RedisLink;
  readonly #keys: RedisKeys;
  readonly #nodeId: string;
  readonly #ageMs: number;
  /** Those whose clients are connected to this node. */
  readonly #held = new Map<string, SessionRecord>();
  /** Those whose clients are gone, and until when they may come back. */
  readonly #released = new Map<string, Released>();
  /** Those that are over, and until when they may still be in Redis. */
  readonly #dropped = new Map<string, { readonly until: number }>();
  readonly #answers: ExpiringMap<string>;

  constructor(link: RedisLink, keys: RedisKeys, nodeId: string, ageMs: number) {
    this.#link = link;
    this.#keys = keys;
    this.#nodeId = nodeId;
    this.#ageMs = ageMs;
    this.#answers = new ExpiringMap(ageMs);
  }

  async save(secret: string, record: SessionRecord): Promise<void> {
    this.#hold(secret, record);
    await this.#write(secret, record);
  }

  async release(secret: string): Promise<void> {
    const record = this.#held.get(secret);
    if (record === undefined) return;
    this.#held.delete(secret);
    forgetOld(this.#released);
    this.#released.set(secret, { record, until: Date.now() + this.#ageMs });
    if ((await this.#end(secret, this.#ageMs)) === 0) this.#released.delete(secret);
  }

  async claim(secret: string, identity: string): Promise<Claimed | undefined> {
    await this.#link.whenUp();
    try {
      const found = await this.#link.run(
        CLAIM_SESSION,
        [this.#keys.session(secret)],
        [this.#nodeId, identity, String(this.#heldLifeMs)],
      );
      if (!Array.isArray(found)) return undefined;
      const [text, owner] = found as [string, string];
      const record = readRecord(text);
      if (record === undefined) return undefined;
      this.#hold(secret, record);
      return { record, owner: owner === this.#nodeId ? undefined : owner };
    } catch {
      return this.#claimHere(secret, identity);
    }
  }

  async drop(secret: string): Promise<void> {
    this.#held.delete(secret);
    this.#released.delete(secret);
    if ((await this.#end(secret, 0)) !== undefined) return;
    forgetOld(this.#dropped);
    this.#dropped.set(secret, { until: Date.now() + this.#heldLifeMs });
  }

  async saveAnswer(socketId: string, key: string, answer: string): Promise<void> {
    const name = this.#keys.answer(socketId, key);
    this.#answers.set(name, answer);
    try {
      await this.#link.run(SAVE_ANSWER, [name], [answer, String(this.#ageMs)]);
    } catch {
      // This node knows it.
    }
  }

  async answerTo(socketId: string, key: string): Promise<string | undefined> {
    const name = this.#keys.answer(socketId, key);
    try {
      return (
        this.#answers.get(name) ?? ((await this.#link.run(READ_ANSWER, [name], [])) as string) ?? undefined
      );
    } catch {
      return undefined;
    }
  }

  /** Writes down what Redis may not know. */
  async restore(): Promise<void> {
    forgetOld(this.#dropped);
    const dropped = [...this.#dropped.keys()];
    this.#dropped.clear();
    await inChunks(dropped, (secret) => this.drop(secret));
    await this.refresh();
    await inChunks([...this.#released], ([secret, released]) => this.#restoreReleased(secret, released));
  }

  /** Lets the sessions of this node live on. */
  async refresh(): Promise<void> {
    forgetOld(this.#released);
    await inChunks([...this.#held], ([secret, record]) => this.#write(secret, record));
  }

  async #restoreReleased(secret: string, { record, until }: Released): Promise<void> {
    const isOurs = await this.#write(secret, record);
    // Its client may be back by now.
    if (!this.#released.has(secret)) return;
    if (isOurs === 0) this.#released.delete(secret);
    else await this.#end(secret, Math.max(0, until - Date.now()));
  }

  /** While its client is connected a session has time for the next refresh, and `ageMs` after it. */
  get #heldLifeMs(): number {
    return this.#ageMs * 2;
  }

  #hold(secret: string, record: SessionRecord): void {
    this.#released.delete(secret);
    this.#held.set(secret, record);
  }

  /** Without Redis a client may go on with what this node knows of it. */
  #claimHere(secret: string, identity: string): Claimed | undefined {
    forgetOld(this.#released);
    const record = this.#held.get(secret) ?? this.#released.get(secret)?.record;
    if (record?.identity !== identity) return undefined;
    this.#hold(secret, record);
    return { record, owner: undefined };
  }

  #write(secret: string, record: SessionRecord): Promise<unknown> {
    const args = [this.#nodeId, JSON.stringify(record), record.identity, String(this.#heldLifeMs)];
    return this.#tryTo(SAVE_SESSION, secret, args);
  }

  #end(secret: string, lifeMs: number): Promise<unknown> {
    return this.#tryTo(END_SESSION, secret, [this.#nodeId, String(lifeMs)]);
  }

  /** Returns `undefined` when Redis is out of reach. */
  async #tryTo(script: typeof SAVE_SESSION, secret: string, args: readonly string[]): Promise<unknown> {
    try {
      return await this.#link.run(script, [this.#keys.session(secret)], args);
    } catch {
      return undefined;
    }
  }
}

/** Reads a session; `undefined` for what is none, such as what other versions write. @throws {SyntaxError} It is not JSON. */
function readRecord(text: string): SessionRecord | undefined {
  const { socketId, identity, rooms } = (JSON.parse(text) ?? {}) as Partial<SessionRecord>;
  const isWhole = typeof socketId === 'string' && typeof identity === 'string' && isPlaces(rooms);
  return isWhole ? { socketId, identity, rooms } : undefined;
}

function isPlaces(rooms: unknown): rooms is SessionRecord['rooms'] {
  return typeof rooms === 'object' && rooms !== null && Object.values(rooms).every(isOffset);
}

/** Lets those go whose time is over; they are in the order of it. */
function forgetOld(entries: Map<string, { readonly until: number }>): void {
  for (const [key, { until }] of entries) {
    if (until >= Date.now()) return;
    entries.delete(key);
  }
}
