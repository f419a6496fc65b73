import {
  type Adapter,
  type AdapterNode,
  EMPTIED,
  type Member,
  type NodeRequest,
  type RoomEntry,
  type RoomHistory,
  type RoomMessage,
  type SessionRecord,
} from '../hub/adapter.ts';
import { type PresenceChange, presenceMessage } from '../hub/presence-message.ts';
import { readRoomMessage, writeRoomMessage } from '../hub/room-message-text.ts';
import { HubError, type Offset, START } from '../wire/index.ts';
import { Backlog, type BacklogLimits, DEFAULT_BACKLOG } from './backlog.ts';
import { inChunks } from './in-chunks.ts';
import { NodeRegistry } from './node-registry.ts';
import { connectorTo, type RedisSource } from './redis-client.ts';
import { RedisKeys } from './redis-keys.ts';
import { RedisLink } from './redis-link.ts';
import { type CursorHost, RoomCursor } from './room-cursor.ts';
import { RoomMembers } from './room-members.ts';
import { RoomWriter, type WriterHost } from './room-writer.ts';
import { SessionStore } from './session-store.ts';
import { LOST, readPublished, StreamLog } from './stream-log.ts';
import { Subscriptions } from './subscriptions.ts';

export type RedisAdapterOptions = RedisSource & {
  /** What the names of all keys and channels begin with; default `hawser`. Hubs with the same one are one cluster. */
  readonly prefix?: string | undefined;
  /** How long Redis may take to answer, or to pass a message on, before it is out of reach, in milliseconds; default 2,000. */
  readonly timeoutMs?: number | undefined;
  /** How often a node says that it lives, in milliseconds; default 1,000. It is believed to be gone after 5 times that. */
  readonly heartbeatMs?: number | undefined;
  /** How often rooms are compared with their logs, in case that a message got lost on its way, in milliseconds; default 10,000. */
  readonly auditMs?: number | undefined;
  /** How long other nodes may take to answer, in milliseconds; default 2,000. */
  readonly requestTimeoutMs?: number | undefined;
  /** How much may wait for Redis; what is too much reaches this node's sockets only. Default 50,000 messages, 64 MiB. */
  readonly backlog?: Partial<BacklogLimits> | undefined;
};

const DEFAULTS = {
  prefix: 'hawser',
  timeoutMs: 2_000,
  heartbeatMs: 1_000,
  auditMs: 10_000,
  requestTimeoutMs: 2_000,
};

/** So many heartbeats may fail to come. */
const BEATS_OF_LIFE = 5;

/**
 * Makes one cluster of all hubs that use the same Redis (6.2 or later; a Redis Cluster of 7 or later), by the package
 * `redis` or `ioredis`: docs/scaling.md.
 *
 * While Redis is out of reach, rooms go on within each node; what they missed of each other follows when it is back.
 */
export function redisAdapter(options: RedisAdapterOptions): Adapter {
  return new RedisAdapter(options);
}

class RedisAdapter implements Adapter {
  readonly #source: RedisSource;
  readonly #times: typeof DEFAULTS;
  readonly #backlogLimits: BacklogLimits;
  readonly #backlog: Backlog;
  readonly #keys: RedisKeys;
  readonly #link: RedisLink;
  readonly #subscriptions: Subscriptions;
  readonly #cursors = new Map<string, RoomCursor>();
  readonly #roomOfChannel = new Map<string, string>();
  readonly #writers = new Map<string, RoomWriter>();
  #node!: AdapterNode;
  #log!: StreamLog;
  #sessions!: SessionStore;
  #members!: RoomMembers;
  #registry!: NodeRegistry;
  #lastNumber = 0;
  #announcements = 0;
  /** Since when others are out of reach, as far as that has been told. */
  #unreachableSince: number | undefined;
  /** What makes good what was missed; the last one counts. */
  #recovery: Promise<void> | undefined;
  readonly #timers: NodeJS.Timeout[] = [];

