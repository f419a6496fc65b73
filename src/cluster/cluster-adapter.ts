import { parentPort } from 'node:worker_threads';
import type {
  Adapter,
  AdapterNode,
  Member,
  NodeRequest,
  RoomEntry,
  RoomHistory,
  RoomMessage,
  SessionRecord,
} from '../hub/adapter.ts';
import { readRoomMessage, writeRoomMessage } from '../hub/room-message-text.ts';
import { HubError, type Offset, PendingRequests, START } from '../wire/index.ts';
import { type ChannelMessage, ClusterChannel, type ClusterPeer } from './cluster-channel.ts';

export interface ClusterAdapterOptions {
  /** The way to the primary: by default the thread's `parentPort`, or the `process` where it has an IPC channel. */
  readonly peer?: ClusterPeer | undefined;
  /** How long the primary may take to answer, in milliseconds; default 10,000. */
  readonly timeoutMs?: number | undefined;
  /** How long other nodes may take to answer, in milliseconds; default 2,000. */
  readonly requestTimeoutMs?: number | undefined;
}

const DEFAULTS = { timeoutMs: 10_000, requestTimeoutMs: 2_000 };

/** So much may wait for the primary. */
const MAX_PENDING = 100_000;

/**
 * Makes one cluster of hubs in several processes or threads of a machine, without a server: what they have in common is in
 * the process that started them, with `ClusterPrimary`.
 *
 * @throws {TypeError} This is neither a thread nor a process with an IPC channel, and no `peer` is given.
 */
export function clusterAdapter(options: ClusterAdapterOptions = {}): Adapter {
  return new ClusterAdapter(options);
}

class ClusterAdapter implements Adapter {
  readonly #peer: ClusterPeer;
  readonly #timeoutMs: number;
  readonly #requestTimeoutMs: number;
  readonly #calls = new PendingRequests(MAX_PENDING);
  readonly #subscribed = new Set<string>();
  #node!: AdapterNode;
  #channel!: ClusterChannel;

  constructor({ peer, timeoutMs, requestTimeoutMs }: ClusterAdapterOptions) {
    this.#peer = peer ?? wayToPrimary();
    this.#timeoutMs = timeoutMs ?? DEFAULTS.timeoutMs;
    this.#requestTimeoutMs = requestTimeoutMs ?? DEFAULTS.requestTimeoutMs;
  }

  /** Settles when the primary has taken the node in. Rejects when it does not answer. */
  async open(node: AdapterNode): Promise<void> {
    this.#node = node;
    this.#channel = new ClusterChannel(this.#peer, {
      onMessage: (message) => this.#onMessage(message),
      onClose: () => this.#onClose(),
    });
    await this.#call('open', node.history);
  }

  async subscribe(room: string): Promise<void> {
    this.#subscribed.add(room);
    await this.#call('subscribe', room);
  }

  unsubscribe(room: string): void {
    this.#subscribed.delete(room);
    // Who does not know of it sends what is not taken.
    this.#tell('unsubscribe', room).catch(() => {});
  }

  async append(message: RoomMessage): Promise<void> {
    if (!this.#channel.isOpen) {
      // There are no others any more.
      this.#deliver({ ...message, offset: undefined });
      throw gone();
    }
    // The primary has no need to know more of it.
    const { room, mid, volatile, type } = message;
    const packed = { room, mid, volatile, type, except: [], body: writeRoomMessage(message) };
    await this.#call('append', packed);
  }

  async head(room: string): Promise<Offset> {
    if (!this.#channel.isOpen) return START;
    return (await this.#call('head', room)) as Offset;
  }

  async entriesAfter(room: string, offset: Offset): Promise<RoomHistory> {
    if (!this.#channel.isOpen) return { entries: [], complete: false };
    const { entries, complete } = (await this.#call('entriesAfter', room, offset)) as RoomHistory;
    return {
      entries: entries.map((entry) => entryOf(room, entry.offset, entry.body as string)),
      complete,
    };
  }

  async emptiedAt(room: string): Promise<Offset | undefined> {
    return (await this.#call('emptiedAt', room)) as Offset | undefined;
  }

  saveSession(secret: string, record: SessionRecord): Promise<void> {
    return this.#tell('saveSession', secret, record);
  }

  releaseSession(secret: string): Promise<void> {
    return this.#tell('releaseSession', secret);
  }

  async claimSession(secret: string, identity: string): Promise<SessionRecord | undefined> {
    return (await this.#call('claimSession', secret, identity)) as SessionRecord | undefined;
  }

  dropSession(secret: string): Promise<void> {
    return this.#tell('dropSession', secret);
  }

  saveAnswer(socketId: string, key: string, answer: string): Promise<void> {
    return this.#tell('saveAnswer', socketId, key, answer);
  }

  async answerTo(socketId: string, key: string): Promise<string | undefined> {
    return (await this.#call('answerTo', socketId, key)) as string | undefined;
  }

  enter(room: string, member: Member): Promise<void> {
    return this.#tell('enter', room, member);
  }

  exit(room: string, id: string): Promise<void> {
    return this.#tell('exit', room, id);
  }

  async members(room: string): Promise<readonly Member[]> {
    return (await this.#call('members', room)) as Member[];
  }

  async ask(request: NodeRequest): Promise<readonly unknown[]> {
    return (await this.#call('ask', request, this.#requestTimeoutMs)) as unknown[];
  }

  async close(): Promise<void> {
    await this.#call('leave').catch(() => {});
    this.#channel.close();
    this.#calls.rejectAll(new Error('The adapter is closed'));
  }

  #call(method: string, ...args: unknown[]): Promise<unknown> {
    if (!this.#channel.isOpen) return Promise.reject(gone());
    return this.#calls.start((id) => this.#channel.send({ kind: 'call', id, method, args }), {
      timeoutMs: this.#timeoutMs,
    });
  }

  /** Settles also when the primary is gone, which has been reported. Rejects with what cannot be sent, or done. */
  async #tell(method: string, ...args: unknown[]): Promise<void> {
    await this.#call(method, ...args).catch((error) => {
      if (!(error instanceof HubError)) throw error;
    });
  }

  #onMessage(message: ChannelMessage): void {
    if (message.kind === 'result') this.#calls.resolve(message.id, message.value);
    else if (message.kind === 'failure') this.#calls.reject(message.id, new Error(message.message));
    else if (message.kind === 'call') void this.#onQuestion(message.id, message.args[0] as NodeRequest);
    else this.#deliver(entryOf(message.room, message.offset, message.text));
  }

  async #onQuestion(id: number, request: NodeRequest): Promise<void> {
    try {
      this.#channel.send({ kind: 'result', id, value: (await this.#node.answer(request)) ?? null });
    } catch (error) {
      this.#channel.send({ kind: 'failure', id, message: String((error as Error).message) });
    }
  }

  #deliver(entry: RoomEntry): void {
    if (this.#subscribed.has(entry.room)) this.#node.deliver(entry);
  }

  #onClose(): void {
    const error = gone();
    this.#calls.rejectAll(error);
    this.#node.report({ kind: 'unreachable', error });
    for (const room of this.#subscribed) this.#node.gap(room);
  }
}

function entryOf(room: string, offset: Offset | undefined, text: string): RoomEntry {
  return { ...readRoomMessage(room, text)!, offset };
}

function gone(): HubError {
  return new HubError('UNAVAILABLE', 'The primary is gone');
}

function wayToPrimary(): ClusterPeer {
  if (parentPort !== null) return parentPort;
  if (process.send !== undefined) return process;
  throw new TypeError('clusterAdapter() works in a thread, or in a process that was forked');
}
