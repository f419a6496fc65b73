import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { HubCloseCode, HubError, memoryAdapter, type OpenContract } from '../../src/hub/index.ts';
import { holdTimers } from '../hold-timers.ts';
import { serveHub } from './served-hub.ts';
import { stringSchema } from './string-schema.ts';
import { WireClient } from './wire-client.ts';

describe('$hello', () => {
  it('begins a session, with the place in what everybody gets', async () => {
    const { hub, url } = await serveHub();
    const { client, welcome } = await WireClient.hello(url);
    expect(welcome).toMatchObject({ resumed: false, offset: expect.stringMatching(/^\d+-\d+$/) });
    expect([...hub.sockets.keys()]).toEqual([welcome.id]);
    void hub.emit('news', 1);
    expect(await client.next('news')).toMatchObject({ data: 1, room: '$all' });
  });

  it('has to come first, once, and in time', async () => {
    const pass = holdTimers();
    const { hub, url } = await serveHub({ limits: { helloTimeoutMs: 50 } });
    hub.on('a', () => 1);
    const silent = await WireClient.silent(url);
    await expect(silent.request('a')).rejects.toMatchObject({ code: 'BAD_MESSAGE' });
    pass(50);
    expect(await silent.closed()).toBe(HubCloseCode.TIMEOUT.code);
    const { client } = await WireClient.hello(url);
    await expect(client.request('$hello', {})).rejects.toMatchObject({ code: 'RESERVED_TYPE' });
    const plain = await WireClient.plain(url);
    await expect(plain.request('$hello', {})).rejects.toMatchObject({ code: 'RESERVED_TYPE' });
  });

  it.each([{ session: 7 }, { rooms: 'r' }, { rooms: null }, { rooms: { r: 'x' } }])(
    'is refused with %j, and may come again',
    async (data) => {
      const { url } = await serveHub();
      const client = await WireClient.silent(url);
      await expect(client.request('$hello', data)).rejects.toMatchObject({ code: 'BAD_MESSAGE' });
      expect(await client.request('$hello')).toMatchObject({ resumed: false });
    },
  );

  it('that is not answered in time is for nothing', async () => {
    const pass = holdTimers();
    const adapter = memoryAdapter();
    const { hub, url } = await serveHub({ adapter, limits: { helloTimeoutMs: 20 } });
    const released: string[] = [];
    const { head, releaseSession } = adapter;
    adapter.releaseSession = (secret) => {
      released.push(secret);
      return releaseSession.call(adapter, secret);
    };
    let answer = (): void => {};
    const asked = new Promise<void>((tell) => {
      adapter.head = (room) => {
        tell();
        return new Promise((resolve) => (answer = () => resolve(head.call(adapter, room))));
      };
    });
    const client = await WireClient.silent(url);
    client.send({ type: '$hello', id: 1 });
    await asked;
    pass(20);
    expect(await client.closed()).toBe(HubCloseCode.TIMEOUT.code);
    answer();
    await new Promise(setImmediate);
    expect([hub.sockets.size, released.length]).toEqual([0, 1]);
  });

  it('begins another session where that of the token is unknown', async () => {
    const { url } = await serveHub();
    const { welcome } = await WireClient.hello(url, { session: 'unknown', rooms: { r: '1-0' } });
    expect(welcome).toMatchObject({ resumed: false });
    expect(welcome.session).not.toBe('unknown');
  });

  it('is answered with a close when the adapter fails, and leaves nothing behind', async () => {
    const adapter = memoryAdapter();
    const { hub, url } = await serveHub({ adapter });
    const { head } = adapter;
    adapter.head = () => Promise.reject(new Error('down'));
    const failure = once(hub.events, 'failure');
    for (const open of [WireClient.silent, WireClient.plain]) {
      const client = await open(url);
      client.send({ type: '$hello', id: 1 });
      expect(await client.closed()).toBe(HubCloseCode.INTERNAL_ERROR.code);
    }
    expect((await failure)[0]).toMatchObject({ message: 'down' });
    expect(hub.sockets.size).toBe(0);
    adapter.head = head;
    await WireClient.hello(url);
    expect(hub.sockets.size).toBe(1);
  });
});

