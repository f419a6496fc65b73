import type { NodeRequest } from '../hub/adapter.ts';
import type { RedisKeys } from './redis-keys.ts';
import type { RedisLink } from './redis-link.ts';
import { ASK, BEAT, LEAVE, PUBLISH, READ_NODES, TELL_LOST } from './redis-script.ts';

/** What nodes tell each other. */
type NodeMessage =
  | { readonly kind: 'beat'; readonly sentAt: number }
  | { readonly kind: 'leave'; readonly from: string }
  | { readonly kind: 'ask'; readonly id: number; readonly from: string; readonly request: NodeRequest }
  | { readonly kind: 'answer'; readonly id: number; readonly from: string; readonly answer: unknown };

export interface RegistryHost {
  readonly nodeId: string;
  answer(request: NodeRequest): unknown;
  /** What this node published was on its way for so long until it came back. */
  onLag(lagMs: number): void;
  /** Other nodes have left, or died. */
  onGone(nodes: readonly string[]): void;
  /** Nodes died that may have taken messages while Redis was away, which nobody else has. */
  onLost(nodes: readonly string[]): void;
}

export interface RegistryTimes {
  /** How often a node says that it lives. */
  readonly heartbeatMs: number;
  /** How long it may be silent before its sockets are believed to be gone. */
  readonly lifeMs: number;
  /** How long it is to be known that a node was lost. */
  readonly lossMs: number;
  /** How long others may take to answer. */
  readonly requestTimeoutMs: number;
  /** How long what was published may be on its way. */
  readonly timeoutMs: number;
}

/** A node that has been silent for so many heartbeats was gone, or away, before the others were. */
const BEATS_OF_SILENCE = 3;

/** A question that waits for answers. */
interface Question {
  readonly answers: unknown[];
  /** The nodes that have not answered; unknown until the question is out. */
  missing: Set<string> | undefined;
  readonly answered: Set<string>;
  done(): void;
}