  constructor(options: RedisAdapterOptions) {
    this.#source = options;
    this.#times = withDefaults(options);
    this.#backlogLimits = { ...DEFAULT_BACKLOG, ...options.backlog };
    this.#backlog = new Backlog(this.#backlogLimits);
    this.#keys = new RedisKeys(this.#times.prefix);
    this.#link = new RedisLink(this.#times.timeoutMs, {
      onUp: () => this.#onUp(),
      onDown: (error) => this.#onDown(error),
      onMessage: (channel, message) => this.#onMessage(channel, message),
    });
    this.#subscriptions = new Subscriptions(this.#link);
  }

  /** Settles when the cluster is joined, or Redis has turned out to be out of reach. Rejects when there is no client library. */
  async open(node: AdapterNode): Promise<void> {
    const { id, history } = node;
    this.#node = node;
    this.#log = new StreamLog(this.#link, this.#keys, id, history);
    this.#sessions = new SessionStore(this.#link, this.#keys, id, history.ageMs);
    this.#registry = this.#createRegistry(node);
    this.#members = new RoomMembers(this.#link, this.#keys, {
      nodeId: id,
      lifeMs: this.#log.lifeMs,
      liveNodes: () => this.#registry.live(),
      announce: (room, change) => this.#announce(room, change),
    });
    for (const channel of this.#registry.channels) this.#subscriptions.want(channel);
    await this.#link.open(await connectorTo(this.#source));
    await this.#recovery;
    this.#every(this.#times.auditMs, () => this.#catchUpAll());
    this.#every(history.ageMs / 2, () => Promise.all([this.#sessions.refresh(), this.#members.refresh()]));
  }

  async subscribe(room: string): Promise<void> {
    const { channel } = this.#keys.room(room);
    const cursor = new RoomCursor(room, this.#cursorHost, !this.#link.isUp, this.#backlogLimits.messages);
    this.#cursors.set(room, cursor);
    this.#roomOfChannel.set(channel, room);
    try {
      // Where the log ends is asked before this node sends anything more, so that all of that comes from behind there.
      const begun = [this.#markLost(room, this.#registry.lost), cursor.catchUp()];
      await Promise.all([...begun, this.#subscriptions.add(channel)]);
      await cursor.catchUp();
    } catch {
      // The room goes on within this node.
      cursor.goAway();
    }
  }

  unsubscribe(room: string): void {
    const { channel } = this.#keys.room(room);
    this.#cursors.get(room)?.close();
    this.#cursors.delete(room);
    this.#roomOfChannel.delete(channel);
    this.#subscriptions.delete(channel);
  }

  /** Settles when the message is in the log; while Redis is away it has reached the sockets of this node before. */
  append(message: RoomMessage): Promise<void> {
    if (message.volatile) return this.#publish(message);
    if (this.#link.isClosed) return Promise.reject(new HubError('UNAVAILABLE', 'The adapter is closed'));
    const cursor = this.#cursors.get(message.room);
    const written = this.#writerOf(message.room).add(writeRoomMessage(message));
    if (written === undefined) cursor?.deliverWithoutLog(message);
    else cursor?.expect(message);
    if (written === undefined) return Promise.reject(new HubError('UNAVAILABLE', 'Too much waits for Redis'));
    return message.type === EMPTIED ? written.then(() => this.#log.markEmptied(message.room)) : written;
  }

  async head(room: string): Promise<Offset> {
    const cursor = this.#cursors.get(room);
    if (cursor !== undefined) return cursor.position;
    return this.#log.head(room).catch(() => START);
  }

  async entriesAfter(room: string, offset: Offset): Promise<RoomHistory> {
    await this.#link.whenUp();
    // What this node's sockets got without the log comes to them from there no more: who was away has to find it there.
    await this.#recovered();
    await this.#writers.get(room)?.whenWritten();
    try {
      const { head, entries, complete } = await this.#log.after(room, offset);
      // Otherwise some of them would be delivered once more.
      await this.#cursors.get(room)?.reach(head);
      const read = entries.flatMap(({ offset, text }): RoomEntry[] => {
        const message = text === LOST ? undefined : readRoomMessage(room, text);
        return message === undefined ? [] : [{ ...message, offset }];
      });
      return { entries: read, complete: complete && read.length === entries.length };
    } catch {
      return { entries: [], complete: false };
    }
  }

  emptiedAt(room: string): Promise<Offset | undefined> {
    return this.#log.emptiedAt(room).catch(() => undefined);
  }

  saveSession(secret: string, record: SessionRecord): Promise<void> {
    return this.#sessions.save(secret, record);
  }

  releaseSession(secret: string): Promise<void> {
    return this.#sessions.release(secret);
  }

  async claimSession(secret: string, identity: string): Promise<SessionRecord | undefined> {
    const claimed = await this.#sessions.claim(secret, identity);
    if (claimed === undefined) return undefined;
    const { record, owner } = claimed;
    if (owner !== undefined) void this.#registry.ask({ kind: 'replace', socketId: record.socketId }, owner);
    return record;
  }

  dropSession(secret: string): Promise<void> {
    return this.#sessions.drop(secret);
  }

  saveAnswer(socketId: string, key: string, answer: string): Promise<void> {
    return this.#sessions.saveAnswer(socketId, key, answer);
  }

  answerTo(socketId: string, key: string): Promise<string | undefined> {
    return this.#sessions.answerTo(socketId, key);
  }

  enter(room: string, member: Member): Promise<void> {
    return this.#members.enter(room, member);
  }

  exit(room: string, id: string): Promise<void> {
    return this.#members.exit(room, id);
  }

  members(room: string): Promise<readonly Member[]> {
    return this.#members.list(room);
  }

  ask(request: NodeRequest): Promise<readonly unknown[]> {
    return this.#registry.ask(request);
  }

  /** Waits for what is on its way, but no longer than Redis may take to answer; what is left then is reported as lost. */
  async close(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    await atMost(this.#times.timeoutMs, this.#written());
    await this.#registry.leave().catch(() => {});
    this.#link.close();
    for (const [room, writer] of this.#writers) {
      const messages = writer.abandon();
      if (messages > 0) this.#node.report({ kind: 'loss', room, messages });
    }
    for (const room of [...this.#cursors.keys()]) this.unsubscribe(room);
  }

  /** Settles when all that is on its way is in the log. */
  async #written(): Promise<void> {
    await Promise.all([...this.#writers.values()].map((writer) => writer.whenWritten()));
  }

  /** Settles when what was missed has been made good, or Redis is out of reach again. */
  async #recovered(): Promise<void> {
    let recovery: Promise<void> | undefined;
    while (recovery !== this.#recovery) {
      recovery = this.#recovery;
      await recovery;
    }
  }

  #createRegistry({ id, history, answer, report }: AdapterNode): NodeRegistry {
    const { heartbeatMs, requestTimeoutMs, timeoutMs } = this.#times;
    return new NodeRegistry(
      this.#link,
      this.#keys,
      {
        nodeId: id,
        answer: (request) => {
          if (request.kind === 'replace') this.#members.forget(request.socketId);
          return answer(request);
        },
        onLag: (lagMs) => report({ kind: 'lag', lagMs }),
        onGone: () => void this.#members.sweep(),
        onLost: (nodes) => void this.#markAllLost(nodes),
      },
      {
        heartbeatMs,
        lifeMs: heartbeatMs * BEATS_OF_LIFE + timeoutMs,
        lossMs: history.ageMs,
        requestTimeoutMs,
        timeoutMs,
      },
    );
  }

  /** Does something from time to time while Redis is in reach. */
  #every(ms: number, work: () => Promise<unknown>): void {
    const timer = setInterval(() => {
      if (this.#link.isUp) void work();
    }, ms);
    timer.unref();
    this.#timers.push(timer);
  }

  #onUp(): void {
    const recovery = this.#recover().then(
      () => {
        if (this.#recovery === recovery) this.#tellReachable();
      },
      () => {
        // The link is down again, and the next time it is up counts.
      },
    );
    this.#recovery = recovery;
  }

  async #recover(): Promise<void> {
    await this.#subscriptions.restore();
    await this.#registry.join();
    await this.#catchUpAll();
    for (const writer of this.#writers.values()) writer.open();
    await Promise.all([this.#written(), this.#sessions.restore(), this.#members.refresh()]);
  }

  #tellReachable(): void {
    if (this.#unreachableSince === undefined || !this.#link.isUp) return;
    const downMs = performance.now() - this.#unreachableSince;
    this.#unreachableSince = undefined;
    this.#node.report({ kind: 'reachable', downMs });
  }

  #onDown(error: Error): void {
    for (const cursor of this.#cursors.values()) cursor.goAway();
    for (const writer of this.#writers.values()) writer.goAway();
    this.#registry.goAway();
    if (this.#unreachableSince !== undefined) return;
    this.#unreachableSince = performance.now();
    this.#node.report({ kind: 'unreachable', error });
  }

  async #catchUpAll(): Promise<void> {
    await inChunks([...this.#cursors.values()], (cursor) => cursor.catchUp());
  }

  /** Where messages may be missing that nodes took with them, those who are in a room are told, and those who come back. */
  async #markLost(room: string, nodes: readonly string[]): Promise<void> {
    const known = this.#cursors.get(room)?.position ?? START;
    await Promise.all(nodes.map((node) => this.#log.markLost(room, node, known)));
  }

  async #markAllLost(nodes: readonly string[]): Promise<void> {
    try {
      await inChunks([...this.#cursors.keys()], (room) => this.#markLost(room, nodes));
    } catch {
      // The link is down: this is to be done again.
    }
  }

  #onMessage(channel: string, message: string): void {
    const room = this.#roomOfChannel.get(channel);
    if (room !== undefined) this.#onRoomMessage(room, message);
    else if (this.#registry.channels.includes(channel)) this.#registry.receive(message);
  }

  #onRoomMessage(room: string, text: string): void {
    const published = readPublished(text);
    if (published === undefined) return;
    if (published.offset !== undefined) this.#cursors.get(room)?.receive(published);
    else if (published.node !== this.#node.id) {
      const message = readRoomMessage(room, published.text);
      if (message !== undefined) this.#deliver({ ...message, offset: undefined });
    }
  }

  /** Sends a message that no log keeps: others get it if they are in reach. */
  async #publish(message: RoomMessage): Promise<void> {
    this.#deliver({ ...message, offset: undefined });
    await this.#log.publish(message.room, writeRoomMessage(message)).catch(() => {});
  }

  /** Tells the members of a room, on all nodes, who came or went without their node having told of it. */
  #announce(room: string, change: PresenceChange): void {
    const mid = `${this.#node.id}:presence:${++this.#announcements}`;
    void this.#publish({ ...presenceMessage(room, change), mid });
  }

  #deliver(entry: RoomEntry): void {
    if (this.#cursors.has(entry.room)) this.#node.deliver(entry);
  }

  #writerOf(room: string): RoomWriter {
    let writer = this.#writers.get(room);
    if (writer === undefined) {
      writer = new RoomWriter(room, this.#writerHost, this.#link.isUp);
      this.#writers.set(room, writer);
    }
    return writer;
  }

  get #cursorHost(): CursorHost {
    return {
      nodeId: this.#node.id,
      head: (room) => this.#log.head(room),
      after: (room, offset) => this.#log.after(room, offset),
      deliver: (entry) => this.#node.deliver(entry),
      gap: (room) => this.#node.gap(room),
    };
  }

  get #writerHost(): WriterHost {
    return {
      backlog: this.#backlog,
      maxAgeMs: this.#node.history.ageMs,
      nextNumber: () => ++this.#lastNumber,
      write: (room, messages) => this.#log.append(room, messages, this.#cursors.get(room)?.position ?? START),
      onLoss: (room, messages) => this.#node.report({ kind: 'loss', room, messages }),
      onIdle: (room) => this.#writers.delete(room),
    };
  }
}

/** Options that are given as `undefined` are not given. */
function withDefaults(options: RedisAdapterOptions): typeof DEFAULTS {
  const { prefix, timeoutMs, heartbeatMs, auditMs, requestTimeoutMs } = options;
  return {
    prefix: prefix ?? DEFAULTS.prefix,
    timeoutMs: timeoutMs ?? DEFAULTS.timeoutMs,
    heartbeatMs: heartbeatMs ?? DEFAULTS.heartbeatMs,
    auditMs: auditMs ?? DEFAULTS.auditMs,
    requestTimeoutMs: requestTimeoutMs ?? DEFAULTS.requestTimeoutMs,
  };
}

/** Waits for work, but not for longer than so many milliseconds. */
async function atMost(ms: number, work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  await Promise.race([work, new Promise((resolve) => (timer = setTimeout(resolve, ms)))]);
  clearTimeout(timer);
}
