import { createClient } from 'redis';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type RedisAdapterOptions, redisAdapter } from '../../src/redis/redis-adapter.ts';
import { AdapterTestNode } from '../hub/adapter-node.ts';
import { RedisServer } from './redis-server.ts';
import { StallingProxy } from './stalling-proxy.ts';

/** Redis with all that it has said yes to on the disk. */
const KEPT = ['--appendonly', 'yes', '--appendfsync', 'always'];

describe('while Redis is away', () => {
  it('rooms go on within the node, and the others get what they missed, once and in order', async () => {
    const server = await startServer(...KEPT);
    const [one, other] = await openNodes(server.url, 2);
    await Promise.all([one, other].map(({ adapter }) => adapter.subscribe('/#a')));
    const before = await one.append('/#a');
    await Promise.all([one.mids(1), other.mids(1)]);

    await server.kill();
    await one.reported('unreachable');
    const during = [one.send('/#a'), one.send('/#a'), one.send('/#a')];
    expect(one.delivered.slice(1)).toEqual(during.map((message) => ({ ...message, offset: undefined })));

    await server.start();
    await one.reported('reachable');
    const after = await one.append('/#a');
    const sent = [before, ...during, after].map(({ mid }) => mid);
    expect(await other.mids(5)).toEqual(sent);
    expect(await one.mids(5)).toEqual(sent);
    expect([...one.gaps, ...other.gaps]).toEqual([]);
    const { entries } = await one.adapter.entriesAfter('/#a', one.delivered[0]!.offset!);
    expect(entries.map(({ mid }) => mid)).toEqual(sent.slice(1));
  });

  it('what was on its way is delivered, and is in the log once, though it came there twice', async () => {
    const server = await startServer();
    const proxy = await startProxy(server.port);
    const [one] = await openNodes(proxy.url, 1, { timeoutMs: 1_000 });
    const [other] = await openNodes(server.url, 1);
    await Promise.all([one, other].map(({ adapter }) => adapter.subscribe('/#a')));
    proxy.stall();
    const sent = Array.from({ length: 20 }, () => one.message('/#a'));
    for (const message of sent) void one.adapter.append(message);
    const mids = sent.map(({ mid }) => mid);
    expect(await one.mids(20)).toEqual(mids);
    expect(one.delivered.every(({ offset }) => offset === undefined)).toBe(true);

    proxy.heal();
    await one.reported('reachable');
    const last = await one.append('/#a');
    expect(await other.mids(21)).toEqual([...mids, last.mid]);
    expect(await one.mids(21)).toEqual([...mids, last.mid]);
    expect([...one.gaps, ...other.gaps]).toEqual([]);
  });

  it('a message that was logged and not heard of is not delivered behind later ones', async () => {
    const server = await startServer();
    const proxy = await startProxy(server.port);
    const [one] = await openNodes(proxy.url, 1);
    const [other] = await openNodes(server.url, 1);
    await Promise.all([one, other].map(({ adapter }) => adapter.subscribe('/#a')));
    const sent = [];
    for (let i = 0; i < 20; i++) {
      for (let j = 0; j < 20; j++) sent.push(one.message('/#a'));
      for (const message of sent.slice(-20)) void one.adapter.append(message);
      proxy.cut();
      await one.until(() => one.delivered.length === sent.length);
      proxy.heal();
    }
    const mids = sent.map(({ mid }) => mid);
    expect(await one.mids(400)).toEqual(mids);
    expect(await other.mids(400)).toEqual(mids);
    expect(other.gaps).toEqual([]);
  });

  it('what is too much is told to be lost, where it is missing', async () => {
    const server = await startServer();
    const proxy = await startProxy(server.port);
    const [one] = await openNodes(proxy.url, 1, { backlog: { messages: 3 } });
    const [other] = await openNodes(server.url, 1);
    await Promise.all([one, other].map(({ adapter }) => adapter.subscribe('/#a')));
    proxy.cut();
    await one.reported('unreachable');
    const sent = [];
    for (let i = 0; i < 5; i++) sent.push(one.send('/#a').mid);
    expect(one.delivered.map(({ mid }) => mid)).toEqual(sent);
    const losses = one.reports.filter(({ kind }) => kind === 'loss');
    expect(losses).toEqual(Array(2).fill({ kind: 'loss', room: '/#a', messages: 1 }));

    proxy.heal();
    await one.reported('reachable');
    const last = await one.append('/#a');
    expect(await other.mids(4)).toEqual([...sent.slice(0, 3), last.mid]);
    expect(other.gaps).toEqual(['/#a']);
    expect(one.gaps).toEqual([]);
    expect(await one.mids(6)).toEqual([...sent, last.mid]);
    const { complete, entries } = await other.adapter.entriesAfter('/#a', other.delivered[0]!.offset!);
    expect([complete, entries.length]).toEqual([false, 3]);
  });

  it('what has waited longer than the history lasts is told to be lost', async () => {
    const server = await startServer();
    const proxy = await startProxy(server.port);
    const history = { count: 100, ageMs: 1 };
    const one = await AdapterTestNode.open(redisAdapter({ url: proxy.url, timeoutMs: 500 }), history);
    const [other] = await openNodes(server.url, 1, { prefix: 'hawser' });
    await Promise.all([one, other].map(({ adapter }) => adapter.subscribe('/#a')));
    proxy.cut();
    await one.reported('unreachable');
    one.send('/#a');
    proxy.heal();
    await one.reported('loss');
    await other.until(() => other.gaps.length > 0);
    expect(other.delivered).toEqual([]);
  });

  it('a node can begin', async () => {
    const server = await startServer();
    await server.kill();
    const [node] = await openNodes(server.url, 1);
    expect(node.reports).toMatchObject([{ kind: 'unreachable', error: expect.any(Error) }]);
    await node.adapter.subscribe('/#a');
    const first = node.send('/#a');
    expect(node.delivered).toEqual([{ ...first, offset: undefined }]);
    expect(await node.adapter.head('/#a')).toBe('0-0');
    expect(await node.adapter.ask({ kind: 'sockets', room: '/#a' })).toEqual([]);
    expect(await node.adapter.answerTo('socket', 'key')).toBeUndefined();

    await server.start();
    await node.reported('reachable');
    // What others sent before it could listen is not known.
    expect(node.gaps).toEqual(['/#a']);
    const second = await node.append('/#a');
    expect(await node.mids(2)).toEqual([first.mid, second.mid]);
    expect(node.delivered[1]!.offset).toBeDefined();
  });

  it('clients come back to their own node, and to any when it is there again', async () => {
    const server = await startServer();
    const [one, other] = await openNodes(server.url, 2);
    const record = { socketId: 'socket', identity: 'ann', rooms: { '/#a': '1-0' } };
    await one.adapter.saveSession('held', record);
    await one.adapter.saveSession('released', record);
    await one.adapter.saveSession('dropped', record);
    await server.kill();
    await one.reported('unreachable');
    await one.adapter.releaseSession('released');
    await one.adapter.dropSession('dropped');
    await one.adapter.saveAnswer('socket', 'key', '1');
    expect(await one.adapter.claimSession('held', 'ben')).toBeUndefined();
    expect(await one.adapter.claimSession('held', 'ann')).toEqual(record);
    expect(await one.adapter.answerTo('socket', 'key')).toBe('1');
    expect((await one.adapter.entriesAfter('/#a', '1-0')).complete).toBe(false);

    // It has lost everything.
    await server.start();
    await Promise.all([one.reported('reachable'), other.reported('reachable')]);
    expect(await other.adapter.claimSession('held', 'ann')).toEqual(record);
    expect(await other.adapter.claimSession('released', 'ann')).toEqual(record);
    expect(await other.adapter.claimSession('dropped', 'ann')).toBeUndefined();
  });

  it('clients that come back get what was sent before they did, though it is only being put into the log', async () => {
    const server = await startServer();
    const proxy = await startProxy(server.port);
    const [one] = await openNodes(proxy.url, 1, { timeoutMs: 5_000 });
    await one.adapter.subscribe('/#a');
    const start = await one.adapter.head('/#a');
    proxy.cut();
    await one.reported('unreachable');
    const { mid } = one.send('/#a');
    const history = one.adapter.entriesAfter('/#a', start);
    proxy.heal();
    const { entries, complete } = await history;
    expect({ mids: entries.map((entry) => entry.mid), complete }).toEqual({ mids: [mid], complete: true });
  });

  it('members are those of the node, and all when it is there again', async () => {
    const server = await startServer();
    const [one, other] = await openNodes(server.url, 2);
    await one.adapter.enter('/#a', { id: 'x', info: 1 });
    await other.adapter.enter('/#a', { id: 'y', info: 2 });
    await server.kill();
    await Promise.all([one.reported('unreachable'), other.reported('unreachable')]);
    await one.adapter.enter('/#a', { id: 'z', info: 3 });
    expect(await one.adapter.members('/#a')).toEqual([
      { id: 'x', info: 1 },
      { id: 'z', info: 3 },
    ]);
    await server.start();
    await Promise.all([one.reported('reachable'), other.reported('reachable')]);
    expect((await other.adapter.members('/#a')).map(({ id }) => id).sort()).toEqual(['x', 'y', 'z']);
  });

  it('a node that is closed tells what it could not hand over', async () => {
    const server = await startServer();
    const [node] = await openNodes(server.url, 1);
    await server.kill();
    await node.reported('unreachable');
    node.send('/#a');
    node.send('/#a');
    const told = expect(node.adapter.append(node.message('/#a'))).rejects.toMatchObject({
      code: 'UNAVAILABLE',
    });
    await node.adapter.close();
    await told;
    expect(node.reports.at(-1)).toEqual({ kind: 'loss', room: '/#a', messages: 3 });
    await expect(node.append('/#a')).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  });
});

