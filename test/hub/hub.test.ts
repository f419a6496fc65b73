import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import {
  type AdapterNode,
  createHub,
  HubCloseCode,
  HubError,
  type HubOptions,
  memoryAdapter,
  Refused,
} from '../../src/hub/index.ts';
import { refusalOf } from './refusal-of.ts';
import { serveHub } from './served-hub.ts';
import { WireClient } from './wire-client.ts';

describe('events of clients', () => {
  it('reach their handler, whose result is the answer', async () => {
    const { hub, url } = await serveHub();
    hub.on('add', (data) => (data as number[]).reduce((sum, each) => sum + each, 0));
    const client = await WireClient.plain(url);
    expect(await client.request('add', [1, 2, 3])).toBe(6);
  });

  it('are taken from a client that sends at once, without $hello', async () => {
    const { hub, url } = await serveHub();
    hub.on('echo', (data) => data);
    const client = await WireClient.plain(url);
    for (const data of [1, 2, 3]) client.send({ type: 'echo', data, id: data });
    expect([(await client.next('$reply')).data, (await client.next('$reply')).data]).toEqual([1, 2]);
  });

  it('may be binary, and so may their answers', async () => {
    const { hub, url } = await serveHub();
    hub.on('reverse', (data) => Uint8Array.from(data as Uint8Array).reverse());
    const client = await WireClient.plain(url);
    expect(await client.request('reverse', Buffer.from('abc'))).toEqual(Buffer.from('cba'));
  });

  it('are answered with an error that a handler meant for the client', async () => {
    const { hub, url } = await serveHub();
    hub.on('buy', () => {
      throw new HubError('SOLD_OUT', 'none is left', { left: 0 });
    });
    const client = await WireClient.plain(url);
    await expect(client.request('buy')).rejects.toMatchObject({
      code: 'SOLD_OUT',
      message: 'none is left',
      details: { left: 0 },
    });
  });

  it('tell nothing of other errors', async () => {
    const { hub, url } = await serveHub();
    const secret = new Error('password of the database');
    hub.on('fail', async () => Promise.reject(secret));
    const failure = once(hub.events, 'failure');
    const client = await WireClient.plain(url);
    const error = await client.request('fail').catch((caught) => caught);
    expect(error).toMatchObject({ code: 'INTERNAL' });
    expect(JSON.stringify(error)).not.toContain('password');
    expect((await failure)[0]).toBe(secret);
  });

  it('are refused when nobody handles them', async () => {
    const { url } = await serveHub();
    const client = await WireClient.plain(url);
    await expect(client.request('nothing')).rejects.toMatchObject({ code: 'UNKNOWN_TYPE' });
  });

  it.each(['__proto__', 'constructor', 'toString', 'error', 'newListener'])(
    'are not taken for something else when they are called %s',
    async (type) => {
      const { url } = await serveHub();
      const client = await WireClient.plain(url);
      await expect(client.request(type)).rejects.toMatchObject({ code: 'UNKNOWN_TYPE' });
    },
  );

  it('cannot be of a type of the protocol', async () => {
    const { hub, url } = await serveHub();
    expect(() => hub.on('$hello', () => {})).toThrow(TypeError);
    const client = await WireClient.plain(url);
    await expect(client.request('$other')).rejects.toMatchObject({ code: 'RESERVED_TYPE' });
  });

  it('close the connection when too many of them are none', async () => {
    const { hub, url } = await serveHub({ limits: { badMessages: { perSecond: 0, burst: 2 } } });
    const refused: string[] = [];
    hub.events.on('refused', ({ code }) => refused.push(code));
    const client = await WireClient.plain(url);
    for (const text of ['{', '[]', '{"type":1}']) client.ws.send(text);
    expect(await client.closed()).toBe(HubCloseCode.BAD_MESSAGES.code);
    expect(refused).toEqual(['BAD_MESSAGE', 'BAD_MESSAGE', 'BAD_MESSAGE']);
  });

  it('are all handled where they ask for no answer, however many come at once', async () => {
    const { hub, url } = await serveHub({ limits: { pendingRequests: 1 } });
    const handled: unknown[] = [];
    hub.on('note', async (data) => {
      await Promise.resolve();
      handled.push(data);
    });
    const client = await WireClient.plain(url);
    for (let i = 0; i < 300; i++) client.send({ type: 'note', data: i });
    await client.settle();
    expect(handled).toEqual(Array.from({ length: 300 }, (_, i) => i));
  });
});

