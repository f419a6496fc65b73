import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { createServer } from 'node:net';
import { serveRaw, upgradeResponse } from '../raw-peer.mjs';
import { ending, receiveOne } from '../scope.mjs';

export const client = {
  feature: 'client',
  cases: {
    'sends its headers, origin and auth': async (scope) => {
      const options = {
        origin: 'https://example.test',
        auth: 'user:secret',
        headers: { 'X-Two': ['a', 'b'] },
      };
      const { request } = await scope.pair({}, options);
      assert.equal(request.headers.origin, 'https://example.test');
      assert.equal(request.headers.authorization, `Basic ${Buffer.from('user:secret').toString('base64')}`);
      assert.equal(request.headers['x-two'], 'a, b');
      assert.equal(request.headers['sec-websocket-version'], '13');
    },
    'is CONNECTING, OPEN, CLOSING, CLOSED': async (scope) => {
      const { url } = await scope.serve();
      const ws = scope.connect(url);
      const states = [ws.readyState];
      await once(ws, 'open');
      states.push(ws.readyState);
      ws.close();
      states.push(ws.readyState);
      await once(ws, 'close');
      states.push(ws.readyState);
      assert.deepEqual(states, [0, 1, 2, 3]);
      assert.equal(ws.url, url);
    },
    'tells a refused connection': async (scope) => {
      const unused = createServer().listen(0, '127.0.0.1');
      await once(unused, 'listening');
      const { port } = unused.address();
      await new Promise((resolve) => unused.close(resolve));
      const { code, error } = await ending(scope.connect(`ws://127.0.0.1:${port}/`));
      assert.equal(code, 1006);
      assert.equal(error.code, 'ECONNREFUSED');
    },
    'by a host name that has IPv4 and IPv6 addresses': async (scope) => {
      const { port } = await scope.serveEcho();
      const ws = await scope.open(`ws://localhost:${port}/`);
      ws.send('by name');
      assert.equal((await receiveOne(ws)).toString(), 'by name');
    },
    'reads a response that comes byte by byte, and the frames behind it': async (scope) => {
      const url = await serveRaw(scope, async (peer, head) => {
        const response = Buffer.concat([
          Buffer.from(upgradeResponse(head)),
          Buffer.from('\x81\x02hi', 'latin1'),
        ]);
        for (const byte of response) {
          peer.socket.write(Buffer.of(byte));
          await new Promise((resolve) => setImmediate(resolve));
        }
      });
      assert.equal((await receiveOne(scope.connect(url))).toString(), 'hi');
    },
    'reads frames that come with the response': async (scope) => {
      const url = await serveRaw(scope, (peer, head) => {
        const frames = Buffer.from('\x81\x02hi\x89\x01p\x88\x02\x03\xe8', 'latin1');
        peer.socket.write(Buffer.concat([Buffer.from(upgradeResponse(head)), frames]));
      });
      const ws = scope.connect(url);
      const told = [];
      ws.on('open', () => told.push('open'));
      ws.on('message', (data) => told.push(`message ${data}`));
      ws.on('ping', (data) => told.push(`ping ${data}`));
      ws.on('close', (code) => told.push(`close ${code}`));
      await once(ws, 'close');
      assert.deepEqual(told, ['open', 'message hi', 'ping p', 'close 1000']);
    },
    'hands over an unexpected response with its body': async (scope) => {
      const http = createHttpServer().on('upgrade', (_request, socket) => {
        socket.end(
          'HTTP/1.1 401 Unauthorized\r\nContent-Length: 4\r\nX-Why: token\r\nConnection: close\r\n\r\nwhy?',
        );
      });
      http.listen(0, '127.0.0.1');
      scope.defer(() => new Promise((resolve) => http.close(resolve)));
      await once(http, 'listening');
      const ws = scope.connect(`ws://127.0.0.1:${http.address().port}/`);
      const [, response] = await once(ws, 'unexpected-response');
      assert.equal(response.statusCode, 401);
      assert.equal(response.headers['x-why'], 'token');
      let body = '';
      for await (const chunk of response) body += chunk;
      assert.equal(body, 'why?');
    },
    'tells the upgrade response before it is open': async (scope) => {
      const { wss, url } = await scope.serve();
      wss.on('headers', (lines) => lines.push('X-Served-By: matrix'));
      const ws = scope.connect(url);
      const [response, state] = await new Promise((resolve) => {
        ws.once('upgrade', (response) => resolve([response, ws.readyState]));
      });
      assert.equal(state, 0);
      assert.equal(response.statusCode, 101);
      assert.equal(response.headers['x-served-by'], 'matrix');
    },
    'gives up after handshakeTimeout': async (scope) => {
      const url = await serveRaw(scope, () => {});
      const { code, error } = await ending(scope.connect(url, { handshakeTimeout: 100 }));
      assert.equal(code, 1006);
      assert.equal(error.message, 'Opening handshake has timed out');
    },
    'close() and terminate() while it connects': async (scope) => {
      const url = await serveRaw(scope, () => {});
      for (const method of ['close', 'terminate']) {
        const ws = scope.connect(url);
        const end = ending(ws);
        ws[method]();
        assert.equal(ws.readyState, 2);
        const { code, error } = await end;
        assert.equal(code, 1006);
        assert.equal(error.message, 'WebSocket was closed before the connection was established');
      }
    },
    'a server that hangs up during the handshake': async (scope) => {
      const url = await serveRaw(scope, (peer) => peer.socket.destroy());
      const { code, error } = await ending(scope.connect(url));
      assert.equal(code, 1006);
      assert.match(error.message, /socket hang up|ECONNRESET/);
    },
    'a response with a wrong Sec-WebSocket-Accept': async (scope) => {
      const url = await serveRaw(scope, (peer, head) => {
        peer.socket.write(upgradeResponse(head, { 'Sec-WebSocket-Accept': 'AAAA' }));
      });
      const { code, error } = await ending(scope.connect(url));
      assert.deepEqual([code, error.message], [1006, 'Invalid Sec-WebSocket-Accept header']);
    },
    'connects again and again': async (scope) => {
      const { wss, url } = await scope.serveEcho();
      const gone = [];
      wss.on('connection', (ws) => gone.push(once(ws, 'close')));
      for (let i = 0; i < 50; i++) {
        const ws = await scope.open(url);
        ws.send(`${i}`);
        assert.equal((await receiveOne(ws)).toString(), `${i}`);
        const end = ending(ws);
        ws.close(1000);
        assert.equal((await end).code, 1000);
      }
      await Promise.all(gone);
      assert.deepEqual([gone.length, wss.clients.size], [50, 0]);
    },
  },
};
