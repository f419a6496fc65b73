// The clients of hawser/client over the runtime's own WebSocket, or over that of hawser/web where there is none.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { HubClient, HubError, ReconnectingWebSocket } from 'hawser/client';
import { createHub } from 'hawser/hub';
import { WebSocket } from 'hawser/web';
import { startCutter } from '../cutter.mjs';

const options = {
  WebSocket: globalThis.WebSocket ?? WebSocket,
  minDelayMs: 1,
  maxDelayMs: 20,
  maxRetries: Number.POSITIVE_INFINITY,
};

/** Starts a hub in which everybody may join every room. */
async function startHub(scope) {
  const hub = createHub({ port: 0, host: '127.0.0.1', authorizeJoin: () => true });
  scope.defer(() => hub.close());
  await once(hub.events, 'listening');
  const { port } = hub.address();
  return { hub, port, url: `ws://127.0.0.1:${port}/` };
}

async function connectClient(scope, url) {
  const client = new HubClient(url, options);
  scope.defer(() => client.close());
  await next(client, 'connected');
  return client;
}

/** Waits for the next event of a type. */
function next(client, type) {
  return new Promise((resolve) => {
    const stop = client.on(type, (event) => {
      stop();
      resolve(event);
    });
  });
}

/** Collects the data of the events of a type until there are `count`. */
function collect(client, type, count) {
  const got = [];
  return new Promise((resolve) => {
    client.on(type, (data) => {
      if (got.push(data) === count) resolve(got);
    });
  });
}

export const hub = {
  feature: 'hawser/client and hawser/hub',
  cases: {
    'request: an answer, bytes, an error of the hub': async (scope) => {
      const { hub, url } = await startHub(scope);
      hub.on('double', (data) => data * 2);
      hub.on('reverse', (data) => Uint8Array.from(data).reverse());
      hub.on('refuse', () => {
        throw new HubError('BUSY', 'not now');
      });
      const client = await connectClient(scope, url);
      assert.equal(await client.request('double', 21), 42);
      assert.deepEqual([...(await client.request('reverse', Uint8Array.of(1, 2, 3)))], [3, 2, 1]);
      await assert.rejects(client.request('refuse', 1), { code: 'BUSY', message: 'not now' });
    },
    'the hub asks a client': async (scope) => {
      const { hub, url } = await startHub(scope);
      const client = await connectClient(scope, url);
      client.on('sum', ([a, b]) => a + b);
      assert.equal(await hub.sockets.get(client.id).request('sum', [1, 2]), 3);
    },
    'events of a room, of all, and of one': async (scope) => {
      const { hub, url } = await startHub(scope);
      const [inside, outside] = [await connectClient(scope, url), await connectClient(scope, url)];
      await inside.join('a');
      const [atInside, atOutside] = [collect(inside, 'news', 3), collect(outside, 'news', 1)];
      await hub.to('a').emit('news', 'room');
      await hub.emit('news', 'all');
      hub.sockets.get(inside.id).emit('news', 'one');
      assert.deepEqual([await atInside, await atOutside], [['room', 'all', 'one'], ['all']]);
      assert.deepEqual([inside.rooms, outside.rooms], [['a'], []]);
    },
    'events from before there is a connection, in order': async (scope) => {
      const { hub, url } = await startHub(scope);
      const done = new Promise((resolve) => {
        const got = [];
        hub.on('n', (n) => {
          if (got.push(n) === 50) resolve(got);
        });
      });
      const client = new HubClient(url, options);
      scope.defer(() => client.close());
      const numbers = Array.from({ length: 50 }, (_, n) => n);
      for (const n of numbers) client.emit('n', n);
      assert.deepEqual(await done, numbers);
    },
    'comes back after a cut to its session, for what it missed': async (scope) => {
      const { hub, port } = await startHub(scope);
      const { url, cut, mend } = await startCutter(scope, port);
      const client = await connectClient(scope, url);
      await client.join('a');
      const { id } = client;
      const gaps = [];
      client.on('gap', ({ room }) => gaps.push(room));
      const received = collect(client, 'news', 4);
      await hub.to('a').emit('news', 1);
      const [away, back] = [new Promise((resolve) => hub.onDisconnect(resolve)), next(client, 'connected')];
      cut();
      await away;
      await hub.to('a').emit('news', 2);
      await hub.to('a').emit('news', 3);
      mend();
      assert.deepEqual(await back, { id, resumed: true });
      await hub.to('a').emit('news', 4);
      assert.deepEqual([await received, gaps, client.rooms], [[1, 2, 3, 4], [], ['a']]);
    },
    'a reliable event is handled once over a cut': async (scope) => {
      const { hub, port } = await startHub(scope);
      const { url, cut, mend } = await startCutter(scope, port);
      const client = await connectClient(scope, url);
      let handled = 0;
      const away = next(client, 'disconnected');
      hub.on('order', () => {
        // The hub has it, and the client does not learn that.
        cut();
        return ++handled;
      });
      const answer = client.emit('order', 'tea', { reliable: true });
      await away;
      mend();
      assert.deepEqual([await answer, handled], [1, 1]);
    },
    'close() ends the session': async (scope) => {
      const { hub, url } = await startHub(scope);
      const client = await connectClient(scope, url);
      const left = new Promise((resolve) => hub.onDisconnect((_socket, close) => resolve(close)));
      client.close();
      assert.equal((await left).code, 1000);
    },
    'ReconnectingWebSocket comes back, and sends what has waited': async (scope) => {
      const { wss, port } = await scope.serve();
      const got = [];
      wss.on('connection', (ws) => {
        ws.on('message', (data) => {
          got.push(data.toString());
          ws.send(JSON.stringify({ type: 'count', count: got.length }));
        });
      });
      const { url, cut, mend } = await startCutter(scope, port);
      const ws = new ReconnectingWebSocket(async () => url, [], options);
      scope.defer(() => ws.close());
      ws.send('before');
      assert.equal((await next(ws, 'count')).count, 1);
      const away = next(ws, 'disconnected');
      cut();
      assert.equal((await away).willReconnect, true);
      const back = next(ws, 'count');
      ws.send('between');
      mend();
      assert.equal((await back).count, 2);
      assert.deepEqual(got, ['before', 'between']);
    },
  },
};