describe('rooms', () => {
  it('get what is sent to them, without those who are left out', async () => {
    const { hub, url } = await serveHub();
    hub.onConnection((socket) => socket.join('lobby'));
    hub.on('say', (data, socket) => {
      void hub.to('lobby').except(socket).emit('said', data);
    });
    const [ann, ben] = await Promise.all([WireClient.plain(url), WireClient.plain(url)]);
    await Promise.all([ann.settle(), ben.settle()]);
    ann.send({ type: 'say', data: 'hi' });
    expect(await ben.next('said')).toMatchObject({ data: 'hi', room: 'lobby' });
    expect(await ann.settle()).toEqual([]);
  });

  it('are not joined by clients unless that is allowed', async () => {
    const { hub, url } = await serveHub();
    const client = await WireClient.plain(url);
    await expect(client.request('$join', { room: 'secret' })).rejects.toMatchObject({ code: 'FORBIDDEN' });
    expect(hub.in('secret').sockets()).toEqual([]);
  });

  it('are joined and left by clients where that is allowed', async () => {
    const { hub, url } = await serveHub({ authorizeJoin: (_socket, room) => room.startsWith('open-') });
    const client = await WireClient.plain(url);
    expect(await client.request('$join', { room: 'open-1' })).toMatchObject({ room: 'open-1' });
    await expect(client.request('$join', { room: 'closed' })).rejects.toMatchObject({ code: 'FORBIDDEN' });
    expect(hub.in('open-1').sockets()).toHaveLength(1);
    void hub.to('open-1').emit('news');
    expect(await client.next('news')).not.toHaveProperty('data');
    await client.request('$leave', { room: 'open-1' });
    await expect(client.request('$leave', { room: 'open-1' })).rejects.toMatchObject({ code: 'NOT_JOINED' });
    expect(hub.in('open-1').sockets()).toEqual([]);
  });

  it.each([undefined, {}, { room: '' }, { room: '$all' }, { room: 'r'.repeat(257) }, { room: 7 }])(
    'are not joined by %j',
    async (data) => {
      const { url } = await serveHub({ authorizeJoin: () => true });
      const client = await WireClient.plain(url);
      await expect(client.request('$join', data)).rejects.toMatchObject({ code: 'BAD_MESSAGE' });
    },
  );

  it('all get what is sent to everybody', async () => {
    const { hub, url } = await serveHub();
    const clients = await Promise.all([WireClient.plain(url), WireClient.plain(url)]);
    await Promise.all(clients.map((client) => client.settle()));
    void hub.emit('news', 1);
    for (const client of clients) expect((await client.next('news')).data).toBe(1);
  });

  it('tell who is in them', async () => {
    const { hub, url } = await serveHub({
      authorizeJoin: () => true,
      authorize: (request) => ({ name: new URL(request.url!, 'ws://x').searchParams.get('name') }),
      presence: (socket) => socket.context,
    });
    const ann = await WireClient.plain(`${url}/?name=ann`);
    await ann.request('$join', { room: 'lobby' });
    const ben = await WireClient.plain(`${url}/?name=ben`);
    await ben.request('$join', { room: 'lobby' });
    const isOf = (name: string) => (message: { type: string; data?: unknown }) =>
      message.type === '$presence' && JSON.stringify(message.data).includes(name);
    expect(await ann.next(isOf('ben'))).toMatchObject({ data: { joined: [{ info: { name: 'ben' } }] } });
    expect((await hub.members('lobby')).map(({ info }) => info)).toEqual([{ name: 'ann' }, { name: 'ben' }]);
    await ben.close();
    expect(await ann.next(isOf('left'))).toMatchObject({ room: 'lobby' });
    expect(await hub.members('lobby')).toHaveLength(1);
  });
});

describe('sockets', () => {
  it('are asked, and answer', async () => {
    const { hub, url } = await serveHub();
    hub.on('ask-me', (data, socket) => socket.request('question', data));
    const client = await WireClient.plain(url);
    const answer = client.request('ask-me', 6);
    const { id, data } = await client.next('question');
    client.send({ type: '$reply', id, data: (data as number) * 7 });
    expect(await answer).toBe(42);
  });

  it('answer with errors', async () => {
    const { hub, url } = await serveHub();
    hub.on('ask-me', (_data, socket) => socket.request('question', 1));
    const client = await WireClient.plain(url);
    const answer = client.request('ask-me');
    const { id } = await client.next('question');
    client.send({ type: '$error', id, data: { code: 'NO_IDEA', message: 'no idea' } });
    await expect(answer).rejects.toMatchObject({ code: 'NO_IDEA', message: 'no idea' });
  });

  it('end their requests when they are gone', async () => {
    const { hub, url } = await serveHub();
    const asked = new Promise((resolve) => {
      hub.on('ask-me', (_data, socket) => socket.request('question', 1).catch(resolve));
    });
    const client = await WireClient.plain(url);
    client.send({ type: 'ask-me' });
    await client.next('question');
    client.ws.terminate();
    expect(await asked).toMatchObject({ code: 'CLOSED' });
  });

  it('have ids that nobody guesses', async () => {
    const { url } = await serveHub();
    const welcomes = await Promise.all([WireClient.hello(url), WireClient.hello(url)]);
    const values = welcomes.flatMap(({ welcome }) => [welcome.id, welcome.session]);
    for (const value of values) expect(value).toMatch(/^[\w-]{22}$/);
    expect(new Set(values).size).toBe(4);
  });
});

