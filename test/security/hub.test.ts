import { EventEmitter, once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HubCloseCode, memoryAdapter, Refused, tokenOf } from '../../src/hub/index.ts';
import { RedisKeys } from '../../src/redis/redis-keys.ts';
import { StreamLog } from '../../src/redis/stream-log.ts';
import { LAST, SUBPROTOCOL } from '../../src/wire/index.ts';
import { refusalOf } from '../hub/refusal-of.ts';
import { serveHub } from '../hub/served-hub.ts';
import { WireClient } from '../hub/wire-client.ts';

// The rows of the security record that are the hub's: each is a class of faults that other libraries had.

describe('names that a client chooses share nothing with names of the program', () => {
  const NAMES = [
    'error',
    'close',
    'newListener',
    'removeListener',
    'failure',
    'refused',
    '__proto__',
    'constructor',
  ];

  it.each(NAMES)('row 23: takes %s for an event like any other', async (type) => {
    const { hub, url } = await serveHub();
    let emitted = 0;
    for (const name of ['failure', 'error'] as const) hub.events.on(name, () => emitted++);
    const client = await WireClient.plain(url);
    await expect(client.request(type)).rejects.toMatchObject({ code: 'UNKNOWN_TYPE' });
    hub.on(type, (data) => data);
    expect(await client.request(type, 'x')).toBe('x');
    expect(emitted).toBe(0);
  });

  it.each(NAMES)('row 23: takes %s for a room like any other', async (room) => {
    const { hub, url } = await serveHub({ authorizeJoin: () => true, presence: () => ({ of: room }) });
    const { client, welcome } = await WireClient.hello(url);
    await client.request('$join', { room });
    void hub.to(room).emit('a', 1);
    const { offset } = await client.next('a');
    client.ws.terminate();
    const back = await WireClient.hello(url, {
      session: welcome.session,
      rooms: JSON.parse(`{${JSON.stringify(room)}:${JSON.stringify(offset)}}`),
    });
    expect(Object.keys(back.welcome.rooms!)).toEqual(['$all', room]);
    expect(await hub.in(room).ids()).toEqual([welcome.id]);
    expect({}).not.toHaveProperty('of');
  });

  it.each(['$hello', '$reply-to-all', '$'])('row 23: does not give %s to the application', async (type) => {
    const { hub, url } = await serveHub();
    expect(() => hub.on(type, () => {})).toThrow(TypeError);
    expect(() => hub.emit(type)).toThrow(TypeError);
    const client = await WireClient.plain(url);
    await expect(client.request(type)).rejects.toMatchObject({ code: 'RESERVED_TYPE' });
  });
});

