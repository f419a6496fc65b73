import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { attach } from 'engine.io';
import { Socket } from 'engine.io-client';
import { close, listen } from '../scenario/listening.mjs';
import { runScenario } from '../scenario/scenario.mjs';
import { next } from '../scenario/waiting.mjs';

const TEXT = 'canary: zażółć 𝄞';
const BINARY = Buffer.concat([Buffer.from([0, 255, 128]), Buffer.from('canary')]);
const MAX_BYTES = 1e6;

await runScenario({
  'text and binary over WebSocket alone': () =>
    withEcho({}, { transports: ['websocket'] }, async ({ client, peer }) => {
      await next(client, 'open');
      assert.equal((await peer).transport.name, 'websocket');
      await assertEcho(client);
    }),

  'text and binary with permessage-deflate': () =>
    withEcho(
      { perMessageDeflate: { threshold: 0 } },
      { transports: ['websocket'], perMessageDeflate: { threshold: 0 } },
      async ({ client, peer }) => {
        await next(client, 'open');
        assert.equal((await peer).transport.socket.extensions, 'permessage-deflate');
        await assertEcho(client);
      },
    ),

  'polling, then the upgrade': () =>
    withEcho({}, {}, async ({ client, peer }) => {
      const upgraded = next(client, 'upgrade');
      await next(client, 'open');
      assert.equal((await peer).transport.name, 'polling');
      await upgraded;
      assert.equal(client.transport.name, 'websocket');
      await assertEcho(client);
      assert.equal((await peer).transport.name, 'websocket');
    }),

  "the server's own headers": () =>
    withEcho({}, { transports: ['websocket'] }, async ({ client, engine }) => {
      engine.once('initial_headers', (headers) => {
        headers['x-canary'] = 'sings';
      });
      const opened = next(client, 'open');
      const [response] = await next(client.transport.ws, 'upgrade');
      assert.equal(response.headers['x-canary'], 'sings');
      await opened;
    }),

  'a code and a reason of the server': () =>
    withEcho({}, { transports: ['websocket'] }, async ({ client, peer }) => {
      await next(client, 'open');
      const closed = next(client, 'close');
      (await peer).transport.socket.close(4001, 'gone home');
      const [reason, { context }] = await closed;
      assert.equal(reason, 'transport close');
      assert.deepEqual([context.code, context.reason], [4001, 'gone home']);
    }),

  'a message that is too long': () =>
    withEcho({ maxHttpBufferSize: MAX_BYTES }, { transports: ['websocket'] }, async ({ client, peer }) => {
      await next(client, 'open');
      const lost = next(await peer, 'close');
      const closed = next(client, 'close');
      client.send('x'.repeat(MAX_BYTES + 1));
      assert.equal((await lost)[0], 'transport error');
      assert.equal((await closed)[1].context.code, 1009);
    }),

  'the end of the server': () =>
    withEcho({}, { transports: ['websocket'] }, async ({ client, engine }) => {
      await next(client, 'open');
      const closed = next(client, 'close');
      engine.close();
      assert.equal((await closed)[0], 'transport close');
    }),
});

/** Runs a step with a server that sends back what it gets, and a client; ends both. */
async function withEcho(serverOptions, clientOptions, step) {
  const server = createServer();
  const engine = attach(server, serverOptions);
  const peer = new Promise((resolve) => engine.once('connection', resolve));
  engine.on('connection', (socket) => socket.on('message', (data) => socket.send(data)));
  const port = await listen(server);
  const client = new Socket(`ws://127.0.0.1:${port}`, clientOptions);
  await step({ client, peer, engine });
  client.close();
  engine.close();
  await close(server);
}

async function assertEcho(client) {
  assert.equal(await answerTo(client, TEXT), TEXT);
  assert.deepEqual(Buffer.from(await answerTo(client, BINARY)), BINARY);
  const long = 'canary'.repeat(20_000);
  assert.equal(await answerTo(client, long), long);
}

async function answerTo(client, message) {
  const answer = next(client, 'message');
  client.send(message);
  return (await answer)[0];
}