describe('a node that dies while Redis is away', () => {
  it('leaves a mark where it may have taken messages with it, also in rooms that nobody is in by then', async () => {
    const server = await startServer(...KEPT);
    const proxy = await startProxy(server.port);
    const beats = { heartbeatMs: 50 };
    const [one, other] = await openNodes(server.url, 2, beats);
    const [dead] = await openNodes(proxy.url, 1, beats);
    for (const { adapter } of [one, other, dead]) await adapter.subscribe('/#a');
    await dead.adapter.subscribe('/#b');
    await one.adapter.subscribe('/#after');
    const first = await one.append('/#a');
    await dead.append('/#b');
    await Promise.all([one, other, dead].map((node) => node.until(() => node.delivered.length > 0)));
    await Promise.all([one, other].map(sees));
    const [inA, inB] = [await dead.adapter.head('/#a'), await dead.adapter.head('/#b')];

    proxy.cut();
    await server.kill();
    await Promise.all([one, other, dead].map((node) => node.reported('unreachable')));
    const lost = dead.send('/#a');
    expect(dead.delivered.at(-1)).toMatchObject({ mid: lost.mid, offset: undefined });
    await server.start();
    for (const node of [one, other]) await node.until(() => node.gaps.includes('/#a'));
    const next = await other.append('/#a');
    for (const node of [one, other]) expect(await node.mids(2)).toEqual([first.mid, next.mid]);
    expect(other.gaps).toEqual(['/#a']);

    const [later] = await openNodes(server.url, 1, beats);
    for (const room of ['/#a', '/#b', '/#new']) await later.adapter.subscribe(room);
    expect((await later.adapter.entriesAfter('/#a', inA)).complete).toBe(false);
    expect((await later.adapter.entriesAfter('/#b', inB)).complete).toBe(false);
    const start = await later.adapter.head('/#new');
    expect(await later.adapter.entriesAfter('/#new', start)).toEqual({ entries: [], complete: true });
    expect(later.gaps).toEqual([]);
  });

  it('is known to its senders, who wait for the log', async () => {
    const server = await startServer(...KEPT);
    const [node] = await openNodes(server.url, 1);
    await node.adapter.subscribe('/#a');
    await server.kill();
    await node.reported('unreachable');
    let isLogged = false;
    const logged = Promise.resolve(node.adapter.append(node.message('/#a'))).then(() => {
      isLogged = true;
    });
    await node.mids(1);
    await node.adapter.members('/#a');
    expect(isLogged).toBe(false);
    await server.start();
    await logged;
    expect(await node.adapter.entriesAfter('/#a', '0-0')).toMatchObject({
      entries: [{ body: expect.any(String) }],
    });
  });

  it('is no loss where it did not outlive its last answer from Redis by much', async () => {
    const server = await startServer(...KEPT);
    const proxy = await startProxy(server.port);
    const [one] = await openNodes(server.url, 1, { heartbeatMs: 50 });
    const [dead] = await openNodes(proxy.url, 1, { heartbeatMs: 50, timeoutMs: 200 });
    await one.adapter.subscribe('/#a');
    await one.adapter.enter('/#a', { id: 'x', info: 1 });
    await dead.adapter.enter('/#a', { id: 'y', info: 1 });
    proxy.cut();
    await one.mids(1);
    expect(one.delivered).toMatchObject([{ type: '$presence' }]);
    expect(one.gaps).toEqual([]);
  });
});