describe('whatever a client sends is a message, or refused', () => {
  it('row 24: goes on after anything that is not of the protocol', async () => {
    const { hub, url } = await serveHub({
      authorizeJoin: () => true,
      limits: {
        badMessages: { perSecond: 0, burst: 1e6 },
        messages: { perSecond: 0, burst: 1e6 },
      },
    });
    hub.on('echo', (data) => data);
    const failures: unknown[] = [];
    hub.events.on('failure', (error) => failures.push(error));
    const client = await WireClient.plain(url);
    const member = fc.oneof(
      fc.jsonValue(),
      fc.constantFrom('echo', '$join', '$leave', '$members', '$reply', '$error'),
    );
    const message = fc.dictionary(
      fc.constantFrom('type', 'data', 'id', 'room', 'offset', 'mid', 'key'),
      member,
    );
    const junk = fc.oneof(
      fc.string(),
      fc.json(),
      message.map((value) => JSON.stringify(value)),
      fc.uint8Array({ maxLength: 80 }),
      fc
        .tuple(fc.nat(80), fc.string())
        .map(([length, head]) => Buffer.concat([Buffer.from([1, 0, length]), Buffer.from(head)])),
    );
    for (const text of fc.sample(junk, 500)) client.ws.send(text);
    expect(await client.request('echo', 'still there')).toBe('still there');
    expect(failures).toEqual([]);
  });

  it('row 24: refuses JSON that is nested too deeply, without parsing it', async () => {
    const { url } = await serveHub();
    const client = await WireClient.plain(url);
    client.ws.send(`{"type":"a","id":1,"data":${'['.repeat(100_000)}`);
    expect(await client.next('$error')).toMatchObject({ data: { code: 'TOO_DEEP' } });
  });

  it('row 24: ends a connection whose message is too long', async () => {
    const { url } = await serveHub({ limits: { messageBytes: 1_000 } });
    const client = await WireClient.plain(url);
    client.ws.on('error', () => {});
    client.send({ type: 'a', data: 'x'.repeat(1_000) });
    expect(await client.closed()).toBe(1009);
  });

  it('row 24: takes answers for requests that were made, and only once', async () => {
    const { hub, url } = await serveHub();
    hub.on('ask-me', (_data, socket) => socket.request('question'));
    const client = await WireClient.plain(url);
    for (const id of [1, 2, Number.MAX_SAFE_INTEGER]) client.send({ type: '$reply', id, data: 'forged' });
    const answer = client.request('ask-me');
    const { id } = await client.next('question');
    client.send({ type: '$reply', id: id! + 1, data: 'of another' });
    client.send({ type: '$reply', id: id!, data: 'mine' });
    expect(await answer).toBe('mine');
  });

  it('row 24: lets so many requests wait for a client that does not answer, and each for so long', async () => {
    const { hub, url } = await serveHub({ limits: { pendingRequests: 2 } });
    const client = await WireClient.plain(url);
    await client.settle();
    const [socket] = hub.sockets.values();
    const waiting = [1, 2].map(() => socket!.request('question', undefined, { timeoutMs: 1 }));
    await expect(socket!.request('question')).rejects.toMatchObject({ code: 'TOO_MANY_PENDING' });
    for (const answer of waiting) await expect(answer).rejects.toMatchObject({ code: 'TIMEOUT' });
  });

  it('row 24: has no place in a log beyond 64 bits, for which Redis would break off what asks', async () => {
    const adapter = memoryAdapter();
    const asked: string[] = [];
    const { entriesAfter } = adapter;
    adapter.entriesAfter = (room, offset) => {
      asked.push(offset);
      return entriesAfter.call(adapter, room, offset);
    };
    const { url } = await serveHub({ adapter, authorizeJoin: () => true });
    const { client, welcome } = await WireClient.hello(url);
    await client.request('$join', { room: 'r' });
    client.ws.terminate();
    for (const place of [`${2n ** 64n}-0`, `0-${2n ** 64n}`, `${'9'.repeat(20)}-1`]) {
      const back = await WireClient.silent(url);
      const hello = { session: welcome.session, rooms: { r: place } };
      await expect(back.request('$hello', hello)).rejects.toMatchObject({ code: 'BAD_MESSAGE' });
    }
    expect(asked).toEqual([]);
  });

  it('row 24: asks Redis for nothing behind the last place of all, which it takes for a fault', async () => {
    const asked: unknown[] = [];
    const run = async (_script: unknown, _keys: unknown, values: readonly string[]): Promise<string> => {
      asked.push(...values);
      return '1-0';
    };
    const link = { run } as unknown as ConstructorParameters<typeof StreamLog>[0];
    const log = new StreamLog(link, new RedisKeys('hawser'), 'node', { count: 10, ageMs: 1000 });
    expect(await log.after('r', LAST)).toEqual({ head: '1-0', entries: [], complete: false });
    expect(asked).not.toContain(LAST);
  });

  it('row 24: closes the connection of who sends nothing else', async () => {
    const { url } = await serveHub({ limits: { badMessages: { perSecond: 0, burst: 5 } } });
    const client = await WireClient.plain(url);
    for (let i = 0; i < 6; i++) client.send({ type: 'unknown' });
    expect(await client.closed()).toBe(HubCloseCode.BAD_MESSAGES.code);
  });
});

describe('pages of other sites do not connect', () => {
  it('row 25: refuses them by default', async () => {
    const { url } = await serveHub();
    const own = url.replace('ws:', 'http:');
    expect((await refusalOf(url, { Origin: 'https://evil.example' })).status).toBe(403);
    expect((await refusalOf(url, { Origin: `${own}.evil.example` })).status).toBe(403);
    expect((await refusalOf(url, { Origin: 'null' })).status).toBe(403);
    await WireClient.plain(url, { origin: own });
    await WireClient.plain(url);
  });

  it('row 25: lets in those that are named, or all', async () => {
    const named = await serveHub({ origins: ['https://app.example'] });
    await WireClient.plain(named.url, { origin: 'https://app.example' });
    expect((await refusalOf(named.url, { Origin: 'https://other.example' })).status).toBe(403);
    const open = await serveHub({ origins: 'any' });
    await WireClient.plain(open.url, { origin: 'https://other.example' });
  });
});