describe('a client that comes back', () => {
  it('has the same id, is in its rooms, and gets what it missed before what comes', async () => {
    const { hub, url } = await serveHub({ authorizeJoin: () => true });
    const { client, welcome } = await WireClient.hello(url);
    const joined = (await client.request('$join', { room: 'r' })) as { offset: string };
    void hub.to('r').emit('a', 1);
    const { offset } = await client.next('a');
    client.ws.terminate();
    await disconnected(hub);
    void hub.to('r').emit('b', 2);
    void hub.emit('everybody', 3);
    const back = await WireClient.hello(url, { session: welcome.session, rooms: { r: offset! } });
    void hub.to('r').emit('c', 4);
    expect(back.welcome).toMatchObject({ id: welcome.id, session: welcome.session, resumed: true });
    expect(back.welcome.rooms).toEqual({
      $all: { offset: expect.any(String), gap: false },
      r: { offset, gap: false },
    });
    expect(offset).not.toBe(joined.offset);
    const types = (await back.client.settle()).map(({ type }) => type);
    expect(types.sort()).toEqual(['b', 'c', 'everybody']);
    expect(types.indexOf('b')).toBeLessThan(types.indexOf('c'));
    expect([...hub.sockets.get(welcome.id)!.rooms]).toEqual(['r']);
  });

  it('keeps its rooms unasked, unless its identity says that it may less', async () => {
    const asked: string[] = [];
    const { hub, url } = await serveHub<OpenContract, URLSearchParams>({
      authorize: (request) => new URL(request.url!, 'ws://hub').searchParams,
      identify: (context) => JSON.stringify([context.get('user'), context.get('may')]),
      authorizeJoin: (_socket, room) => {
        asked.push(room);
        return true;
      },
    });
    const { client, welcome } = await WireClient.hello(`${url}?user=Ada&may=all&token=1`);
    await client.request('$join', { room: 'r' });
    client.ws.terminate();
    await disconnected(hub);

    const { session } = welcome;
    const back = await WireClient.hello(`${url}?user=Ada&may=all&token=2`, { session });
    expect(back.welcome).toMatchObject({ id: welcome.id, resumed: true });
    expect([[...hub.sockets.get(welcome.id)!.rooms], asked]).toEqual([['r'], ['r']]);
    const lesser = await WireClient.hello(`${url}?user=Ada&may=less&token=3`, { session });
    expect(lesser.welcome.resumed).toBe(false);
    expect([...hub.sockets.get(lesser.welcome.id)!.rooms]).toEqual([]);
  });

  it('while its older connection is there takes it over', async () => {
    const { hub, url } = await serveHub({ authorizeJoin: () => true, presence: () => null });
    const order: string[] = [];
    hub.onConnection(() => order.push('connected'));
    hub.onDisconnect((_socket, { code }) => order.push(`gone ${code}`));
    const { client, welcome } = await WireClient.hello(url);
    await client.request('$join', { room: 'r' });
    const closed = client.closed();
    const back = await WireClient.hello(url, { session: welcome.session });
    expect(await closed).toBe(HubCloseCode.REPLACED.code);
    expect(back.welcome).toMatchObject({ id: welcome.id, resumed: true });
    expect(order).toEqual(['connected', 'gone 4409', 'connected']);
    expect(await hub.members('r')).toHaveLength(1);
    expect(await hub.in('r').ids()).toEqual([welcome.id]);
    // The session is the newer connection's: it survives the end of the older one.
    back.client.ws.terminate();
    await disconnected(hub);
    expect((await WireClient.hello(url, { session: welcome.session })).welcome.resumed).toBe(true);
  });

  it('keeps its session when the older connection ends while it is coming back', async () => {
    const adapter = memoryAdapter();
    const { hub, url } = await serveHub({ adapter, authorizeJoin: () => true, presence: () => null });
    const { client, welcome } = await WireClient.hello(url);
    await client.request('$join', { room: 'r' });
    const { entriesAfter, releaseSession } = adapter;
    const gone = new Promise<void>((resolve) => hub.onDisconnect(() => resolve()));
    let released = 0;
    adapter.releaseSession = (secret) => {
      released++;
      return releaseSession.call(adapter, secret);
    };
    adapter.entriesAfter = async (room, offset) => {
      client.ws.terminate();
      await gone;
      return entriesAfter.call(adapter, room, offset);
    };
    const back = await WireClient.hello(url, { session: welcome.session });
    expect(back.welcome).toMatchObject({ id: welcome.id, resumed: true });
    expect([released, await hub.members('r')]).toEqual([0, [{ id: welcome.id, info: null }]]);
  });

  it('is told of a gap where too much was missed', async () => {
    const { hub, url } = await serveHub({ authorizeJoin: () => true, history: { count: 2 } });
    const { client, welcome } = await WireClient.hello(url);
    const { offset } = (await client.request('$join', { room: 'r' })) as { offset: string };
    client.ws.terminate();
    await disconnected(hub);
    for (const data of [1, 2, 3]) void hub.to('r').emit('a', data);
    const back = await WireClient.hello(url, { session: welcome.session, rooms: { r: offset } });
    expect(back.welcome.rooms!.r).toMatchObject({ gap: true });
    expect((await back.client.settle()).map(({ data }) => data)).toEqual([2, 3]);
  });

  it('after it said goodbye begins anew', async () => {
    const { hub, url } = await serveHub();
    const { client, welcome } = await WireClient.hello(url);
    await client.close(1000);
    await disconnected(hub);
    expect((await WireClient.hello(url, { session: welcome.session })).welcome.resumed).toBe(false);
  });

  it('may not say itself that it was replaced, to keep its session for ever', async () => {
    const { hub, url } = await serveHub({ presence: () => null });
    const { client, welcome } = await WireClient.hello(url);
    await hub.sockets.get(welcome.id)!.join('r');
    await client.close(HubCloseCode.REPLACED.code);
    await disconnected(hub);
    expect(await hub.members('r')).toEqual([]);
  });
});

