import fc from 'fast-check';
import { expect, it } from 'vitest';
import { serveHub } from './served-hub.ts';
import { type Welcome, WireClient } from './wire-client.ts';

type Step =
  | { readonly kind: 'emit'; readonly room: string; readonly count: number }
  | { readonly kind: 'cut' }
  | { readonly kind: 'return' }
  | { readonly kind: 'take over' };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 5, arbitrary: emits() },
  { weight: 2, arbitrary: fc.constant<Step>({ kind: 'cut' }) },
  { weight: 2, arbitrary: fc.constant<Step>({ kind: 'return' }) },
  { weight: 1, arbitrary: fc.constant<Step>({ kind: 'take over' }) },
);

function emits(): fc.Arbitrary<Step> {
  return fc.record({
    kind: fc.constant('emit' as const),
    room: fc.constantFrom('a', 'b'),
    count: fc.integer({ min: 1, max: 4 }),
  });
}

/** A client that keeps its rooms' places and what came in each, as docs/hub-protocol.md tells it to. */
class Follower {
  readonly got: Record<string, unknown[]> = { a: [], b: [] };
  readonly #url: string;
  readonly #places: Record<string, string> = {};
  #welcome: Welcome | undefined;
  #client: WireClient | undefined;

  constructor(url: string) {
    this.#url = url;
  }

  get isThere(): boolean {
    return this.#client !== undefined;
  }

  /** Connects, over an older connection if there is one; returns the rooms in which something is missing. */
  async connect(): Promise<string[]> {
    const older = this.#client;
    const hello = this.#welcome && { session: this.#welcome.session, rooms: this.#places };
    // What the older connection got and nobody looked at is lost with it.
    older?.received.splice(0);
    const { client, welcome } = await WireClient.hello(this.#url, hello);
    this.#client = client;
    this.#welcome = welcome;
    const rooms = Object.entries(welcome.rooms ?? {});
    for (const [room, { offset }] of rooms) this.#places[room] = offset;
    return rooms.filter(([, { gap }]) => gap).map(([room]) => room);
  }

  async join(room: string): Promise<void> {
    const { offset } = (await this.#client!.request('$join', { room })) as { offset: string };
    this.#places[room] = offset;
  }

  cut(): void {
    this.#client?.received.splice(0);
    this.#client?.ws.terminate();
    this.#client = undefined;
  }

  /** Takes in what came. */
  async read(): Promise<void> {
    for (const { room, data, offset } of (await this.#client!.settle()).splice(0)) {
      this.got[room!]!.push(data);
      this.#places[room!] = offset!;
    }
  }
}

it('gives each client all of its rooms, once and in order, however often it is cut off', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 14 }), async (steps) => {
      const { hub, url } = await serveHub({ authorizeJoin: () => true });
      const follower = new Follower(url);
      await follower.connect();
      for (const room of ['a', 'b']) await follower.join(room);
      const sent: Record<string, number[]> = { a: [], b: [] };
      let count = 0;
      for (const each of [...steps, { kind: 'return' } as const]) {
        if (each.kind === 'emit') {
          for (let i = 0; i < each.count; i++) {
            sent[each.room]!.push(++count);
            void hub.to(each.room).emit('said', count);
          }
          if (follower.isThere && each.count % 2 === 0) await follower.read();
        } else if (each.kind === 'cut') follower.cut();
        else if (each.kind === 'take over' || !follower.isThere) expect(await follower.connect()).toEqual([]);
      }
      await follower.read();
      expect(follower.got).toEqual(sent);
      await hub.close();
    }),
    { numRuns: 25 },
  );
});

it('tells of each loss, when the history is short', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 0, max: 5 }), { minLength: 1, maxLength: 5 }),
      async (absences) => {
        const { hub, url } = await serveHub({ authorizeJoin: () => true, history: { count: 2 } });
        const follower = new Follower(url);
        await follower.connect();
        await follower.join('a');
        const expected: number[] = [];
        let count = 0;
        for (const missed of absences) {
          follower.cut();
          for (let i = 0; i < missed; i++) {
            count++;
            if (i >= missed - 2) expected.push(count);
            void hub.to('a').emit('said', count);
          }
          expect(await follower.connect()).toEqual(missed > 2 ? ['a'] : []);
          await follower.read();
        }
        expect(follower.got.a).toEqual(expected);
        await hub.close();
      },
    ),
    { numRuns: 15 },
  );
});