describe('a client gets into no room by itself', () => {
  it('row 26: is let in by the application only, which is asked by default to nothing', async () => {
    const { hub, url } = await serveHub();
    const { client } = await WireClient.hello(url);
    await expect(client.request('$join', { room: 'tenant-b' })).rejects.toMatchObject({ code: 'FORBIDDEN' });
    client.send({ type: '$joined', data: { room: 'tenant-b' } });
    expect(hub.in('tenant-b').sockets()).toEqual([]);
    void hub.to('tenant-b').emit('secret', 1);
    expect((await client.settle()).filter(({ type }) => type === 'secret')).toEqual([]);
  });

  it.each([1, 'yes', {}, undefined, null])(
    'row 26: is not let in by what is not true: %j',
    async (answer) => {
      const { url } = await serveHub({ authorizeJoin: () => answer as boolean });
      const client = await WireClient.plain(url);
      await expect(client.request('$join', { room: 'r' })).rejects.toMatchObject({ code: 'FORBIDDEN' });
    },
  );

  it('row 26: is not let in when the application fails', async () => {
    const { hub, url } = await serveHub({ authorizeJoin: () => Promise.reject(new Error('no database')) });
    hub.events.on('failure', () => {});
    const client = await WireClient.plain(url);
    await expect(client.request('$join', { room: 'r' })).rejects.toMatchObject({ code: 'INTERNAL' });
    expect(hub.in('r').sockets()).toEqual([]);
  });

  it('row 26: carries no rooms from one namespace into another', async () => {
    const { hub, url } = await serveHub({ authorizeJoin: () => true });
    const admin = hub.namespace('/admin');
    const { client, welcome } = await WireClient.hello(url);
    await client.request('$join', { room: 'r' });
    client.ws.terminate();
    const other = await WireClient.hello(`${url}/admin`, { session: welcome.session, rooms: { r: '0-0' } });
    expect(other.welcome.resumed).toBe(false);
    expect(admin.in('r').sockets()).toEqual([]);
  });

  it('row 26: gets nothing of a room of the time before it came', async () => {
    const { hub, url } = await serveHub({ authorizeJoin: () => true });
    const member = await WireClient.hello(url);
    await member.client.request('$join', { room: 'r' });
    void hub.to('r').emit('secret', 1);
    const { client, welcome } = await WireClient.hello(url);
    await client.request('$join', { room: 'r' });
    client.ws.terminate();
    const back = await WireClient.hello(url, { session: welcome.session, rooms: { r: '0-0' } });
    expect(back.welcome.resumed).toBe(true);
    expect(await back.client.settle()).toEqual([]);
  });
});

describe('nobody holds more than he may', () => {
  it('row 27: refuses whose authorization does not come to an end, at the latest when it drains', async () => {
    const asked = new EventEmitter();
    const { hub, url } = await serveHub({ authorize: () => unanswered(asked) });
    const refused = refusalOf(url);
    await once(asked, 'asked');
    await hub.drain();
    expect((await refused).status).toBe(503);
  });

  it('row 27: counts connections from before their authorization on', async () => {
    const asked = new EventEmitter();
    const { hub, url } = await serveHub({
      limits: { connectionsPerAddress: 1 },
      authorize: () => unanswered(asked),
    });
    const waiting = refusalOf(url);
    await once(asked, 'asked');
    expect((await refusalOf(url)).status).toBe(429);
    await hub.drain();
    expect((await waiting).status).toBe(503);
  });

  it('row 27: closes who says nothing, where $hello is due', async () => {
    const { url } = await serveHub({ limits: { helloTimeoutMs: 20 } });
    const client = await WireClient.silent(url);
    expect(await client.closed()).toBe(HubCloseCode.TIMEOUT.code);
  });

  it('row 27: closes who is authorized no more', async () => {
    const { url } = await serveHub({ expiresAt: () => Date.now() + 20 });
    const client = await WireClient.plain(url);
    expect(await client.closed()).toBe(HubCloseCode.UNAUTHORIZED.code);
  });

  it('row 27: lets a client into so many rooms', async () => {
    const { url } = await serveHub({ authorizeJoin: () => true, limits: { roomsPerSocket: 3 } });
    const client = await WireClient.plain(url);
    const joins = Array.from({ length: 5 }, (_, i) => client.request('$join', { room: `r${i}` }));
    const results = await Promise.allSettled(joins);
    expect(results.map(({ status }) => status)).toEqual([
      ...Array(3).fill('fulfilled'),
      ...Array(2).fill('rejected'),
    ]);
  });

  it('row 27: believes X-Forwarded-For of named proxies alone', async () => {
    const limits = { connectionsPerAddress: 1 };
    const headers = (address: string) => ({ headers: { 'X-Forwarded-For': address } });
    const alone = await serveHub({ limits });
    await WireClient.plain(alone.url, headers('198.51.100.1'));
    expect((await refusalOf(alone.url, { 'X-Forwarded-For': '198.51.100.2' })).status).toBe(429);
    const behind = await serveHub({ limits, trustedProxies: ['127.0.0.0/8'] });
    await WireClient.plain(behind.url, headers('198.51.100.1'));
    await WireClient.plain(behind.url, headers('198.51.100.2'));
    expect((await refusalOf(behind.url, { 'X-Forwarded-For': '198.51.100.2' })).status).toBe(429);
    expect([...behind.hub.sockets.values()].map(({ address }) => address)).toEqual([
      '198.51.100.1',
      '198.51.100.2',
    ]);
  });

  it('row 27: does not wait for a client that reads nothing', async () => {
    const { hub, url } = await serveHub({ limits: { bufferedBytes: 1024 } });
    const client = await WireClient.plain(url);
    await client.settle();
    client.ws.pause();
    const [socket] = hub.sockets.values();
    const gone = new Promise((resolve) => hub.onDisconnect((_socket, { code }) => resolve(code)));
    while (socket!.connected) {
      for (let i = 0; i < 20; i++) socket!.emit('flood', 'x'.repeat(100_000));
      await new Promise(setImmediate);
    }
    client.ws.terminate();
    expect([1006, HubCloseCode.TRY_AGAIN_LATER.code]).toContain(await gone);
  });
});

