import { setImmediate } from 'node:timers/promises';
import { MessageChannel } from 'node:worker_threads';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ClusterPrimary, clusterAdapter } from '../../src/cluster/index.ts';
import { EVERYBODY, HubCloseCode, type WireMessage } from '../../src/wire/index.ts';
import { serveHub } from '../hub/served-hub.ts';
import { type Welcome, WireClient } from '../hub/wire-client.ts';

// A model of docs/hub-protocol.md over two nodes: what a client is told, and gets, against what it has to be.

const ROOMS = ['a', 'b'] as const;
/** A history that no step is too much for. */
const LONG = 100_000;
type RoomName = (typeof ROOMS)[number];

/** How many messages each node sends to a room, at once. */
interface Emission {
  readonly room: RoomName;
  readonly counts: readonly [number, number];
}

type Step =
  | { readonly kind: 'join' | 'leave'; readonly who: number; readonly room: RoomName }
  | { readonly kind: 'emit'; readonly emission: Emission }
  | { readonly kind: 'cut' | 'read' | 'goodbye'; readonly who: number }
  /** What is sent meanwhile is sent where the history is long: otherwise nobody knows how much of it the client missed. */
  | { readonly kind: 'connect'; readonly who: number; readonly node: number; readonly meanwhile: Emission };

const who = fc.nat(2);
const room = fc.constantFrom(...ROOMS);
const node = fc.nat(1);
const emission = fc.record({ room, counts: fc.tuple(fc.nat(3), fc.nat(3)) });
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('join' as const), who, room }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('leave' as const), who, room }) },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('emit' as const), emission }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('cut' as const), who }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('read' as const), who }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('goodbye' as const), who }) },
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant('connect' as const), who, node, meanwhile: emission }),
  },
);

/** What a client is due in a room that it is in. */
interface Due {
  /** The messages that it has not read. */
  readonly unread: number[];
  /** Whether the place that it has is one of the log. */
  isPlaced: boolean;
}

/** A client that does what the protocol says, and knows what it is due. */
class ModelClient {
  readonly #historyCount: number;
  readonly #due = new Map<string, Due>();
  readonly #places = new Map<string, string>();
  #session: string | undefined;
  #id: string | undefined;
  #client: WireClient | undefined;

  constructor(historyCount: number) {
    this.#historyCount = historyCount;
  }

  get isThere(): boolean {
    return this.#client !== undefined;
  }

  /** Takes note of what was sent. */
  note(room: RoomName, messages: readonly number[]): void {
    this.#due.get(room)?.unread.push(...messages);
  }

  /** Connects, over an older connection if there is one. */
  async connect(url: string): Promise<void> {
    const older = this.#client;
    const hello = this.#session && { session: this.#session, rooms: Object.fromEntries(this.#places) };
    const { client, welcome } = await WireClient.hello(url, hello || {});
    this.#client = client;
    if (hello) this.#checkReturn(welcome);
    if (older !== undefined) expect(await older.closed()).toBe(HubCloseCode.REPLACED.code);
    this.#session = welcome.session;
    this.#id = welcome.id;
  }