describe('when a log is lost', () => {
  it('all nodes tell of a gap, and go on', async () => {
    const server = await startServer();
    const [one, other] = await openNodes(server.url, 2);
    await Promise.all([one, other].map(({ adapter }) => adapter.subscribe('/#a')));
    await one.append('/#a');
    await Promise.all([one.mids(1), other.mids(1)]);
    const { offset } = one.delivered[0]!;
    await server.kill();
    await server.start();
    await Promise.all([one.reported('reachable'), other.reported('reachable')]);
    expect([one.gaps, other.gaps]).toEqual([['/#a'], ['/#a']]);
    expect((await one.adapter.entriesAfter('/#a', offset!)).complete).toBe(false);
    const next = await other.append('/#a');
    expect((await one.mids(2))[1]).toBe(next.mid);
    expect((await one.adapter.entriesAfter('/#a', offset!)).complete).toBe(false);
  });

  it.each([
    ['all of it', ['log', 'head']],
    ['its messages', ['log']],
    ['its end', ['head']],
  ])('a node that did not notice finds out by an audit or the next message: %s', async (_, kinds) => {
    const server = await startServer();
    const [one, other] = await openNodes(server.url, 2, { prefix: 'p' });
    await Promise.all([one, other].map(({ adapter }) => adapter.subscribe('/#a')));
    const start = await one.adapter.head('/#a');
    await one.append('/#a');
    await Promise.all([one.mids(1), other.mids(1)]);
    const client = await openClient(server.url);
    await client.del(kinds.map((kind) => `p:{/#a}:${kind}`));
    expect((await one.adapter.entriesAfter('/#a', start)).complete).toBe(false);
    const next = await one.append('/#a');
    expect((await other.mids(2))[1]).toBe(next.mid);
    expect((await other.adapter.entriesAfter('/#a', start)).complete).toBe(false);
    const isNoticed = kinds.includes('head') ? ['/#a'] : [];
    expect([one.gaps, other.gaps]).toEqual([isNoticed, isNoticed]);
  });

  it('messages that are not of a node are a gap', async () => {
    const server = await startServer();
    const [node] = await openNodes(server.url, 1, { prefix: 'p' });
    await node.adapter.subscribe('/#a');
    const client = await openClient(server.url);
    for (const text of ['', 'x', '1-1 0-0', 'a b c\nd', '- - x\n{'])
      await client.publish('p:{/#a}:live', text);
    await client.publish('p:{nodes}:all', '{');
    const head = await node.adapter.head('/#a');
    await client.publish('p:{/#a}:live', `99999999999999-0 ${head} x\nnonsense`);
    await node.until(() => node.gaps.length > 0);
    expect(node.delivered).toEqual([]);
  });
});