describe('authorization', () => {
  it('gives the context of a socket', async () => {
    const { hub, url } = await serveHub({ authorize: async ({ url: path }) => ({ path }) });
    hub.on('who', (_data, socket) => socket.context);
    const client = await WireClient.plain(`${url}/?a=1`);
    expect(await client.request('who')).toEqual({ path: '/?a=1' });
  });

  it.each([
    ['returned', () => new Refused(403, { headers: { 'X-Why': 'rules' }, body: 'not you' })],
    [
      'thrown',
      () => {
        throw new Refused(403, { headers: { 'X-Why': 'rules' }, body: 'not you' });
      },
    ],
  ])('refuses by an HTTP response that is %s', async (_how, authorize) => {
    const { url } = await serveHub({ authorize });
    const response = await refusalOf(url);
    expect([response.status, response.headers['x-why'], response.body]).toEqual([403, 'rules', 'not you']);
  });

  it('refuses when it fails', async () => {
    const { hub, url } = await serveHub({ authorize: () => Promise.reject(new Error('no database')) });
    const failure = once(hub.events, 'failure');
    expect((await refusalOf(url)).status).toBe(401);
    expect((await failure)[0]).toMatchObject({ message: 'no database' });
  });

  it('closes a connection when it expires', async () => {
    const { url } = await serveHub({ expiresAt: () => Date.now() });
    const client = await WireClient.plain(url);
    expect(await client.closed()).toBe(HubCloseCode.UNAUTHORIZED.code);
  });
});

describe('namespaces', () => {
  it('have clients, rooms and handlers of their own', async () => {
    const { hub, url } = await serveHub();
    const admin = hub.namespace('/admin', { authorizeJoin: () => true });
    admin.on('who', () => 'admin');
    hub.on('who', () => 'root');
    const [root, other] = await Promise.all([WireClient.plain(url), WireClient.plain(`${url}/admin?x`)]);
    expect([await root.request('who'), await other.request('who')]).toEqual(['root', 'admin']);
    await other.request('$join', { room: 'r' });
    void hub.to('r').emit('news');
    void admin.to('r').emit('other-news');
    await other.next('other-news');
    expect(await other.settle()).toEqual([]);
    expect([hub.sockets.size, admin.sockets.size]).toEqual([1, 1]);
  });

  it('are refused where there is none', async () => {
    const { url } = await serveHub();
    expect((await refusalOf(`${url}/nowhere`)).status).toBe(404);
  });

  it('are made once, of a path', async () => {
    const { hub } = await serveHub();
    hub.namespace('/a');
    for (const path of ['/', '/a', 'a', '/a?b', '/a#b']) expect(() => hub.namespace(path)).toThrow(TypeError);
  });
});

