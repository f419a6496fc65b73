import assert from 'node:assert/strict';
import express from 'express';
import expressWs from 'express-ws';
import WebSocket from 'ws';
import { close, listen } from '../scenario/listening.mjs';
import { runScenario } from '../scenario/scenario.mjs';
import { next } from '../scenario/waiting.mjs';

const TEXT = 'canary: zażółć 𝄞';
const BINARY = Buffer.concat([Buffer.from([0, 255, 128]), Buffer.from('canary')]);

await runScenario({
  'an echo behind middleware and a parameter': () =>
    withApp(async ({ connect }) => {
      const ws = await connect('/echo/anna?song=1');
      assert.deepEqual(await answerTo(ws, TEXT), [Buffer.from(`anna 1 passed: ${TEXT}`), false]);
      assert.deepEqual(await answerTo(ws, BINARY), [BINARY, true]);
      await closeWith(ws, 4001);
    }),

  'a route of a router, and the set of all clients': () =>
    withApp(async ({ getWss, connect }) => {
      const clients = [await connect('/choir/sing'), await connect('/choir/sing')];
      assert.equal(getWss().clients.size, 2);
      const heard = clients.map((ws) => next(ws, 'message'));
      clients[0].send(TEXT);
      assert.deepEqual(await Promise.all(heard), [
        [Buffer.from(TEXT), false],
        [Buffer.from(TEXT), false],
      ]);
      for (const ws of clients) await closeWith(ws, 1000);
    }),

  'a server that closes with a code': () =>
    withApp(async ({ connect }) => {
      const ws = await connect('/leave');
      const closed = next(ws, 'close');
      ws.send('go');
      const [code, reason] = await closed;
      assert.deepEqual([code, reason.toString()], [4003, 'as you wish']);
    }),

  'a path without a route': () =>
    withApp(async ({ url }) => {
      const ws = new WebSocket(`${url}/nowhere`);
      // express-ws accepts first, and closes when no route has answered.
      assert.equal((await next(ws, 'close'))[0], 1005);
    }),

  'an ordinary request beside it': () =>
    withApp(async ({ url }) => {
      const response = await fetch(`${url.replace('ws:', 'http:')}/`);
      assert.equal(await response.text(), 'http');
    }),
});

async function withApp(step) {
  const { app, getWss, applyTo } = expressWs(express(), undefined, { leaveRouterUntouched: true });
  app.use((request, _response, next) => {
    request.mark = 'passed';
    next();
  });
  app.get('/', (_request, response) => response.send('http'));
  app.ws('/echo/:name', (ws, request) => {
    const before = `${request.params.name} ${request.query.song} ${request.mark}: `;
    ws.on('message', (data, isBinary) => ws.send(isBinary ? data : before + data));
  });
  app.ws('/leave', (ws) => ws.on('message', () => ws.close(4003, 'as you wish')));
  const choir = express.Router();
  applyTo(choir);
  choir.ws('/sing', (ws) => {
    ws.on('message', (data) => {
      for (const client of getWss().clients) client.send(data.toString());
    });
  });
  app.use('/choir', choir);

  const server = app.listen();
  await close(server);
  const url = `ws://127.0.0.1:${await listen(server)}`;
  await step({ url, getWss, connect: (path) => open(url + path) });
  await close(server);
}

async function open(url) {
  const ws = new WebSocket(url);
  await next(ws, 'open');
  return ws;
}

async function answerTo(ws, message) {
  const answer = next(ws, 'message');
  ws.send(message);
  return answer;
}

async function closeWith(ws, code) {
  const closed = next(ws, 'close');
  ws.close(code, 'gone home');
  const [actual, reason] = await closed;
  assert.deepEqual([actual, reason.toString()], [code, 'gone home']);
}
