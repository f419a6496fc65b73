import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import httpProxy from 'http-proxy';
import WebSocket, { WebSocketServer } from 'ws';
import { close, listen } from '../scenario/listening.mjs';
import { runScenario } from '../scenario/scenario.mjs';
import { next } from '../scenario/waiting.mjs';

const TEXT = 'canary: zażółć 𝄞';
const BINARY = Buffer.concat([Buffer.from([0, 255, 128]), Buffer.from('canary')]);
const LONG = Buffer.alloc(3_000_000, 'canary');

await runScenario({
  'text and binary through the proxy': () =>
    withProxy(async ({ url }) => {
      const ws = new WebSocket(`${url}/echo`);
      await next(ws, 'open');
      for (const message of [TEXT, BINARY, LONG]) {
        const answer = next(ws, 'message');
        ws.send(message);
        const [data, isBinary] = await answer;
        assert.ok(data.equals(Buffer.from(message)));
        assert.equal(isBinary, typeof message !== 'string');
      }
      ws.close(1000);
      await next(ws, 'close');
    }),

  'a message that comes along with the handshake': () =>
    withProxy(async ({ wss, url }) => {
      wss.on('connection', (ws) => ws.send(TEXT));
      const ws = new WebSocket(`${url}/echo`);
      assert.equal((await next(ws, 'message'))[0].toString(), TEXT);
      ws.close(1000);
      await next(ws, 'close');
    }),

  'headers, subprotocol and extension through the proxy': () =>
    withProxy(async ({ wss, url }) => {
      const connected = next(wss, 'connection');
      const ws = new WebSocket(`${url}/echo?a=b`, ['choir', 'solo'], { origin: 'http://canary.test' });
      const [[peer, request]] = await Promise.all([connected, next(ws, 'open')]);
      assert.deepEqual(
        [request.url, request.headers.origin, request.headers['x-forwarded-for']],
        ['/echo?a=b', 'http://canary.test', '127.0.0.1'],
      );
      assert.deepEqual([ws.protocol, peer.protocol], ['choir', 'choir']);
      assert.deepEqual([ws.extensions, peer.extensions], ['permessage-deflate', 'permessage-deflate']);
      ws.close(1000);
      await next(ws, 'close');
    }),

  'codes and reasons in both directions': () =>
    withProxy(async ({ wss, url }) => {
      for (const side of ['client', 'server']) {
        const connected = next(wss, 'connection');
        const ws = new WebSocket(`${url}/echo`);
        const [[peer]] = await Promise.all([connected, next(ws, 'open')]);
        const closed = Promise.all([next(ws, 'close'), next(peer, 'close')]);
        (side === 'client' ? ws : peer).close(4001, `by the ${side}`);
        for (const [code, reason] of await closed) {
          assert.deepEqual([code, reason.toString()], [4001, `by the ${side}`]);
        }
      }
    }),

  'ping and pong': () =>
    withProxy(async ({ url }) => {
      const ws = new WebSocket(`${url}/echo`);
      await next(ws, 'open');
      const pong = next(ws, 'pong');
      ws.ping('canary');
      assert.equal((await pong)[0].toString(), 'canary');
      ws.close(1000);
      await next(ws, 'close');
    }),

  'a refusal': () =>
    withProxy(async ({ url }) => {
      const [error] = await next(new WebSocket(`${url}/elsewhere`), 'error');
      assert.equal(error.message, 'Unexpected server response: 400');
    }),

  'a server that is cut off': () =>
    withProxy(async ({ wss, url }) => {
      const connected = next(wss, 'connection');
      const ws = new WebSocket(`${url}/echo`);
      const [[peer]] = await Promise.all([connected, next(ws, 'open')]);
      peer.terminate();
      assert.equal((await next(ws, 'close'))[0], 1006);
    }),
});

async function withProxy(step) {
  const target = createServer();
  const wss = new WebSocketServer({ server: target, path: '/echo', perMessageDeflate: true });
  wss.on('connection', (ws) => {
    ws.on('message', (data, isBinary) => ws.send(data, { binary: isBinary }));
  });
  const proxy = httpProxy.createProxyServer({
    target: `http://127.0.0.1:${await listen(target)}`,
    ws: true,
    xfwd: true,
  });
  // What a proxy meets on its way: a target that hangs up.
  proxy.on('error', () => {});
  const front = createServer((request, response) => proxy.web(request, response));
  front.on('upgrade', (request, socket, head) => proxy.ws(request, socket, head));
  const url = `ws://127.0.0.1:${await listen(front)}`;
  await step({ wss, url });
  await Promise.all([...wss.clients].map((ws) => once(ws, 'close')));
  wss.close();
  proxy.close();
  front.closeAllConnections();
  await Promise.all([close(front), close(target)]);
}
