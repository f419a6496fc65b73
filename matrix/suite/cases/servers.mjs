import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WebSocketServer } from 'hawser';
import { connectRaw, upgradeRaw } from '../raw-peer.mjs';
import { closeServer, echo, ending, receiveOne } from '../scope.mjs';

/** An http server that listens where `place` says and answers plain requests with "page". */
async function serveHttp(scope, ...place) {
  const server = createServer((_request, response) => response.end('page'));
  server.listen(...place);
  await once(server, 'listening');
  scope.defer(() => new Promise((resolve) => server.close(resolve)));
  return server;
}

async function fetchPage(port) {
  const [response] = await once(get({ port, host: '127.0.0.1', agent: false }), 'response');
  let body = '';
  for await (const chunk of response) body += chunk;
  return body;
}

async function echoesOn(scope, url) {
  const client = await scope.open(url);
  client.send('hello');
  assert.equal((await receiveOne(client)).toString(), 'hello');
  return client;
}

export const servers = {
  feature: 'servers',
  cases: {
    'on a port': async (scope) => {
      const { wss, url, port } = await scope.serveEcho();
      await echoesOn(scope, url);
      assert.deepEqual(wss.address(), { address: '127.0.0.1', family: 'IPv4', port });
      assert.equal(wss.clients.size, 1);
    },
    'on a port, tells an address in use': async (scope) => {
      const { port } = await scope.serve();
      const second = new WebSocketServer({ port, host: '127.0.0.1' });
      const [error] = await once(second, 'error');
      assert.equal(error.code, 'EADDRINUSE');
    },
    'on a port, answers a plain request with 426': async (scope) => {
      const { port } = await scope.serve();
      const [response] = await once(get({ port, host: '127.0.0.1', agent: false }), 'response');
      response.resume();
      assert.equal(response.statusCode, 426);
    },
    'on a port, answers what is not HTTP with 400': async (scope) => {
      const { port } = await scope.serve();
      const peer = await connectRaw(scope, port);
      peer.socket.write('\x00\x01\x02\x03\r\n\r\n');
      assert.match(await peer.takeHead(), /^HTTP\/1\.1 400 /);
      await peer.closed;
    },
    'on an http server, beside its pages': async (scope) => {
      const http = await serveHttp(scope, 0, '127.0.0.1');
      const wss = new WebSocketServer({ server: http });
      scope.defer(() => closeServer(wss));
      wss.on('connection', echo);
      const { port } = http.address();
      assert.equal(await fetchPage(port), 'page');
      await echoesOn(scope, `ws://127.0.0.1:${port}/`);
      assert.equal(await fetchPage(port), 'page');
    },
    'on an http server, with a path': async (scope) => {
      const http = await serveHttp(scope, 0, '127.0.0.1');
      const wss = new WebSocketServer({ server: http, path: '/chat' });
      scope.defer(() => closeServer(wss));
      wss.on('connection', echo);
      const { port } = http.address();
      await echoesOn(scope, `ws://127.0.0.1:${port}/chat?room=1`);
      const refused = scope.connect(`ws://127.0.0.1:${port}/other`);
      const { code, error } = await ending(refused);
      assert.deepEqual([code, error.message], [1006, 'Unexpected server response: 400']);
    },
    'on an http server, with frames right behind the request': async (scope) => {
      const http = await serveHttp(scope, 0, '127.0.0.1');
      const wss = new WebSocketServer({ server: http });
      scope.defer(() => closeServer(wss));
      wss.on('connection', echo);
      await echoesBehindRequest(scope, http.address().port);
    },
    'on a port, with frames right behind the request': async (scope) => {
      const { port } = await scope.serveEcho();
      await echoesBehindRequest(scope, port);
    },
    'on a Unix socket, by ws+unix:': async (scope) => {
      const folder = mkdtempSync(join(tmpdir(), 'hawser-matrix-'));
      scope.defer(() => rmSync(folder, { recursive: true, force: true }));
      const path = join(folder, 's');
      const http = await serveHttp(scope, path);
      const wss = new WebSocketServer({ server: http });
      scope.defer(() => closeServer(wss));
      const target = once(wss, 'connection');
      wss.on('connection', echo);
      await echoesOn(scope, `ws+unix:${path}:/chat?room=1`);
      const [, request] = await target;
      assert.equal(request.url, '/chat?room=1');
    },
    'handleUpgrade: two servers on one http server': async (scope) => {
      const http = await serveHttp(scope, 0, '127.0.0.1');
      const rooms = {
        '/a': new WebSocketServer({ noServer: true }),
        '/b': new WebSocketServer({ noServer: true }),
      };
      for (const [name, wss] of Object.entries(rooms)) {
        scope.defer(() => closeServer(wss));
        wss.on('connection', (ws, request) => ws.on('message', () => ws.send(`${name} ${request.url}`)));
      }
      http.on('upgrade', (request, socket, head) => {
        const wss = rooms[request.url];
        if (wss === undefined) socket.destroy();
        else wss.handleUpgrade(request, socket, head, (ws) => wss.emit('connection', ws, request));
      });
      const { port } = http.address();
      for (const path of ['/a', '/b']) {
        const client = await scope.open(`ws://127.0.0.1:${port}${path}`);
        client.send('?');
        assert.equal((await receiveOne(client)).toString(), `${path} ${path}`);
      }
      const { code, error } = await ending(scope.connect(`ws://127.0.0.1:${port}/none`));
      assert.equal(code, 1006);
      assert.equal(error.message, 'socket hang up');
    },
    'the request of a connection has address, method, URL and headers': async (scope) => {
      const { server, request } = await scope.pair({}, { headers: { 'X-Room': 'blue' } });
      assert.equal(request.method, 'GET');
      assert.equal(request.url, '/');
      assert.equal(request.httpVersion, '1.1');
      assert.equal(request.headers['x-room'], 'blue');
      assert.ok(request.rawHeaders.includes('X-Room'));
      assert.equal(request.socket.remoteAddress, '127.0.0.1');
      assert.equal(server._socket.remoteAddress, '127.0.0.1');
    },
    'close() lets open connections be, and ends when they have gone': async (scope) => {
      const { wss, server, client } = await scope.pair();
      const gone = once(server, 'close');
      let closed = false;
      const all = new Promise((resolve) => {
        wss.close(() => {
          closed = true;
          resolve();
        });
      });
      client.send('still here');
      assert.equal((await receiveOne(server)).toString(), 'still here');
      assert.equal(closed, false);
      client.close();
      await Promise.all([all, gone]);
      assert.equal(wss.clients.size, 0);
    },
    'a hundred connections at a time': async (scope) => {
      const { wss, url } = await scope.serveEcho();
      const clients = await Promise.all(Array.from({ length: 100 }, () => scope.open(url)));
      assert.equal(wss.clients.size, 100);
      const answers = clients.map((client) => receiveOne(client));
      clients.forEach((client, i) => {
        client.send(`number ${i}`);
      });
      const texts = (await Promise.all(answers)).map(String);
      assert.deepEqual(
        texts,
        clients.map((_client, i) => `number ${i}`),
      );
    },
    'a client that never asks is dropped by close()': async (scope) => {
      const { wss, port } = await scope.serve();
      const peer = await connectRaw(scope, port);
      // The server has to have taken the connection: one that came later is open by then.
      await upgradeRaw(scope, port);
      await closeServer(wss);
      await peer.closed;
    },
  },
};

async function echoesBehindRequest(scope, port) {
  const { frame, upgradeRequest } = await import('../raw-peer.mjs');
  const peer = await connectRaw(scope, port);
  peer.socket.write(Buffer.concat([Buffer.from(upgradeRequest()), frame({ payload: 'early' })]));
  assert.match(await peer.takeHead(), /^HTTP\/1\.1 101 /);
  assert.equal((await peer.takeFrame()).payload.toString(), 'early');
}