describe('what is published', () => {
  it('is fetched from the log when it gets lost on the way', async () => {
    const server = await startServer();
    const [one, other] = await openNodes(server.url, 2);
    await Promise.all([one, other].map(({ adapter }) => adapter.subscribe('/#a')));
    const client = await openClient(server.url);
    const sent: string[] = [];
    for (let i = 0; i < 10; i++) {
      for (let j = 0; j < 10; j++) sent.push((await one.append('/#a')).mid);
      await client.sendCommand(['CLIENT', 'KILL', 'TYPE', 'pubsub']);
      await one.until(() => one.reports.filter(({ kind }) => kind === 'reachable').length > i);
    }
    expect(await one.mids(100)).toEqual(sent);
    expect(await other.mids(100)).toEqual(sent);
    expect([...one.gaps, ...other.gaps]).toEqual([]);
  });

  it('comes in order and not late where it was sent while the room was entered', async () => {
    const server = await startServer();
    const proxy = await startProxy(server.port);
    const [one] = await openNodes(proxy.url, 1, { timeoutMs: 5_000 });
    // The second waits until the first is in the log.
    const [, before] = [one.send('/#a'), one.send('/#a')];
    const subscribed = one.adapter.subscribe('/#a');
    const during = one.send('/#a');
    await subscribed;
    const after = await one.append('/#a');
    expect(await one.mids(3)).toEqual([before, during, after].map(({ mid }) => mid));
    expect(one.delivered.map(({ offset }) => offset)).not.toContain(undefined);
    proxy.cut();
    await one.reported('unreachable');
    expect(one.delivered).toHaveLength(3);
  });

  it('is told how long it is on its way', async () => {
    const server = await startServer();
    const [node] = await openNodes(server.url, 1);
    await node.reported('lag');
    expect(node.reports[0]).toEqual({ kind: 'lag', lagMs: expect.any(Number) });
  });

  it('is missed when it does not come, though commands are answered', async () => {
    const server = await startServer();
    const [node] = await openNodes(server.url, 1, { heartbeatMs: 50, timeoutMs: 200 });
    const client = await openClient(server.url);
    await client.sendCommand(['ACL', 'SETUSER', 'default', 'resetchannels', '&none']);
    await client.sendCommand(['CLIENT', 'KILL', 'TYPE', 'pubsub']);
    await node.reported('unreachable');
    await client.sendCommand(['ACL', 'SETUSER', 'default', 'allchannels']);
    await node.reported('reachable');
  });
});

