import { describe, expect, it } from 'vitest';
import { type Adapter, EMPTIED, type HistoryLimits, type RoomEntry } from '../../src/hub/adapter.ts';
import { compareOffsets } from '../../src/wire/index.ts';
import { AdapterTestNode } from './adapter-node.ts';

/** An adapter to be tested. */
export interface AdapterUnderTest {
  /** Whether several of them make one cluster. */
  readonly spansNodes: boolean;
  /** Makes the adapter of one more node; all of one `cluster` belong together. */
  create(cluster: string, history: HistoryLimits): Adapter | Promise<Adapter>;
}

const HISTORY: HistoryLimits = { count: 1_000, ageMs: 60_000 };

let clusters = 0;

/** Describes what every adapter does. */
export function describeAdapter(name: string, { spansNodes, create }: AdapterUnderTest): void {
  async function openNodes<Count extends number>(count: Count, history = HISTORY) {
    const cluster = `contract-${process.pid}-${++clusters}`;
    const nodes: AdapterTestNode[] = [];
    for (let i = 0; i < count; i++) {
      nodes.push(await AdapterTestNode.open(await create(cluster, history), history));
    }
    return nodes as Count extends 1 ? [AdapterTestNode] : [AdapterTestNode, AdapterTestNode];
  }

  describe(`the rooms of ${name}`, () => {
    it('have their messages delivered, in the order of their log', async () => {
      const [node] = await openNodes(1);
      await node.adapter.subscribe('/#a');
      const sent = [await node.append('/#a'), await node.append('/#a'), await node.append('/#a')];
      expect(await node.mids(3)).toEqual(sent.map(({ mid }) => mid));
      expect(node.delivered).toEqual(
        sent.map((message) => ({ ...message, offset: expect.stringMatching(/^\d+-\d+$/) })),
      );
      expect(isAscending(node.delivered)).toBe(true);
    });

    it.each([
      ['nothing', undefined],
      ['JSON', '{"text":"a\\nb \\"ü\\" 😀"}'],
      ['bytes', Uint8Array.from({ length: 256 }, (_, i) => i)],
      ['no bytes', new Uint8Array(0)],
    ])('carry %s', async (_, body) => {
      const [node] = await openNodes(1);
      await node.adapter.subscribe('/#a');
      const before = await node.adapter.head('/#a');
      const sent = await node.append('/#a', { body, type: 't "\n\\ü', except: ['x', 'y'] });
      await node.mids(1);
      const { entries } = await node.adapter.entriesAfter('/#a', before);
      for (const [got] of [node.delivered, entries]) {
        expect(plain(got!)).toEqual(plain({ ...sent, offset: got!.offset }));
      }
    });

    it.each(['/#', '/a/b#c', '/#{x}', '/#}{', '/#%007b', '/#😀', '/#\ud800', '/#a b\nc', '/#__proto__'])(
      'are kept apart by names such as %j',
      async (room) => {
        const [node] = await openNodes(1);
        const others = ['/#other', '/#{', '/#\ud801', '/#\ufffd'].filter((other) => other !== room);
        for (const each of [room, ...others]) await node.adapter.subscribe(each);
        const sent = await node.append(room);
        expect(await node.mids(1)).toEqual([sent.mid]);
        expect(node.delivered[0]).toMatchObject({ room });
        for (const other of others) {
          const head = await node.adapter.head(other);
          expect((await node.adapter.entriesAfter(other, head)).entries).toEqual([]);
        }
      },
    );

    it('are not delivered to a node that has not subscribed, or not any more', async () => {
      const [node] = await openNodes(1);
      await node.append('/#a');
      await node.adapter.subscribe('/#a');
      node.adapter.unsubscribe('/#a');
      await node.append('/#a');
      await node.adapter.subscribe('/#a');
      const sent = await node.append('/#a');
      expect(await node.mids(1)).toEqual([sent.mid]);
    });

    it('have volatile messages that no log keeps', async () => {
      const [node] = await openNodes(1);
      await node.adapter.subscribe('/#a');
      const before = await node.adapter.head('/#a');
      const sent = await node.append('/#a', { volatile: true });
      await node.mids(1);
      expect(node.delivered).toEqual([{ ...sent, offset: undefined }]);
      expect(await node.adapter.entriesAfter('/#a', before)).toEqual({ entries: [], complete: true });
    });
  });

  describe(`the logs of ${name}`, () => {
    it('give what came after a place', async () => {
      const [node] = await openNodes(1);
      await node.adapter.subscribe('/#a');
      const start = await node.adapter.head('/#a');
      expect(await node.adapter.entriesAfter('/#a', start)).toEqual({ entries: [], complete: true });
      for (let i = 0; i < 5; i++) await node.append('/#a');
      await node.mids(5);
      expect(await node.adapter.entriesAfter('/#a', start)).toEqual({
        entries: node.delivered,
        complete: true,
      });
      for (const [index, { offset }] of node.delivered.entries()) {
        const { entries, complete } = await node.adapter.entriesAfter('/#a', offset!);
        expect(complete).toBe(true);
        expect(entries).toEqual(node.delivered.slice(index + 1));
      }
      expect(await node.adapter.head('/#a')).toBe(node.delivered[4]!.offset);
    });

    it('tell that the oldest are gone, and have the newest', async () => {
      const history = { count: 5, ageMs: 60_000 };
      const [node] = await openNodes(1, history);
      await node.adapter.subscribe('/#a');
      const start = await node.adapter.head('/#a');
      await Promise.all(Array.from({ length: 400 }, () => node.append('/#a')));
      await node.mids(400);
      const first = await node.adapter.entriesAfter('/#a', start);
      expect(first.complete).toBe(false);
      const { offset } = node.delivered[394]!;
      expect(await node.adapter.entriesAfter('/#a', offset!)).toEqual({
        entries: node.delivered.slice(395),
        complete: true,
      });
    });

    it('know where they were emptied for the last time', async () => {
      const [node] = await openNodes(1);
      await node.adapter.subscribe('/#a');
      await node.append('/#a');
      expect(await node.adapter.emptiedAt('/#a')).toBeUndefined();
      for (let i = 0; i < 2; i++) {
        const before = await node.adapter.head('/#a');
        const { mid } = await node.append('/#a', { type: EMPTIED });
        await node.until(() => node.delivered.some((entry) => entry.mid === mid));
        const emptied = (await node.adapter.emptiedAt('/#a'))!;
        expect(compareOffsets(before, emptied)).toBeLessThan(0);
        // Who comes now has come behind it.
        expect(compareOffsets(emptied, (await node.adapter.head('/#a')) as string)).toBeLessThanOrEqual(0);
      }
      expect(await node.adapter.emptiedAt('/#b')).toBeUndefined();
    });

    it('know no places of other logs', async () => {
      const [node] = await openNodes(1);
      await node.append('/#a');
      for (const offset of ['0-0', '1-1', '99999999999999-0']) {
        expect((await node.adapter.entriesAfter('/#a', offset)).complete).toBe(false);
      }
    });
  });

  describe(`the sessions of ${name}`, () => {
    const record = { socketId: 'socket', identity: 'ann', rooms: { '/#a': '1-0' } };

    it('are claimed by their identity, while held and when released', async () => {
      const [{ adapter }] = await openNodes(1);
      await adapter.saveSession('secret', record);
      expect(await adapter.claimSession('secret', 'ben')).toBeUndefined();
      expect(await adapter.claimSession('other', 'ann')).toBeUndefined();
      expect(await adapter.claimSession('secret', 'ann')).toEqual(record);
      await adapter.releaseSession('secret');
      expect(await adapter.claimSession('secret', 'ben')).toBeUndefined();
      expect(await adapter.claimSession('secret', 'ann')).toEqual(record);
    });

    it('are what was saved last', async () => {
      const [{ adapter }] = await openNodes(1);
      await adapter.saveSession('secret', record);
      await adapter.saveSession('secret', { ...record, rooms: {} });
      expect(await adapter.claimSession('secret', 'ann')).toEqual({ ...record, rooms: {} });
    });

    it('are over when they are dropped', async () => {
      const [{ adapter }] = await openNodes(1);
      await adapter.saveSession('secret', record);
      await adapter.dropSession('secret');
      expect(await adapter.claimSession('secret', 'ann')).toBeUndefined();
    });

    it('remember answers', async () => {
      const [{ adapter }] = await openNodes(1);
      await adapter.saveAnswer('socket', 'key', '{"a":1}');
      expect(await adapter.answerTo('socket', 'key')).toBe('{"a":1}');
      expect(await adapter.answerTo('socket', 'other')).toBeUndefined();
      expect(await adapter.answerTo('other', 'key')).toBeUndefined();
    });
  });

  describe(`the members of ${name}`, () => {
    it('are those that came and did not go', async () => {
      const [{ adapter }] = await openNodes(1);
      await adapter.enter('/#a', { id: 'x', info: { name: 'Xenia' } });
      await adapter.enter('/#a', { id: 'y', info: null });
      await adapter.enter('/#b', { id: 'z', info: 3 });
      await adapter.exit('/#a', 'y');
      expect(await adapter.members('/#a')).toEqual([{ id: 'x', info: { name: 'Xenia' } }]);
      expect(await adapter.members('/#c')).toEqual([]);
    });
  });

  it(`a node alone, with ${name}, asks nobody`, async () => {
    const [node] = await openNodes(1);
    expect(await node.adapter.ask({ kind: 'sockets', room: '/#a' })).toEqual([]);
    expect(node.requests).toEqual([]);
  });

  if (!spansNodes) return;

  describe(`several nodes of ${name}`, () => {
    it('all get what each of them sends, in one order', async () => {
      const nodes = await openNodes(2);
      const rooms = ['/#a', '/#b', '/#c'];
      for (const { adapter } of nodes) for (const room of rooms) await adapter.subscribe(room);
      const sent = await Promise.all(
        Array.from({ length: 300 }, (_, i) => nodes[i % 2]!.append(rooms[i % 3]!)),
      );
      for (const node of nodes) await node.mids(300);
      for (const room of rooms) {
        const [one, other] = nodes.map(({ delivered }) => delivered.filter((entry) => entry.room === room));
        expect(one).toEqual(other);
        expect(isAscending(one!)).toBe(true);
        for (const { id } of nodes) {
          const isOf = ({ mid }: { mid: string }) => mid.startsWith(`${id}:`);
          const expected = sent.filter((message) => message.room === room && isOf(message));
          expect(one!.filter(isOf).map(({ mid }) => mid)).toEqual(expected.map(({ mid }) => mid));
        }
      }
      expect(nodes.flatMap(({ gaps }) => gaps)).toEqual([]);
    });

    it('have one log of a room', async () => {
      const [one, other] = await openNodes(2);
      await one.adapter.subscribe('/#a');
      const start = await one.adapter.head('/#a');
      await one.append('/#a');
      await other.append('/#a');
      await one.mids(2);
      expect(await other.adapter.entriesAfter('/#a', start)).toEqual({
        entries: one.delivered,
        complete: true,
      });
    });

    it('are emptied for all', async () => {
      const [one, other] = await openNodes(2);
      await one.adapter.subscribe('/#a');
      await one.append('/#a', { type: EMPTIED });
      expect(await other.adapter.emptiedAt('/#a')).toBe(await one.adapter.emptiedAt('/#a'));
      expect(await other.adapter.emptiedAt('/#a')).toBeDefined();
    });

    it('have what a node that comes later gets from its head on', async () => {
      const [one, other] = await openNodes(2);
      let isOver = false;
      const sending = (async () => {
        while (!isOver) await one.append('/#a');
      })();
      await other.adapter.subscribe('/#a');
      const head = await other.adapter.head('/#a');
      await other.mids(50);
      isOver = true;
      await sending;
      const { entries, complete } = await one.adapter.entriesAfter('/#a', head);
      expect(complete).toBe(true);
      await other.mids(entries.length);
      const live = other.delivered.filter(({ offset }) => compareOffsets(offset!, head) > 0);
      expect(live).toEqual(entries);
    });

    it('pass volatile messages on', async () => {
      const nodes = await openNodes(2);
      for (const { adapter } of nodes) await adapter.subscribe('/#a');
      const sent = await nodes[0].append('/#a', { volatile: true });
      for (const node of nodes) {
        await node.mids(1);
        expect(node.delivered).toEqual([{ ...sent, offset: undefined }]);
      }
    });

    it('take sessions over from each other', async () => {
      const [one, other] = await openNodes(2);
      const record = { socketId: 'socket', identity: 'ann', rooms: { '/#a': '1-0' } };
      await one.adapter.saveSession('secret', record);
      expect(await other.adapter.claimSession('secret', 'ann')).toEqual(record);
      await one.until(() => one.requests.length > 0);
      expect(one.requests).toEqual([{ kind: 'replace', socketId: 'socket' }]);
      // It is not the first node's any more.
      await one.adapter.saveSession('secret', { ...record, rooms: {} });
      await one.adapter.releaseSession('secret');
      await one.adapter.dropSession('secret');
      expect(await other.adapter.claimSession('secret', 'ann')).toEqual(record);
      expect(other.requests).toEqual([]);
    });

    it('give a session to one of those that claim it', async () => {
      const [one, other] = await openNodes(2);
      const record = { socketId: 'socket', identity: 'ann', rooms: {} };
      await one.adapter.saveSession('secret', record);
      await one.adapter.releaseSession('secret');
      await Promise.all([one, other].map(({ adapter }) => adapter.claimSession('secret', 'ann')));
      // Whoever was first is told that it has lost it.
      const asked = (node: AdapterTestNode) => node.requests.length;
      await Promise.race([one.until(() => asked(one) > 0), other.until(() => asked(other) > 0)]);
      const [loser, winner] = asked(one) > 0 ? [one, other] : [other, one];
      await loser.adapter.dropSession('secret');
      await winner.adapter.saveSession('secret', { ...record, rooms: { '/#a': '1-0' } });
      expect(await winner.adapter.claimSession('secret', 'ann')).toMatchObject({ rooms: { '/#a': '1-0' } });
    });

    it('know answers of each other', async () => {
      const [one, other] = await openNodes(2);
      await one.adapter.saveAnswer('socket', 'key', '1');
      expect(await other.adapter.answerTo('socket', 'key')).toBe('1');
    });

    it('list the members of all', async () => {
      const [one, other] = await openNodes(2);
      await one.adapter.enter('/#a', { id: 'x', info: 1 });
      await other.adapter.enter('/#a', { id: 'y', info: 2 });
      for (const { adapter } of [one, other]) {
        const members = [...(await adapter.members('/#a'))].sort((a, b) => a.id.localeCompare(b.id));
        expect(members).toEqual([
          { id: 'x', info: 1 },
          { id: 'y', info: 2 },
        ]);
      }
    });

    it('do not list the members of one that left', async () => {
      const [one, other] = await openNodes(2);
      await one.adapter.enter('/#a', { id: 'x', info: 1 });
      await other.adapter.enter('/#a', { id: 'y', info: 2 });
      await other.adapter.close();
      expect(await one.adapter.members('/#a')).toEqual([{ id: 'x', info: 1 }]);
    });

    it('ask each other', async () => {
      const [one, other] = await openNodes(2);
      other.answer = async () => ['socket'];
      const request = { kind: 'sockets', room: '/#a' } as const;
      expect(await one.adapter.ask(request)).toEqual([['socket']]);
      expect(other.requests).toEqual([request]);
      expect(one.requests).toEqual([]);
    });

    it('leave out those that do not answer, or cannot', async () => {
      const [one, other] = await openNodes(2);
      other.answer = () => new Promise(() => {});
      expect(await one.adapter.ask({ kind: 'sockets', room: '/#a' })).toEqual([]);
      other.answer = () => {
        throw new Error('no');
      };
      expect(await one.adapter.ask({ kind: 'sockets', room: '/#a' })).toEqual([]);
    });
  });
}

function isAscending(entries: readonly RoomEntry[]): boolean {
  return entries.every(
    ({ offset }, index) => index === 0 || compareOffsets(offset!, entries[index - 1]!.offset!) > 0,
  );
}

/** Bytes may be of any class. */
function plain({ body, ...rest }: RoomEntry) {
  return { ...rest, body: body instanceof Uint8Array ? [...body] : body };
}
