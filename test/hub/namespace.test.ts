import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import type { Hub, HubSocket } from '../../src/hub/index.ts';
import { serveHub } from './served-hub.ts';
import { stringSchema } from './string-schema.ts';
import { WireClient } from './wire-client.ts';

describe('the callbacks of a namespace', () => {
  it('tell who comes and who goes, and how', async () => {
    const { hub, url } = await serveHub();
    const told: unknown[] = [];
    hub.onConnection(({ id }, request) => told.push([id, request.url]));
    const gone = new Promise<void>((resolve) => {
      hub.onDisconnect(({ id }, { code, reason }) => {
        told.push([id, code, reason]);
        resolve();
      });
    });
    const client = await WireClient.plain(`${url}/?a`);
    await client.settle();
    const [[id]] = [...hub.sockets] as [[string, HubSocket]];
    client.ws.close(4321, 'enough');
    await gone;
    expect(told).toEqual([
      [id, '/?a'],
      [id, 4321, 'enough'],
    ]);
    expect(hub.sockets.size).toBe(0);
  });

  it('that throw keep others from nothing', async () => {
    const { hub, url } = await serveHub();
    const failure = once(hub.events, 'failure');
    hub.onConnection(() => {
      throw new Error('of a callback');
    });
    hub.onConnection((socket) => socket.emit('welcome'));
    const client = await WireClient.plain(url);
    await client.next('welcome');
    expect((await failure)[0]).toMatchObject({ message: 'of a callback' });
  });
});

describe('handlers', () => {
  it('with a schema get what it makes of the data; what it refuses is answered, told and counted', async () => {
    const { hub, url } = await serveHub({ limits: { badMessages: { perSecond: 0, burst: 1 } } });
    hub.on('trim', { data: stringSchema }, (text) => text.length);
    const refused: unknown[] = [];
    hub.events.on('refused', (error, _socket, type) => refused.push([error.code, type]));
    const client = await WireClient.plain(url);
    expect(await client.request('trim', ' abc ')).toBe(3);
    await expect(client.request('trim', 7)).rejects.toMatchObject({
      code: 'INVALID_DATA',
      details: [{ message: 'not a string', path: [] }],
    });
    client.send({ type: 'trim', data: 7 });
    expect(await client.closed()).toBe(4400);
    expect(refused).toEqual([
      ['INVALID_DATA', 'trim'],
      ['INVALID_DATA', 'trim'],
    ]);
  });

  it('may be removed', async () => {
    const { hub, url } = await serveHub();
    hub.on('a', () => 1);
    const client = await WireClient.plain(url);
    expect(await client.request('a')).toBe(1);
    hub.off('a');
    await expect(client.request('a')).rejects.toMatchObject({ code: 'UNKNOWN_TYPE' });
  });
});

describe('a room', () => {
  it('tells who is in, and can be emptied and closed', async () => {
    const { hub, url } = await serveHub({ authorizeJoin: () => true });
    const [ann, ben] = await Promise.all([WireClient.hello(url), WireClient.hello(url)]);
    for (const { client } of [ann, ben]) {
      await client.request('$join', { room: 'r' });
      await client.request('$join', { room: 's' });
    }
    expect((await hub.in('r').ids()).sort()).toEqual([ann.welcome.id, ben.welcome.id].sort());
    expect(await hub.in('nobody').ids()).toEqual([]);
    await hub.in('r').leave();
    expect(await ann.client.next('$left')).toEqual({ type: '$left', data: { room: 'r' } });
    expect(await hub.in('r').ids()).toEqual([]);
    await hub.in('s').close({ code: 4000, meaning: 'over' });
    expect(await Promise.all([ann.client.closed(), ben.client.closed()])).toEqual([4000, 4000]);
  });

  it('is emptied of those who are away, too, and of nobody who comes later', async () => {
    const { hub, url } = await serveHub({ authorizeJoin: () => true });
    const first = await WireClient.hello(url);
    const { session } = first.welcome;
    for (const room of ['r', 's']) await first.client.request('$join', { room });
    await goAway(hub, first.client);
    await hub.in('r').leave();

    const second = await WireClient.hello(url, { session });
    expect(Object.keys(second.welcome.rooms!)).toEqual(['$all', 's']);
    expect(await hub.in('r').ids()).toEqual([]);
    await second.client.request('$join', { room: 'r' });
    await goAway(hub, second.client);
    await hub.to('r').emit('missed');

    const third = await WireClient.hello(url, { session });
    expect(Object.keys(third.welcome.rooms!)).toEqual(['$all', 's', 'r']);
    expect((await third.client.settle()).map(({ type }) => type)).toEqual(['missed']);
  });

  it('is named as rooms are', async () => {
    const { hub } = await serveHub();
    for (const room of ['', '$all', 'r'.repeat(257)]) expect(() => hub.to(room)).toThrow(TypeError);
    await expect(hub.members('$all')).rejects.toThrow(TypeError);
  });
});

describe('presence', () => {
  it('is listed to who is in the room, and to nobody else', async () => {
    const { url } = await serveHub({ authorizeJoin: () => true, presence: (_socket, room) => room });
    const { client, welcome } = await WireClient.hello(url);
    await expect(client.request('$members', { room: 'r' })).rejects.toMatchObject({ code: 'NOT_JOINED' });
    await client.request('$join', { room: 'r' });
    expect(await client.request('$members', { room: 'r' })).toEqual([{ id: welcome.id, info: 'r' }]);
  });

  it('leaves out whom the application fails to describe', async () => {
    const { hub, url } = await serveHub({
      authorizeJoin: () => true,
      presence: () => {
        throw new Error('nobody knows');
      },
    });
    const failure = once(hub.events, 'failure');
    const client = await WireClient.plain(url);
    await client.request('$join', { room: 'r' });
    expect(await failure).toMatchObject([{ message: 'nobody knows' }, hub.in('r').sockets()[0]]);
    expect(await client.request('$members', { room: 'r' })).toEqual([]);
  });
});

async function goAway(hub: Hub, client: WireClient): Promise<void> {
  const gone = new Promise<void>((resolve) => hub.onDisconnect(() => resolve()));
  client.ws.terminate();
  await gone;
}