  async join(room: RoomName): Promise<void> {
    const { offset } = (await this.#client!.request('$join', { room })) as { offset?: string };
    expect(offset === undefined).toBe(this.#due.has(room));
    if (offset === undefined) return;
    this.#due.set(room, { unread: [], isPlaced: true });
    this.#places.set(room, offset);
  }

  /** Reads what it is due, and leaves. */
  async leave(room: RoomName): Promise<void> {
    await this.read();
    if (this.#due.has(room)) await this.#client!.request('$leave', { room });
    else
      await expect(this.#client!.request('$leave', { room })).rejects.toMatchObject({ code: 'NOT_JOINED' });
    this.#due.delete(room);
    this.#places.delete(room);
  }

  /** Loses its connection; what it has not read is lost with that. */
  cut(): void {
    this.#client?.ws.terminate();
    this.#client = undefined;
  }

  /** Ends its session. */
  async sayGoodbye(): Promise<void> {
    await this.#client!.close();
    this.#client = undefined;
    this.#session = undefined;
    this.#due.clear();
    this.#places.clear();
  }

  /** Reads all that it is due, and that nothing else comes. */
  async read(): Promise<void> {
    while ([...this.#due.values()].some(({ unread }) => unread.length > 0)) {
      this.#take(await this.#client!.next(() => true));
    }
    expect(await this.#client!.settle()).toEqual([]);
  }

  #take({ room, data, offset }: WireMessage): void {
    const due = this.#due.get(room!);
    expect({ room, data }).toEqual({ room, data: due?.unread.shift() });
    due!.isPlaced = true;
    this.#places.set(room!, offset!);
  }

  #checkReturn({ id, resumed, rooms }: Welcome): void {
    expect({ id, resumed }).toEqual({ id: this.#id, resumed: true });
    expect(Object.keys(rooms!).sort()).toEqual([EVERYBODY, ...this.#due.keys()].sort());
    for (const [room, due] of this.#due) {
      const { gap, offset } = rooms![room]!;
      const lost = Math.max(0, due.unread.length - this.#historyCount);
      expect({ room, gap }).toEqual({ room, gap: lost > 0 || !due.isPlaced });
      due.unread.splice(0, lost);
      if (gap) due.isPlaced = false;
      this.#places.set(room, offset);
    }
  }
}

async function serveTwo(count: number) {
  const primary = new ClusterPrimary();
  const ports: Array<{ close(): void }> = [];
  const serveOne = () => {
    const { port1, port2 } = new MessageChannel();
    ports.push(port1);
    primary.add(port1);
    return serveHub({
      authorizeJoin: () => true,
      adapter: clusterAdapter({ peer: port2 }),
      history: { count },
      limits: { handshakesPerAddress: { perSecond: 1e6, burst: 1e6 } },
    });
  };
  const nodes = [await serveOne(), await serveOne()] as const;
  const close = async (): Promise<void> => {
    await Promise.all(nodes.map(({ hub }) => hub.close()));
    await primary.close();
    for (const port of ports) port.close();
  };
  return { nodes, close };
}

it.each([
  ['all of its rooms, once and in order', LONG],
  ['the newest of its rooms, once and in order, and tells of a gap before them', 3],
])('two nodes give each client %s', async (_what, historyCount) => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 30 }), async (steps) => {
      const { nodes, close } = await serveTwo(historyCount);
      const clients = [0, 1, 2].map(() => new ModelClient(historyCount));
      for (const [i, client] of clients.entries()) await client.connect(nodes[i % 2]!.url);
      // It tells in which order the messages are that both nodes send at once.
      const { client: witness } = await WireClient.hello(nodes[0].url);
      for (const name of ROOMS) await witness.request('$join', { room: name });
      let sent = 0;
      const emit = async ({ room, counts }: Emission): Promise<void> => {
        const own = counts.map((count) => Array.from({ length: count }, () => ++sent));
        await Promise.all(
          own.map(async (numbers, i) => {
            for (const number of numbers) {
              void nodes[i]!.hub.to(room).emit('said', number);
              await setImmediate();
            }
          }),
        );
        const order: number[] = [];
        for (const _ of own.flat()) order.push((await witness.next('said')).data as number);
        for (const numbers of own) expect(order.filter((n) => numbers.includes(n))).toEqual(numbers);
        for (const client of clients) client.note(room, order);
      };
      for (const each of steps) {
        if (each.kind === 'emit') {
          await emit(each.emission);
          continue;
        }
        const client = clients[each.who]!;
        if (each.kind === 'connect') {
          let isOver = false;
          const connected = client.connect(nodes[each.node]!.url).finally(() => {
            isOver = true;
          });
          while (historyCount >= LONG && !isOver) {
            await emit(each.meanwhile);
            await setImmediate();
          }
          await connected;
        }
        if (!client.isThere || each.kind === 'connect') continue;
        if (each.kind === 'join') await client.join(each.room);
        else if (each.kind === 'leave') await client.leave(each.room);
        else if (each.kind === 'read') await client.read();
        else if (each.kind === 'goodbye') await client.sayGoodbye();
        else client.cut();
      }
      for (const client of clients) {
        if (!client.isThere) await client.connect(nodes[1].url);
        await client.read();
      }
      await close();
    }),
    { numRuns: 30 },
  );
});
