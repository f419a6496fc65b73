import { EventEmitter, once } from 'node:events';
import type { WireMessage } from '../../src/wire/index.ts';
import { type Welcome, WireClient } from '../hub/wire-client.ts';
import type { Said } from './failover-node.ts';

/** What went by a client, of which nobody told it. */
export interface Fault {
  readonly what: 'silent loss' | 'out of order';
  readonly room: string;
  readonly from: string;
  readonly last: number;
  readonly n: number;
}

/** A client of one room that comes back whenever its connection is lost, and watches what it is told. */
export class FailoverClient {
  readonly room: string;
  readonly faults: Fault[] = [];
  /** How often it was told that messages are missing. */
  gaps = 0;
  /** How many messages came once more, as their ids tell. */
  duplicates = 0;
  /** How often it got what a client had sent again when its node died, and which was handled again: it may be. */
  handledAgain = 0;
  received = 0;
  readonly #url: string;
  readonly #cookie: string;
  readonly #events = new EventEmitter();
  readonly #mids = new Set<string>();
  /** The last message of each node, and whether some may be missing behind it. */
  readonly #last = new Map<string, { n: number; mayMiss: boolean }>();
  #client: WireClient | undefined;
  #session: string | undefined;
  #offset: string | undefined;
  #node: string | undefined;
  #isOver = false;

  /** @param cookie - What the proxy knows it by, which chooses its node. */
  constructor(room: string, url: string, cookie: string) {
    this.room = room;
    this.#url = url;
    this.#cookie = cookie;
    this.#events.setMaxListeners(0);
  }

  /** The name of the node that it is connected to. */
  get node(): string | undefined {
    return this.#node;
  }

  /** Connects, and goes on with its session if it has one. */
  async connect(): Promise<void> {
    while (!this.#isOver) {
      try {
        await this.#connectOnce();
        return;
      } catch {
        // Another attempt at once would be one of very many.
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    }
  }

  /** Loses its connection, as it happens to clients. */
  drop(): void {
    this.#node = undefined;
    this.#client?.ws.terminate();
  }

  close(): void {
    this.#isOver = true;
    this.drop();
  }

  /** The number of the last message of a node. */
  lastOf(from: string): number {
    return this.#last.get(from)?.n ?? 0;
  }

  /** Settles when something is so. */
  async until(isSo: () => boolean): Promise<void> {
    while (!isSo()) await once(this.#events, 'change');
  }

  async #connectOnce(): Promise<void> {
    const client = await WireClient.silent(this.#url, { headers: { cookie: this.#cookie } });
    this.#client = client;
    client.ws.on('message', (data) => this.#onMessage(JSON.parse(String(data))));
    const closed = new Promise<never>((_, reject) => {
      client.ws.once('close', () => {
        this.#node = undefined;
        reject(new Error('closed'));
      });
    });
    const rooms = this.#offset === undefined ? {} : { [this.room]: this.#offset };
    await Promise.race([this.#greet(client, rooms), closed]);
    closed.catch(() => void this.connect());
  }

  async #greet(client: WireClient, rooms: Record<string, string>): Promise<void> {
    const session = this.#session === undefined ? {} : { session: this.#session, rooms };
    const welcome = (await client.request('$hello', session)) as Welcome;
    if (this.#session !== undefined && !welcome.resumed) this.#onGap();
    this.#session = welcome.session;
    if (!welcome.resumed) {
      const { offset } = (await client.request('$join', { room: this.room })) as { offset: string };
      this.#offset = offset;
    }
    this.#node = (await client.next('node')).data as string;
    this.#events.emit('change');
  }

  #onMessage({ type, room, data, offset, mid }: WireMessage): void {
    if (type === '$gap' && (data as { room: string }).room === this.room) this.#onGap();
    if (type === '$reply') this.#onReply(data);
    if (type !== 'said' || room !== this.room) return;
    this.#offset = offset ?? this.#offset;
    if (this.#mids.has(mid!)) this.duplicates++;
    else this.#onSaid(data as Said);
    this.#mids.add(mid!);
    this.#events.emit('change');
  }

  /** What it missed comes right behind the answer to $hello, which has to be looked at before. */
  #onReply(data: unknown): void {
    const { resumed, rooms } = (data ?? {}) as Partial<Welcome>;
    if (resumed && rooms?.[this.room]?.gap) this.#onGap();
  }

  #onSaid({ from, n }: Said): void {
    const last = this.#last.get(from);
    this.received++;
    this.#last.set(from, { n, mayMiss: false });
    if (last === undefined) return;
    const fault = { room: this.room, from, last: last.n, n };
    if (n === last.n) this.handledAgain++;
    else if (n < last.n) this.faults.push({ what: 'out of order', ...fault });
    else if (n > last.n + 1 && !last.mayMiss) this.faults.push({ what: 'silent loss', ...fault });
  }

  #onGap(): void {
    this.gaps++;
    for (const [from, { n }] of this.#last) this.#last.set(from, { n, mayMiss: true });
  }
}