describe('an answer', () => {
  it('that is no JSON is an error', async () => {
    const { hub, url } = await serveHub();
    hub.on('big', () => 1n);
    const failure = once(hub.events, 'failure');
    const client = await WireClient.plain(url);
    await expect(client.request('big')).rejects.toMatchObject({ code: 'INTERNAL' });
    expect((await failure)[0]).toBeInstanceOf(TypeError);
  });

  it('is not sent where none was asked for, unless it is an error', async () => {
    const { hub, url } = await serveHub();
    hub.on('a', () => 1);
    hub.on('b', () => {
      throw new HubError('FULL');
    });
    const client = await WireClient.plain(url);
    client.send({ type: 'a' });
    client.send({ type: 'b' });
    client.send({ type: '$ping' });
    expect(await client.next('$error')).toMatchObject({ data: { code: 'FULL', type: 'b' } });
    expect(await client.settle()).toEqual([]);
  });
});

describe('a reliable event', () => {
  it('is handled once, by whichever connection it comes, and answered each time', async () => {
    const { hub, url } = await serveHub();
    let handled = 0;
    let finish = (): void => {};
    const finished = new Promise<void>((resolve) => (finish = resolve));
    const begun = new Promise<void>((resolve) => {
      hub.on('pay', async (data) => {
        handled++;
        resolve();
        await finished;
        return data;
      });
    });
    const { client, welcome } = await WireClient.hello(url);
    client.send({ type: 'pay', data: 10, id: 100, key: 'k' });
    await begun;
    const { client: back } = await WireClient.hello(url, { session: welcome.session });
    const repeated = back.request('pay', 10, { key: 'k' });
    await back.settle();
    finish();
    expect(await repeated).toBe(10);
    expect(await back.request('pay', 10, { key: 'k' })).toBe(10);
    expect(handled).toBe(1);
    expect(await back.request('pay', 20, { key: 'l' })).toBe(20);
    expect(handled).toBe(2);
  });

  it('that came while too many were being handled is none the next time', async () => {
    const { hub, url } = await serveHub({ limits: { pendingRequests: 1 } });
    let finish = (): void => {};
    hub.on('wait', () => new Promise<void>((resolve) => (finish = resolve)));
    hub.on('pay', () => 'paid');
    const { client } = await WireClient.hello(url);
    const waiting = client.request('wait');
    await expect(client.request('pay', 1, { key: 'k' })).rejects.toMatchObject({ code: 'TOO_MANY_PENDING' });
    finish();
    await waiting;
    expect(await client.request('pay', 1, { key: 'k' })).toBe('paid');
  });
});

