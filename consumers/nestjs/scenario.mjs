import 'reflect-metadata';
import assert from 'node:assert/strict';
import { NestFactory } from '@nestjs/core';
import { WsAdapter } from '@nestjs/platform-ws';
import WebSocket from 'ws';
import { runScenario } from '../scenario/scenario.mjs';
import { next, within } from '../scenario/waiting.mjs';
import { AppModule, ChoirGateway } from './gateway.mjs';

const TEXT = 'canary: zażółć 𝄞';

await runScenario({
  'an event and its answer': () =>
    withApp(async ({ connect }) => {
      const ws = await connect();
      assert.deepEqual(await answerTo(ws, 'echo', TEXT), { event: 'echo', data: TEXT });
      const long = 'canary'.repeat(50_000);
      assert.deepEqual(await answerTo(ws, 'echo', long), { event: 'echo', data: long });
      await closeWith(ws, 1000);
    }),

  'an event in a binary message': () =>
    withApp(async ({ connect }) => {
      const ws = await connect();
      const answer = next(ws, 'message');
      ws.send(Buffer.from(JSON.stringify({ event: 'echo', data: TEXT })));
      assert.deepEqual(JSON.parse((await answer)[0]), { event: 'echo', data: TEXT });
      await closeWith(ws, 1000);
    }),

  'an event with several answers': () =>
    withApp(async ({ connect }) => {
      const ws = await connect();
      const heard = [];
      const third = new Promise((resolve) => {
        ws.on('message', (data) => {
          if (heard.push(JSON.parse(data).data) === 3) resolve();
        });
      });
      ws.send(JSON.stringify({ event: 'countdown', data: TEXT }));
      await within(third, 'the third answer');
      assert.deepEqual(heard, [`${TEXT} 3`, `${TEXT} 2`, `${TEXT} 1`]);
      await closeWith(ws, 1000);
    }),

  'a broadcast to all clients': () =>
    withApp(async ({ gateway, connect }) => {
      const clients = [await connect(), await connect()];
      assert.equal(gateway.server.clients.size, 2);
      const heard = clients.map((ws) => next(ws, 'message'));
      clients[0].send(JSON.stringify({ event: 'shout', data: TEXT }));
      for (const [data] of await Promise.all(heard)) {
        assert.deepEqual(JSON.parse(data), { event: 'shouted', data: TEXT });
      }
      for (const ws of clients) await closeWith(ws, 1000);
    }),

  'codes in both directions': () =>
    withApp(async ({ gateway, connect }) => {
      const leaver = await connect();
      const seen = next(gateway.lastClient, 'close');
      await closeWith(leaver, 4001);
      assert.equal((await seen)[0], 4001);

      const guest = await connect();
      const closed = next(guest, 'close');
      const left = next(gateway.lastClient, 'close');
      guest.send(JSON.stringify({ event: 'leave', data: 4003 }));
      const [code, reason] = await closed;
      assert.deepEqual([code, reason.toString()], [4003, 'as you wish']);
      await left;
      assert.equal(gateway.gone, 2);
    }),

  'a path without a gateway, and a path with an ordinary route': () =>
    withApp(async ({ url }) => {
      const [error] = await next(new WebSocket(`${url}/elsewhere`), 'error');
      assert.equal(error.message, 'socket hang up');
      const response = await fetch(`${url.replace('ws:', 'http:')}/elsewhere`);
      assert.equal(response.status, 404);
    }),

  'an app that closes while clients are connected': () =>
    withApp(async ({ app, connect }) => {
      const ws = await connect();
      const closed = next(ws, 'close');
      await within(app.close(), 'the app to close');
      assert.equal((await closed)[0], 1006);
    }),
});

async function withApp(step) {
  const app = await NestFactory.create(AppModule, { logger: false });
  app.useWebSocketAdapter(new WsAdapter(app));
  await app.listen(0, '127.0.0.1');
  const url = `ws://127.0.0.1:${app.getHttpServer().address().port}`;
  await step({ app, url, gateway: app.get(ChoirGateway), connect: () => open(`${url}/choir`) });
  await within(app.close(), 'the app to close');
}

async function open(url) {
  const ws = new WebSocket(url);
  await next(ws, 'open');
  return ws;
}

async function answerTo(ws, event, data) {
  const answer = next(ws, 'message');
  ws.send(JSON.stringify({ event, data }));
  return JSON.parse((await answer)[0]);
}

async function closeWith(ws, code) {
  const closed = next(ws, 'close');
  ws.close(code, 'gone home');
  const [actual, reason] = await closed;
  assert.deepEqual([actual, reason.toString()], [code, 'gone home']);
}