describe('a hub', () => {
  it.each([
    {},
    { port: 0, noServer: true },
    { noServer: true, path: 'chat' },
    { noServer: true, origins: ['no origin'] },
    { noServer: true, trustedProxies: ['no address'] },
  ])('is not made of %j', (options) => {
    expect(() => createHub(options)).toThrow(TypeError);
  });

  it('tells that it cannot listen', async () => {
    const { hub } = await serveHub();
    const { port } = hub.address() as AddressInfo;
    const other = createHub({ port, host: '127.0.0.1' });
    expect((await once(other.events, 'error'))[0]).toMatchObject({ code: 'EADDRINUSE' });
  });

  it('answers on a path of its own, on the server of others', async () => {
    const http = createServer((_request, response) => response.end('a page'));
    onTestFinished(() => void http.close());
    const hub = createHub({ server: http, path: '/chat' });
    hub.on('echo', (data) => data);
    await once(http.listen(0, '127.0.0.1'), 'listening');
    const url = `ws://127.0.0.1:${(http.address() as AddressInfo).port}`;
    const client = await WireClient.plain(`${url}/chat`);
    expect(await client.request('echo', 1)).toBe(1);
    expect((await refusalOf(url)).status).toBe(404);
    await hub.drain();
    expect((await refusalOf(`${url}/chat`)).status).toBe(503);
    await hub.close();
  });

  it('takes upgrades by hand', async () => {
    const hub = createHub({ noServer: true });
    onTestFinished(() => hub.close());
    const http = createServer().on('upgrade', (request, socket, head) =>
      hub.handleUpgrade(request, socket, head),
    );
    onTestFinished(() => void http.close());
    await once(http.listen(0, '127.0.0.1'), 'listening');
    await WireClient.hello(`ws://127.0.0.1:${(http.address() as AddressInfo).port}`);
    expect(hub.sockets.size).toBe(1);
  });

  it('drains: its clients are told, newcomers refused, and the adapter closed', async () => {
    const adapter = memoryAdapter();
    let isClosed = false;
    adapter.close = () => {
      isClosed = true;
    };
    const { hub, url } = await serveHub({ adapter });
    const [plain, { client }] = await Promise.all([WireClient.plain(url), WireClient.hello(url)]);
    const [drained, again] = await Promise.all([hub.drain({ deadlineMs: 5_000 }), hub.drain()]);
    expect(drained).toMatchObject({ closed: 2, terminated: 0 });
    expect(again).toBe(drained);
    expect(await Promise.all([plain.closed(), client.closed()])).toEqual([1001, 1001]);
    expect([isClosed, hub.sockets.size]).toEqual([true, 0]);
  });

  it('refuses requests with 503 when its adapter did not open, and tells so', async () => {
    const adapter = memoryAdapter();
    adapter.open = () => Promise.reject(new Error('no Redis'));
    const hub = createHub({ port: 0, host: '127.0.0.1', adapter });
    onTestFinished(() => hub.close());
    adapter.close = () => {};
    const failure = once(hub.events, 'failure');
    const listening = once(hub.events, 'listening');
    await expect(hub.ready).rejects.toThrow('no Redis');
    expect((await failure)[0]).toMatchObject({ message: 'no Redis' });
    await listening;
    const { port } = hub.address() as AddressInfo;
    expect(await refusalOf(`ws://127.0.0.1:${port}`)).toMatchObject({
      status: 503,
      headers: { 'retry-after': '10' },
    });
  });

  it('tells of requests that it refused', async () => {
    const { hub, url } = await serveHub({ authorize: () => new Refused(403) });
    const told = once(hub.events, 'refused-request');
    await refusalOf(`${url}/?a`);
    expect(await told).toMatchObject([{ status: 403 }, { url: '/?a' }]);
  });
});

describe('what comes from other nodes', () => {
  /** A hub and what its adapter knows of it. */
  async function serveNode(options: HubOptions<unknown> = {}) {
    const adapter = memoryAdapter();
    const { open } = adapter;
    let node: AdapterNode | undefined;
    adapter.open = (given) => {
      node = given;
      return open.call(adapter, given);
    };
    return { ...(await serveHub({ adapter, ...options })), adapter, node: node! };
  }

  it('is delivered to the rooms of the namespace that it is for', async () => {
    const { hub, url, node } = await serveNode({ authorizeJoin: () => true });
    const client = await WireClient.plain(url);
    await client.request('$join', { room: 'r' });
    const entry = { mid: 'm', type: 'a', body: '1', except: [], volatile: false, offset: '1-0' };
    for (const room of ['/#r', '/#s', '/other#r']) node.deliver({ ...entry, room });
    for (const room of ['/#r', '/#s', '/other#r']) node.gap(room);
    expect((await client.settle()).map(({ type }) => type)).toEqual(['a', '$gap']);
    hub.namespace('/other');
  });

  it('is asked for and answered', async () => {
    const { hub, url, adapter, node } = await serveNode();
    const { client, welcome } = await WireClient.hello(url);
    await hub.sockets.get(welcome.id)!.join('r');
    expect(node.answer({ kind: 'sockets', room: '/#r' })).toEqual([welcome.id]);
    expect(node.answer({ kind: 'sockets', room: '/other#r' })).toEqual([]);
    adapter.ask = () => [['of another node'], []];
    expect(await hub.in('r').ids()).toEqual([welcome.id, 'of another node']);
    expect(node.answer({ kind: 'leave', room: '/#r' })).toEqual([welcome.id]);
    expect(hub.sockets.get(welcome.id)!.rooms.size).toBe(0);
    node.answer({ kind: 'replace', socketId: welcome.id });
    expect(await client.closed()).toBe(HubCloseCode.REPLACED.code);
    expect(hub.sockets.size).toBe(0);
  });

  it('is reported', async () => {
    const { hub, node } = await serveNode();
    const report = once(hub.events, 'cluster');
    node.report({ kind: 'lag', lagMs: 3 });
    expect(await report).toEqual([{ kind: 'lag', lagMs: 3 }]);
  });
});