it('a node that died has no members after a time, and the others are told', async () => {
  const server = await startServer();
  const proxy = await startProxy(server.port);
  const [one] = await openNodes(server.url, 1);
  const [dead] = await openNodes(proxy.url, 1, { heartbeatMs: 50 });
  await one.adapter.subscribe('/#a');
  await one.adapter.enter('/#a', { id: 'x', info: 1 });
  await dead.adapter.enter('/#a', { id: 'y', info: 2 });
  expect(await one.adapter.members('/#a')).toHaveLength(2);
  proxy.cut();
  let members = await one.adapter.members('/#a');
  while (members.length > 1) members = await one.adapter.members('/#a');
  expect(members).toEqual([{ id: 'x', info: 1 }]);
  await one.mids(1);
  expect(one.delivered).toMatchObject([{ room: '/#a', type: '$presence', body: '{"left":["y"]}' }]);
  expect(await one.adapter.ask({ kind: 'sockets', room: '/#a' })).toEqual([]);
});

it('a member that went over to another node, and left there, does not come back', async () => {
  const server = await startServer();
  const source = { url: server.url, heartbeatMs: 50 };
  // Members are written again 20 times a second.
  const history = { count: 10, ageMs: 100 };
  const [one, other] = [
    await AdapterTestNode.open(redisAdapter(source), history),
    await AdapterTestNode.open(redisAdapter(source), history),
  ];
  await one.adapter.saveSession('secret', { socketId: 'x', identity: 'ann', rooms: {} });
  await one.adapter.enter('/#a', { id: 'x', info: 1 });
  await one.adapter.enter('/#a', { id: 'y', info: 1 });
  expect(await other.adapter.claimSession('secret', 'ann')).toMatchObject({ socketId: 'x' });
  await other.adapter.enter('/#a', { id: 'x', info: 2 });
  await one.until(() => one.requests.length > 0);
  await sees(one);
  await other.adapter.exit('/#a', 'x');
  await sees(one);
  expect(await other.adapter.members('/#a')).toEqual([{ id: 'y', info: 1 }]);
});

it('the others are told of the members of a node that died without anybody asking', async () => {
  const server = await startServer();
  const proxy = await startProxy(server.port);
  const nodes = await openNodes(server.url, 2, { heartbeatMs: 50 });
  const [dead] = await openNodes(proxy.url, 1, { heartbeatMs: 50, timeoutMs: 200 });
  for (const { adapter } of nodes) await adapter.subscribe('/#a');
  await nodes[0].adapter.enter('/#a', { id: 'x', info: 1 });
  await dead.adapter.enter('/#a', { id: 'y', info: 2 });
  proxy.cut();
  for (const node of nodes) {
    await node.mids(1);
    expect(node.delivered).toMatchObject([{ type: '$presence', body: '{"left":["y"]}', offset: undefined }]);
  }
});

/** Settles when a node has said once more that it lives, and heard of the others. */
async function sees(node: AdapterTestNode): Promise<void> {
  const lags = () => node.reports.filter(({ kind }) => kind === 'lag').length;
  const before = lags();
  await node.until(() => lags() >= before + 3);
}

async function startServer(...args: string[]): Promise<RedisServer> {
  const server = await RedisServer.start(...args);
  onTestFinished(() => server.stop());
  return server;
}

async function startProxy(port: number): Promise<StallingProxy> {
  const proxy = await StallingProxy.start(port);
  onTestFinished(() => proxy.close());
  return proxy;
}

async function openClient(url: string) {
  const client = createClient({ url });
  client.on('error', () => {});
  await client.connect();
  onTestFinished(() => client.destroy());
  return client;
}

async function openNodes<Count extends 1 | 2>(
  url: string,
  count: Count,
  options: Partial<RedisAdapterOptions> = {},
) {
  const nodes: AdapterTestNode[] = [];
  for (let i = 0; i < count; i++) {
    nodes.push(
      await AdapterTestNode.open(redisAdapter({ timeoutMs: 500, ...options, url } as RedisAdapterOptions)),
    );
  }
  return nodes as Count extends 1 ? [AdapterTestNode] : [AdapterTestNode, AdapterTestNode];
}
