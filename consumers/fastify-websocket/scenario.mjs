import assert from 'node:assert/strict';
import websocket from '@fastify/websocket';
import Fastify from 'fastify';
import WebSocket from 'ws';
import { runScenario } from '../scenario/scenario.mjs';
import { next, within } from '../scenario/waiting.mjs';

const TEXT = 'canary: zażółć 𝄞';
const BINARY = Buffer.concat([Buffer.from([0, 255, 128]), Buffer.from('canary')]);
const NAME = 'a canary';
const LONG = Buffer.alloc(300_000, 'canary');

await runScenario({
  'an echo over a real connection': () =>
    withApp({}, async ({ connect }) => {
      const ws = await connect('/echo');
      await assertEcho(ws);
      await closeWith(ws, 4001);
    }),

  'an echo over injectWS': () =>
    withApp({}, async ({ app }) => {
      const ws = await within(app.injectWS('/echo'), 'injectWS');
      await assertEcho(ws);
      ws.terminate();
    }),

  'a close over injectWS, by either side': () =>
    // The streams of injectWS don't close by themselves, so that the server of `ws` waits for its time to be up.
    withApp({ closeTimeout: 100 }, async ({ app }) => {
      const leaver = await within(app.injectWS('/echo'), 'injectWS');
      await closeWith(leaver, 4002);
      const guest = await within(app.injectWS('/leave'), 'injectWS');
      const closed = next(guest, 'close');
      guest.send('go');
      await assertClosed(closed, 4003, 'as you wish');
    }),

  'injectWS with a message before it has returned, and the headers of the request': () =>
    withApp({}, async ({ app }) => {
      let greeting;
      const onInit = (ws) => {
        greeting = next(ws, 'message');
      };
      const ws = await within(
        app.injectWS('/greeting', { headers: { 'x-name': NAME } }, { onInit }),
        'injectWS',
      );
      assert.equal((await greeting)[0].toString(), `hello ${NAME}`);
      ws.terminate();
    }),

  'a refusal, over injectWS and over a real connection': () =>
    withApp({}, async ({ app, url }) => {
      await assert.rejects(
        within(app.injectWS('/private'), 'injectWS'),
        /^Error: Unexpected server response: 401$/,
      );
      const [error] = await next(new WebSocket(`${url}/private`), 'error');
      assert.equal(error.message, 'Unexpected server response: 401');
    }),

  'an ordinary request to the same route': () =>
    withApp({}, async ({ app, url }) => {
      assert.equal((await app.inject('/mixed')).body, 'http');
      const response = await fetch(`${url.replace('ws:', 'http:')}/mixed`);
      assert.equal(await response.text(), 'http');
    }),

  'the options of ws': () =>
    withApp({ maxPayload: 100 }, async ({ connect }) => {
      const ws = await connect('/echo');
      const closed = next(ws, 'close');
      ws.send('x'.repeat(101));
      assert.equal((await closed)[0], 1009);
    }),

  'an app that closes while clients are connected': () =>
    withApp({}, async ({ app, connect }) => {
      const ws = await connect('/echo');
      assert.equal(app.websocketServer.clients.size, 1);
      const closed = next(ws, 'close');
      await within(app.close(), 'the app to close');
      assert.equal((await closed)[0], 1005);
    }),
});

async function withApp(options, step) {
  const app = Fastify();
  await app.register(websocket, { options });
  await app.register(async (scope) => {
    scope.get('/echo', { websocket: true }, (socket) => {
      socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }));
    });
    scope.get('/leave', { websocket: true }, (socket) => {
      socket.on('message', () => socket.close(4003, 'as you wish'));
    });
    scope.get('/greeting', { websocket: true }, (socket, request) => {
      socket.send(`hello ${request.headers['x-name']}`);
    });
    scope.get(
      '/private',
      { websocket: true, preValidation: (_request, reply) => reply.code(401).send() },
      (socket) => socket.close(),
    );
    scope.route({
      method: 'GET',
      url: '/mixed',
      handler: (_request, reply) => reply.send('http'),
      wsHandler: (socket) => socket.close(),
    });
  });
  const url = (await app.listen({ port: 0, host: '127.0.0.1' })).replace('http:', 'ws:');
  await step({ app, url, connect: (path) => open(url + path) });
  await within(app.close(), 'the app to close');
}

async function open(url) {
  const ws = new WebSocket(url);
  await next(ws, 'open');
  return ws;
}

async function assertEcho(ws) {
  for (const [message, isBinary] of [
    [TEXT, false],
    [BINARY, true],
    [LONG, true],
    ['', false],
  ]) {
    const answer = next(ws, 'message');
    ws.send(message);
    assert.deepEqual(await answer, [Buffer.from(message), isBinary]);
  }
}

async function closeWith(ws, code) {
  const closed = next(ws, 'close');
  ws.close(code, 'gone home');
  await assertClosed(closed, code, 'gone home');
}

async function assertClosed(closed, code, reason) {
  const [actual, text] = await closed;
  assert.deepEqual([actual, text.toString()], [code, reason]);
}
