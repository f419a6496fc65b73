import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { Aedes } from 'aedes';
import mqtt from 'mqtt';
import { createWebSocketStream, WebSocketServer } from 'ws';
import { close, listen } from '../scenario/listening.mjs';
import { runScenario } from '../scenario/scenario.mjs';
import { next, within } from '../scenario/waiting.mjs';

const TEXT = 'canary: zażółć 𝄞';
const BINARY = Buffer.concat([Buffer.from([0, 255, 128]), Buffer.from('canary')]);
const MEGABYTES = Buffer.alloc(3_000_000, 'canary ');

await runScenario({
  'text and binary, in the three qualities of service': () =>
    withBroker(async ({ connect }) => {
      const client = await connect();
      await client.subscribeAsync('choir/#', { qos: 2 });
      for (const qos of [0, 1, 2]) {
        for (const payload of [TEXT, BINARY]) {
          const heard = next(client, 'message');
          await client.publishAsync(`choir/${qos}`, payload, { qos });
          const [topic, received] = await heard;
          assert.equal(topic, `choir/${qos}`);
          assert.deepEqual(received, Buffer.from(payload));
        }
      }
      await client.endAsync();
    }),

  'from one client to another, in order': () =>
    withBroker(async ({ connect }) => {
      const [speaker, listener] = [await connect(), await connect()];
      await listener.subscribeAsync('order');
      const heard = [];
      const last = new Promise((resolve) => {
        listener.on('message', (_topic, payload) => {
          if (heard.push(payload.toString()) === 500) resolve();
        });
      });
      const sent = Array.from({ length: 500 }, (_, index) => `canary ${index}`);
      for (const text of sent) speaker.publish('order', text);
      await within(last, 'the 500th message');
      assert.deepEqual(heard, sent);
      await Promise.all([speaker.endAsync(), listener.endAsync()]);
    }),

  'more than a stream holds': () =>
    withBroker(async ({ connect }) => {
      const client = await connect();
      await client.subscribeAsync('large');
      const heard = next(client, 'message');
      await client.publishAsync('large', MEGABYTES, { qos: 1 });
      assert.ok((await heard)[1].equals(MEGABYTES));
      await client.endAsync();
    }),

  'what was retained': () =>
    withBroker(async ({ connect }) => {
      const client = await connect();
      await client.publishAsync('kept', TEXT, { retain: true, qos: 1 });
      const heard = next(client, 'message');
      await client.subscribeAsync('kept');
      const [, payload, { retain }] = await heard;
      assert.deepEqual([payload.toString(), retain], [TEXT, true]);
      await client.endAsync();
    }),

  'an orderly end, and the last will of a client that is cut off': () =>
    withBroker(async ({ sockets, connect }) => {
      const witness = await connect();
      await witness.subscribeAsync('will');
      const doomed = await connect({
        will: { topic: 'will', payload: Buffer.from(TEXT), qos: 0, retain: false },
        reconnectPeriod: 0,
      });
      const will = next(witness, 'message');
      const lost = next(doomed, 'close');
      sockets[1].terminate();
      assert.equal((await will)[1].toString(), TEXT);
      await lost;

      const closed = next(sockets[0], 'close');
      await witness.endAsync();
      // mqtt ends its stream, which closes the WebSocket without a code.
      assert.equal((await closed)[0], 1005);
      await doomed.endAsync(true);
    }),

  'a connection that is lost, and comes back': () =>
    withBroker(async ({ sockets, connect }) => {
      const client = await connect({ reconnectPeriod: 1 });
      await client.subscribeAsync('song', { qos: 1 });
      const back = next(client, 'connect');
      sockets[0].terminate();
      await back;
      const heard = next(client, 'message');
      // The client subscribes again by itself.
      await client.publishAsync('song', TEXT, { qos: 1 });
      assert.equal((await heard)[1].toString(), TEXT);
      assert.equal(sockets.length, 2);
      await client.endAsync();
    }),
});

async function withBroker(step) {
  const broker = await Aedes.createBroker();
  const server = createServer();
  const wss = new WebSocketServer({ server, handleProtocols: (protocols) => [...protocols][0] });
  const sockets = [];
  wss.on('connection', (ws, request) => {
    sockets.push(ws);
    const stream = createWebSocketStream(ws);
    // What aedes does not listen to is lost on purpose: a client that is cut off.
    stream.on('error', () => {});
    broker.handle(stream, request);
  });
  const url = `ws://127.0.0.1:${await listen(server)}`;
  await step({ sockets, connect: (options) => connect(url, options) });
  await within(new Promise((resolve) => broker.close(resolve)), 'the broker to close');
  wss.close();
  await Promise.all(sockets.map((ws) => (ws.readyState === ws.CLOSED ? undefined : once(ws, 'close'))));
  await close(server);
}

async function connect(url, options) {
  const client = mqtt.connect(url, { reconnectPeriod: 0, ...options });
  await next(client, 'connect');
  return client;
}
