import type {
  Adapter,
  HistoryLimits,
  Member,
  NodeRequest,
  RoomEntry,
  RoomMessage,
  SessionRecord,
} from '../hub/adapter.ts';
import { memoryAdapter } from '../hub/memory-adapter.ts';
import { presenceMessage } from '../hub/presence-message.ts';
import { writeRoomMessage } from '../hub/room-message-text.ts';
import { PendingRequests } from '../wire/index.ts';
import { type ChannelMessage, ClusterChannel, type ClusterPeer } from './cluster-channel.ts';

/** So many questions to one node may be open. */
const MAX_PENDING = 10_000;

/** One node, and what ends with it. */
interface ClusterMember {
  readonly channel: ClusterChannel;
  readonly rooms: Set<string>;
  readonly questions: PendingRequests;
  /** What was entered in lists of members. */
  readonly entered: Map<string, { readonly room: string; readonly id: string }>;
}

/** What a node calls; each gets its arguments as they came. */
type Methods = Record<string, (member: ClusterMember, ...args: never[]) => unknown>;

/**
 * Keeps the rooms' logs, the sessions and the lists of members for the hubs in other processes or threads of this machine,
 * which use `clusterAdapter()`: docs/scaling.md.
 */
export class ClusterPrimary {
  /** Those that can join, and those of them that have. */
  readonly #candidates = new Set<ClusterMember>();
  readonly #members = new Set<ClusterMember>();
  /** Which node has a session whose client is connected. */
  readonly #owners = new Map<string, ClusterMember>();
  #announcements = 0;
  /** Made with the history of the first node. */
  #store: Adapter | undefined;
  readonly #methods: Methods = {
    open: (_member, history: HistoryLimits) => this.#open(history),
    subscribe: (member, room: string) => this.#subscribe(member, room),
    unsubscribe: (member, room: string) => this.#unsubscribe(member, room),
    append: (_member, message: RoomMessage) => this.#opened.append(message),
    head: (_member, room: string) => this.#opened.head(room),
    entriesAfter: (_member, room: string, offset: string) => this.#opened.entriesAfter(room, offset),
    emptiedAt: (_member, room: string) => this.#opened.emptiedAt(room),
    saveSession: (member, secret: string, record: SessionRecord) => this.#save(member, secret, record),
    releaseSession: (member, secret: string) => this.#release(member, secret),
    claimSession: (member, secret: string, identity: string) => this.#claim(member, secret, identity),
    dropSession: (member, secret: string) => this.#drop(member, secret),
    saveAnswer: (_member, socketId: string, key: string, answer: string) =>
      this.#opened.saveAnswer(socketId, key, answer),
    answerTo: (_member, socketId: string, key: string) => this.#opened.answerTo(socketId, key),
    enter: (member, room: string, listed: Member) => this.#enter(member, room, listed),
    exit: (member, room: string, id: string) => this.#exit(member, room, id),
    members: (_member, room: string) => this.#opened.members(room),
    ask: (member, request: NodeRequest, timeoutMs: number) => this.#ask(member, request, timeoutMs),
    leave: (member) => this.#remove(member),
  };

  /** How many nodes there are. */
  get size(): number {
    return this.#members.size;
  }

  /** Takes a process or a thread in, in which a hub may be; it goes when that ends. */
  add(peer: ClusterPeer): void {
    const member: ClusterMember = {
      channel: new ClusterChannel(peer, {
        onMessage: (message) => this.#onMessage(member, message),
        onClose: () => {
          this.#candidates.delete(member);
          this.#remove(member);
        },
      }),
      rooms: new Set(),
      questions: new PendingRequests(MAX_PENDING),
      entered: new Map(),
    };
    this.#candidates.add(member);
  }

  /** Forgets all, and leaves the ways to the nodes to others. */
  async close(): Promise<void> {
    for (const member of this.#candidates) {
      this.#remove(member);
      member.channel.close();
    }
    this.#candidates.clear();
    await this.#store?.close();
    this.#store = undefined;
  }

  get #opened(): Adapter {
    if (this.#store === undefined) throw new Error('No node has joined');
    return this.#store;
  }

  #onMessage(member: ClusterMember, message: ChannelMessage): void {
    if (message.kind === 'call') void this.#onCall(member, message);
    else if (message.kind === 'result') member.questions.resolve(message.id, message.value);
    else if (message.kind === 'failure') member.questions.reject(message.id, new Error(message.message));
  }

  async #onCall(
    member: ClusterMember,
    { id, method, args }: Extract<ChannelMessage, { kind: 'call' }>,
  ): Promise<void> {
    if (method === 'open') this.#members.add(member);
    try {
      const value = await this.#methods[method]!(member, ...(args as never[]));
      member.channel.send({ kind: 'result', id, value });
    } catch (error) {
      member.channel.send({ kind: 'failure', id, message: String((error as Error).message) });
    }
  }

  async #open(history: HistoryLimits): Promise<void> {
    if (this.#store !== undefined) return;
    this.#store = memoryAdapter();
    await this.#store.open({
      id: 'primary',
      history,
      deliver: (entry) => this.#deliver(entry),
      gap: () => {},
      answer: () => undefined,
      report: () => {},
    });
  }

  #deliver({ room, offset, body }: RoomEntry): void {
    for (const { channel, rooms } of this.#members) {
      if (rooms.has(room)) channel.send({ kind: 'deliver', room, offset, text: body as string });
    }
  }

  #subscribe(member: ClusterMember, room: string): void {
    const isFirst = !this.#isSubscribed(room);
    member.rooms.add(room);
    if (isFirst) void this.#opened.subscribe(room);
  }

  #unsubscribe({ rooms }: ClusterMember, room: string): void {
    if (rooms.delete(room) && !this.#isSubscribed(room)) this.#opened.unsubscribe(room);
  }

  #isSubscribed(room: string): boolean {
    return [...this.#members].some(({ rooms }) => rooms.has(room));
  }

  #save(member: ClusterMember, secret: string, record: SessionRecord): unknown {
    if (!this.#mayHave(member, secret)) return undefined;
    this.#owners.set(secret, member);
    return this.#opened.saveSession(secret, record);
  }

  #release(member: ClusterMember, secret: string): unknown {
    if (!this.#mayHave(member, secret)) return undefined;
    this.#owners.delete(secret);
    return this.#opened.releaseSession(secret);
  }

  #drop(member: ClusterMember, secret: string): unknown {
    if (!this.#mayHave(member, secret)) return undefined;
    this.#owners.delete(secret);
    return this.#opened.dropSession(secret);
  }

  async #claim(member: ClusterMember, secret: string, identity: string): Promise<SessionRecord | undefined> {
    const record = await this.#opened.claimSession(secret, identity);
    if (record === undefined) return undefined;
    const owner = this.#owners.get(secret);
    this.#owners.set(secret, member);
    if (owner !== undefined && owner !== member) {
      // Whether it answers is of no interest.
      question(owner, { kind: 'replace', socketId: record.socketId }).catch(() => {});
    }
    return record;
  }

  #mayHave(member: ClusterMember, secret: string): boolean {
    const owner = this.#owners.get(secret);
    return owner === undefined || owner === member;
  }

  #enter(member: ClusterMember, room: string, listed: Member): unknown {
    const key = `${listed.id} ${room}`;
    for (const other of this.#members) other.entered.delete(key);
    member.entered.set(key, { room, id: listed.id });
    return this.#opened.enter(room, listed);
  }

  #exit(member: ClusterMember, room: string, id: string): unknown {
    // Another node may have it by now.
    if (!member.entered.delete(`${id} ${room}`)) return;
    return this.#opened.exit(room, id);
  }

  async #ask(asker: ClusterMember, request: NodeRequest, timeoutMs: number): Promise<unknown[]> {
    const others = [...this.#members].filter((member) => member !== asker);
    const settled = await Promise.allSettled(others.map((other) => question(other, request, timeoutMs)));
    return settled.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
  }

  #remove(member: ClusterMember): void {
    if (!this.#members.delete(member)) return;
    member.questions.rejectAll(new Error('The node is gone'));
    for (const room of [...member.rooms]) this.#unsubscribe(member, room);
    for (const [room, ids] of byRoom(member.entered.values())) {
      for (const id of ids) this.#exit(member, room, id);
      this.#tellLeft(room, ids);
    }
    for (const [secret, owner] of [...this.#owners]) if (owner === member) this.#release(member, secret);
  }

  /** Tells the members of a room what the node of those who are gone cannot tell any more. */
  #tellLeft(room: string, ids: readonly string[]): void {
    const message = { ...presenceMessage(room, { left: ids }), mid: `primary:${++this.#announcements}` };
    this.#deliver({ ...message, offset: undefined, body: writeRoomMessage(message) });
  }
}

function byRoom(entered: Iterable<{ readonly room: string; readonly id: string }>): Map<string, string[]> {
  const ids = new Map<string, string[]>();
  for (const { room, id } of entered) ids.set(room, [...(ids.get(room) ?? []), id]);
  return ids;
}

function question(
  { channel, questions }: ClusterMember,
  request: NodeRequest,
  timeoutMs?: number,
): Promise<unknown> {
  return questions.start((id) => channel.send({ kind: 'call', id, method: 'answer', args: [request] }), {
    timeoutMs,
  });
}