describe('nobody goes on with the session of another', () => {
  const authorize = ({ url }: IncomingMessage) => ({
    user: new URL(url!, 'ws://x').searchParams.get('user'),
  });

  it('row 36: whose token is 128 random bits, apart from the id that others see', async () => {
    const { url } = await serveHub();
    const welcomes = await Promise.all(Array.from({ length: 20 }, () => WireClient.hello(url)));
    const values = welcomes.flatMap(({ welcome }) => [welcome.id, welcome.session]);
    for (const value of values) expect(Buffer.from(value, 'base64url')).toHaveLength(16);
    expect(new Set(values).size).toBe(40);
    const { welcome } = welcomes[0]!;
    const guessed = await WireClient.hello(url, { session: welcome.id });
    expect(guessed.welcome.resumed).toBe(false);
  });

  it('row 36: with the token of one and the authorization of another', async () => {
    const { hub, url } = await serveHub({ authorize, authorizeJoin: () => true });
    const ann = await WireClient.hello(`${url}/?user=ann`);
    await ann.client.request('$join', { room: 'r' });
    const ben = await WireClient.hello(`${url}/?user=ben`, {
      session: ann.welcome.session,
      rooms: { r: '0-0' },
    });
    expect(ben.welcome.resumed).toBe(false);
    expect(ben.welcome.id).not.toBe(ann.welcome.id);
    expect(await hub.in('r').ids()).toEqual([ann.welcome.id]);
    // Nor is the connection of the one closed by that.
    await ann.client.settle();
  });

  it('row 36: but the same user may, whatever else his context has', async () => {
    let visits = 0;
    const { url } = await serveHub({
      authorize: (request) => ({ ...authorize(request), visit: ++visits }),
      identify: ({ user }) => String(user),
    });
    const ann = await WireClient.hello(`${url}/?user=ann`);
    const back = await WireClient.hello(`${url}/?user=ann`, { session: ann.welcome.session });
    expect(back.welcome).toMatchObject({ id: ann.welcome.id, resumed: true });
  });

  it('row 36: by what the adapter stores', async () => {
    const adapter = memoryAdapter();
    const stored: unknown[] = [];
    const { saveSession } = adapter;
    adapter.saveSession = (...args) => {
      stored.push(args);
      return saveSession.apply(adapter, args);
    };
    const { url } = await serveHub({ adapter, authorize });
    const { welcome } = await WireClient.hello(`${url}/?user=ann`);
    expect(JSON.stringify(stored)).toContain(welcome.id);
    expect(JSON.stringify(stored)).not.toContain(welcome.session);
    expect(JSON.stringify(stored)).not.toContain('ann');
  });
});

describe('tokens', () => {
  it('come in a subprotocol, which is not chosen', async () => {
    const { url } = await serveHub({
      authorize: (request) => tokenOf(request, { subprotocol: 'bearer.' }) ?? new Refused(401),
    });
    expect((await refusalOf(url)).status).toBe(401);
    const client = await WireClient.offering(url, [SUBPROTOCOL, 'bearer.abc.def']);
    expect(client.ws.protocol).toBe(SUBPROTOCOL);
  });

  it('that are put into a response make no header of their own', async () => {
    const { hub, url } = await serveHub({
      authorize: (request) => {
        throw new Refused(401, { headers: { 'X-Was': tokenOf(request, { query: 'token' }) } });
      },
    });
    const failure = once(hub.events, 'failure');
    await expect(refusalOf(`${url}/?token=a%0d%0aX-Evil:1`)).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect((await failure)[0]).toBeInstanceOf(TypeError);
    expect((await refusalOf(`${url}/?token=a`)).headers['x-was']).toBe('a');
  });
});

/** What an application does that never decides. */
function unanswered(asked: EventEmitter): Promise<never> {
  asked.emit('asked');
  return new Promise(() => {});
}