describe('the end of an authorization', () => {
  it('is now where it cannot be told', async () => {
    const { hub, url } = await serveHub({
      expiresAt: () => {
        throw new Error('no idea');
      },
    });
    const failure = once(hub.events, 'failure');
    const client = await WireClient.plain(url);
    expect(await client.closed()).toBe(HubCloseCode.UNAUTHORIZED.code);
    expect((await failure)[0]).toMatchObject({ message: 'no idea' });
  });

  it.each([undefined, Number.POSITIVE_INFINITY, Date.now() + 2 ** 40])(
    'may be far away: %s',
    async (time) => {
      const { url } = await serveHub({ expiresAt: () => time });
      const client = await WireClient.plain(url);
      await client.settle();
      expect(client.ws.readyState).toBe(client.ws.OPEN);
    },
  );
});

/** Waits until the hub has let a socket go. */
function disconnected(hub: {
  sockets: ReadonlyMap<string, unknown>;
  onDisconnect(callback: () => void): unknown;
}) {
  return new Promise<void>((resolve) => {
    if (hub.sockets.size === 0) resolve();
    else hub.onDisconnect(() => resolve());
  });
}

describe('the order of what a client asks for', () => {
  it('is kept behind a $join that is being decided over', async () => {
    const decided = withResolvers<boolean>();
    const { hub, url } = await serveHub({ authorizeJoin: () => decided.promise });
    const log: unknown[] = [];
    hub.on('say', (text, socket) => void log.push([text, socket.rooms.has('r')]));
    const { client } = await WireClient.hello(url);
    client.send({ type: '$join', id: 100, data: { room: 'r' } });
    client.send({ type: 'say', data: 'right behind' });
    const members = client.request('$members', { room: 'r' });
    const left = client.request('$leave', { room: 'r' });
    const last = client.request('say', 'after all');
    // A ping is answered meanwhile: what came before it has been looked at.
    await client.request('$ping');
    expect(log).toEqual([]);
    decided.resolve(true);
    await Promise.all([members, left, last]);
    expect(log).toEqual([
      ['right behind', true],
      ['after all', false],
    ]);
  });

  it('lets a client answer what decides over it', async () => {
    const { hub, url } = await serveHub({
      authorizeJoin: async (socket) => (await socket.request('password', null)) === 'secret',
    });
    hub.on('a', () => 1);
    const { client } = await WireClient.hello(url);
    const joined = client.request('$join', { room: 'r' });
    const { id } = await client.next('password');
    client.send({ type: '$reply', id: id!, data: 'secret' });
    expect(await joined).toMatchObject({ room: 'r' });
    expect(await client.request('a')).toBe(1);
  });

  it('is kept where an event has to be looked up, or its data looked at, first', async () => {
    const adapter = memoryAdapter();
    const { answerTo } = adapter;
    adapter.answerTo = async (...args) => {
      await new Promise(setImmediate);
      return answerTo.apply(adapter, args);
    };
    const { hub, url } = await serveHub({ adapter });
    const log: unknown[] = [];
    hub.on('plain', (data) => void log.push(data));
    hub.on('checked', { data: stringSchema }, (data) => void log.push(data));
    const { client } = await WireClient.hello(url);
    client.send({ type: 'plain', data: 1, key: 'k' });
    client.send({ type: 'checked', data: 'two' });
    client.send({ type: 'plain', data: 3 });
    client.send({ type: 'plain', data: 1, key: 'k' });
    await client.request('plain', 4);
    expect(log).toEqual([1, 'two', 3, 4]);
  });

  it('does not make one event wait for the end of another', async () => {
    const { hub, url } = await serveHub();
    const never = new Promise(() => {});
    hub.on('slow', () => never);
    hub.on('quick', () => 1);
    const { client } = await WireClient.hello(url);
    client.send({ type: 'slow', id: 100 });
    // The same again, by a client that believes it to be lost.
    client.send({ type: 'slow', id: 101, key: 'k' });
    client.send({ type: 'slow', id: 102, key: 'k' });
    expect(await client.request('quick')).toBe(1);
  });
});

function withResolvers<T>() {
  let resolve = (_value: T): void => {};
  const promise = new Promise<T>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}
