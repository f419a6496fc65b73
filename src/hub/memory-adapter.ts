import type { Offset } from '../wire/index.ts';
import type {
  Adapter,
  AdapterNode,
  HistoryLimits,
  Member,
  RoomHistory,
  RoomMessage,
  SessionRecord,
} from './adapter.ts';
import { ExpiringMap } from './expiring-map.ts';
import { RoomLog } from './room-log.ts';

/**
 * Keeps rooms and sessions in this process: the adapter of a hub with one node.
 *
 * @param now - A clock in milliseconds; for tests.
 */
export function memoryAdapter(now: () => number = Date.now): Adapter {
  return new MemoryAdapter(now);
}

class MemoryAdapter implements Adapter {
  readonly #now: () => number;
  #node!: AdapterNode;
  #history!: HistoryLimits;
  /** Of the rooms that somebody is in. */
  readonly #logs = new Map<string, RoomLog>();
  /** Of those that somebody may come back to: a session that has the room is over before its log is. */
  #idleLogs!: ExpiringMap<RoomLog>;
  readonly #members = new Map<string, Map<string, Member>>();
  /** Those whose clients are connected. */
  readonly #heldSessions = new Map<string, SessionRecord>();
  #releasedSessions!: ExpiringMap<SessionRecord>;
  #answers!: ExpiringMap<string>;

  constructor(now: () => number) {
    this.#now = now;
  }

  open(node: AdapterNode): void {
    const { ageMs } = node.history;
    this.#node = node;
    this.#history = node.history;
    this.#idleLogs = new ExpiringMap(ageMs, this.#now);
    this.#releasedSessions = new ExpiringMap(ageMs, this.#now);
    this.#answers = new ExpiringMap(ageMs, this.#now);
  }

  subscribe(room: string): void {
    this.#logs.set(room, this.#logOf(room) ?? new RoomLog(this.#history, `${this.#now()}-0`, this.#now));
    this.#idleLogs.delete(room);
  }

  unsubscribe(room: string): void {
    const log = this.#logs.get(room);
    this.#logs.delete(room);
    if (log !== undefined) this.#idleLogs.set(room, log);
  }

  /** In a room without a log nobody is, and nobody comes back to it. */
  append(message: RoomMessage): void {
    const { room, volatile } = message;
    const entry = volatile ? { ...message, offset: undefined } : this.#logOf(room)?.append(message);
    if (entry !== undefined && this.#logs.has(room)) this.#node.deliver(entry);
  }

  head(room: string): Offset {
    return this.#logOf(room)?.head ?? `${this.#now()}-0`;
  }

  entriesAfter(room: string, offset: Offset): RoomHistory {
    return this.#logOf(room)?.after(offset) ?? { entries: [], complete: false };
  }

  emptiedAt(room: string): Offset | undefined {
    return this.#logOf(room)?.emptiedAt;
  }

  saveSession(secret: string, record: SessionRecord): void {
    this.#heldSessions.set(secret, record);
  }

  releaseSession(secret: string): void {
    const record = this.#heldSessions.get(secret);
    if (record === undefined) return;
    this.#heldSessions.delete(secret);
    this.#releasedSessions.set(secret, record);
  }

  claimSession(secret: string, identity: string): SessionRecord | undefined {
    const record = this.#heldSessions.get(secret) ?? this.#releasedSessions.get(secret);
    if (record?.identity !== identity) return undefined;
    this.#releasedSessions.delete(secret);
    this.#heldSessions.set(secret, record);
    return record;
  }

  dropSession(secret: string): void {
    this.#heldSessions.delete(secret);
    this.#releasedSessions.delete(secret);
  }

  saveAnswer(socketId: string, key: string, answer: string): void {
    this.#answers.set(answerName(socketId, key), answer);
  }

  answerTo(socketId: string, key: string): string | undefined {
    return this.#answers.get(answerName(socketId, key));
  }

  enter(room: string, member: Member): void {
    const members = this.#members.get(room) ?? new Map<string, Member>();
    members.set(member.id, member);
    this.#members.set(room, members);
  }

  exit(room: string, id: string): void {
    const members = this.#members.get(room);
    members?.delete(id);
    if (members?.size === 0) this.#members.delete(room);
  }

  members(room: string): Member[] {
    return [...(this.#members.get(room)?.values() ?? [])];
  }

  ask(): readonly unknown[] {
    return [];
  }

  close(): void {
    this.#logs.clear();
    this.#idleLogs.clear();
    this.#heldSessions.clear();
    this.#releasedSessions.clear();
    this.#answers.clear();
  }

  #logOf(room: string): RoomLog | undefined {
    return this.#logs.get(room) ?? this.#idleLogs.get(room);
  }
}

/** A socket's id has no space in it. */
function answerName(socketId: string, key: string): string {
  return `${socketId} ${key}`;
}