/** Which nodes there are, and what they ask each other. */
export class NodeRegistry {
  readonly #link: RedisLink;
  readonly #keys: RedisKeys;
  readonly #host: RegistryHost;
  readonly #times: RegistryTimes;
  readonly #questions = new Map<number, Question>();
  #lastQuestion = 0;
  /** When the first beat was sent that has not come back. */
  #unheardSince: number | undefined;
  /** The nodes that were seen to live, and are not known to be gone, with the time until which they are believed to live. */
  readonly #known = new Map<string, number>();
  /** Those of them that lived when this node got out of reach of Redis, as far as they may have been so, too. */
  readonly #companions = new Set<string>();
  #lost: ReadonlySet<string> = new Set();
  /** Until then those that do not say that they live may be late, as this one was; without an end while this one is away. */
  #lenientUntil = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(link: RedisLink, keys: RedisKeys, host: RegistryHost, times: RegistryTimes) {
    this.#link = link;
    this.#keys = keys;
    this.#host = host;
    this.#times = times;
  }

  /** The channels that a node listens to. */
  get channels(): readonly [all: string, own: string] {
    return [this.#keys.allNodes, this.#keys.node(this.#host.nodeId)];
  }

  /** Says that this node lives, now and from time to time. Rejects when the first time fails. */
  async join(): Promise<void> {
    this.#unheardSince = undefined;
    if (this.#lenientUntil === Number.POSITIVE_INFINITY) {
      this.#lenientUntil = performance.now() + this.#times.lifeMs;
    }
    await this.#beat();
    clearInterval(this.#timer);
    this.#timer = setInterval(() => {
      // A busy process finds the timer before the message that is there already.
      setImmediate(() => this.#listen());
      // The link tells when it is down.
      this.#beat().catch(() => {});
    }, this.#times.heartbeatMs);
    this.#timer.unref();
  }

  /** There is no connection. */
  goAway(): void {
    clearInterval(this.#timer);
    if (this.#lenientUntil !== Number.POSITIVE_INFINITY) this.#beginOutage();
    for (const { done } of this.#questions.values()) done();
  }

  async leave(): Promise<void> {
    this.goAway();
    const { nodeId } = this.#host;
    const text = JSON.stringify({ kind: 'leave', from: nodeId } satisfies NodeMessage);
    await this.#link.run(LEAVE, [this.#keys.nodes], [nodeId, this.#link.publish, this.#keys.allNodes, text]);
  }

  /** Returns the nodes that live, or may be late. Rejects when Redis is out of reach. */
  async live(): Promise<ReadonlySet<string>> {
    const live = (await this.#link.run(READ_NODES, [this.#keys.nodes], [])) as string[];
    return new Set(this.#isLenient ? [...live, ...this.#known.keys()] : live);
  }

  /** The nodes that may have taken messages with them not long ago. */
  get lost(): readonly string[] {
    return [...this.#lost];
  }

  /** Asks all other nodes, or one; those that do not answer in time are left out. */
  async ask(request: NodeRequest, node?: string): Promise<unknown[]> {
    const id = ++this.#lastQuestion;
    return new Promise((resolve) => {
      const question: Question = {
        answers: [],
        missing: undefined,
        answered: new Set(),
        done: () => {
          clearTimeout(timer);
          this.#questions.delete(id);
          resolve(question.answers);
        },
      };
      const timer = setTimeout(question.done, this.#times.requestTimeoutMs);
      this.#questions.set(id, question);
      this.#send(id, request, node).then((asked) => {
        question.missing = new Set(asked.filter((other) => !question.answered.has(other)));
        if (question.missing.size === 0) question.done();
      }, question.done);
    });
  }

  /** Takes what came over one of the {@link channels}. */
  receive(text: string): void {
    const message = readNodeMessage(text);
    if (message === undefined) return;
    if (message.kind === 'beat') this.#onBeat(message.sentAt);
    else if (message.kind === 'leave') this.#onLeave(message.from);
    else if (message.kind === 'answer') this.#onAnswer(message.id, message.from, message.answer);
    else if (message.from !== this.#host.nodeId)
      void this.#onQuestion(message.id, message.from, message.request);
  }

  async #beat(): Promise<void> {
    const sentAt = performance.now();
    this.#unheardSince ??= sentAt;
    const { nodeId } = this.#host;
    const text = JSON.stringify({ kind: 'beat', sentAt } satisfies NodeMessage);
    const args = [nodeId, String(this.#times.lifeMs), this.#link.publish, this.#keys.node(nodeId), text];
    const [live, lost] = (await this.#link.run(BEAT, [this.#keys.nodes, this.#keys.lostNodes], args)) as [
      string[],
      string[],
    ];
    this.#onLost(lost);
    await this.#onLive(live);
  }

  #beginOutage(): void {
    const own = this.#known.get(this.#host.nodeId) ?? Number.POSITIVE_INFINITY;
    const silent = own - this.#times.heartbeatMs * BEATS_OF_SILENCE;
    for (const [node, until] of this.#known) if (until > silent) this.#companions.add(node);
    this.#lenientUntil = Number.POSITIVE_INFINITY;
    // What was begun for them is to be done again.
    this.#lost = new Set();
  }

  get #isLenient(): boolean {
    return performance.now() < this.#lenientUntil;
  }

  /** @param live - Nodes, and behind each the time until which it is believed to live. */
  async #onLive(live: readonly string[]): Promise<void> {
    for (let i = 0; i < live.length; i += 2) this.#known.set(live[i]!, Number(live[i + 1]));
    if (this.#isLenient) return;
    const missing = [...this.#known.keys()].filter((node) => !live.includes(node));
    const lost = missing.filter((node) => this.#companions.has(node));
    // All nodes find them among what the next heartbeat is answered with, this one too.
    if (lost.length > 0)
      await this.#link.run(TELL_LOST, [this.#keys.lostNodes], [String(this.#times.lossMs), ...lost]);
    this.#companions.clear();
    const gone = missing.filter((node) => this.#known.delete(node));
    if (gone.length > 0) this.#host.onGone(gone);
  }

  #onLost(lost: readonly string[]): void {
    const news = lost.filter((node) => !this.#lost.has(node));
    this.#lost = new Set(lost);
    if (news.length > 0) this.#host.onLost(news);
  }

  #onLeave(node: string): void {
    if (this.#known.delete(node) && node !== this.#host.nodeId) this.#host.onGone([node]);
  }

  #onBeat(sentAt: number): void {
    this.#unheardSince = undefined;
    this.#host.onLag(performance.now() - sentAt);
  }

  /** Commands may be answered, and messages not come any more. */
  #listen(): void {
    const { timeoutMs } = this.#times;
    if (this.#unheardSince === undefined || performance.now() - this.#unheardSince < timeoutMs) return;
    this.#link.fail(new Error(`What is published does not come within ${timeoutMs} ms`));
  }

  /** Sends a question; returns who has to answer it. */
  async #send(id: number, request: NodeRequest, node: string | undefined): Promise<string[]> {
    const { nodeId } = this.#host;
    const text = JSON.stringify({ kind: 'ask', id, from: nodeId, request } satisfies NodeMessage);
    const channel = node === undefined ? this.#keys.allNodes : this.#keys.node(node);
    const live = await this.#link.run(ASK, [this.#keys.nodes], [this.#link.publish, channel, text]);
    return (live as string[]).filter((other) => other !== nodeId && (node === undefined || other === node));
  }

  #onAnswer(id: number, from: string, answer: unknown): void {
    const question = this.#questions.get(id);
    if (question === undefined || question.answered.has(from)) return;
    question.answers.push(answer);
    question.answered.add(from);
    question.missing?.delete(from);
    if (question.missing?.size === 0) question.done();
  }

  async #onQuestion(id: number, asker: string, request: NodeRequest): Promise<void> {
    try {
      const answer = (await this.#host.answer(request)) ?? null;
      const text = JSON.stringify({
        kind: 'answer',
        id,
        from: this.#host.nodeId,
        answer,
      } satisfies NodeMessage);
      await this.#link.run(PUBLISH, [this.#keys.nodes], [this.#link.publish, this.#keys.node(asker), text]);
    } catch {
      // Who does not answer is left out.
    }
  }
}

/** Reads what a node sent; `undefined` for what is not JSON, or no object. */
function readNodeMessage(text: string): NodeMessage | undefined {
  try {
    return (JSON.parse(text) as NodeMessage | null) ?? undefined;
  } catch {
    return undefined;
  }
}
