// The options of a client that pass through the runtime's own node:http, node:net and node:tls.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { Agent, ClientRequest, createServer } from 'node:http';
import { connect } from 'node:net';
import { ending, receiveOne } from '../scope.mjs';
import { settings } from '../settings.mjs';

async function echoes(ws, text) {
  ws.send(text);
  assert.equal((await receiveOne(ws)).toString(), text);
}

/** A server that sends everyone to `location` with 302; remembers the requests that it got. */
async function serveRedirect(scope, location) {
  const requests = [];
  const server = createServer().on('upgrade', (request, socket) => {
    requests.push(request);
    socket.end(
      `HTTP/1.1 302 Found\r\nLocation: ${location(request)}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`,
    );
  });
  server.listen(0, '127.0.0.1');
  scope.defer(() => new Promise((resolve) => server.close(resolve)));
  await once(server, 'listening');
  return { url: `ws://127.0.0.1:${server.address().port}/`, requests };
}

export const clientOptions = {
  feature: 'client options of node:http',
  cases: {
    'agent: its addRequest sees the request, its socket carries the connection': async (scope) => {
      const { url } = await scope.serveEcho();
      const agent = new Agent();
      const seen = [];
      const { addRequest } = Agent.prototype;
      agent.addRequest = function (request, options, ...rest) {
        seen.push([request instanceof ClientRequest, request.path, options.port]);
        return addRequest.call(this, request, options, ...rest);
      };
      const ws = scope.connect(`${url}chat`, { agent });
      const { port } = new URL(url);
      assert.deepEqual(seen, [[true, '/chat', port]]);
      await once(ws, 'open');
      await echoes(ws, 'by an agent');
      const end = ending(ws);
      ws.close(1000);
      assert.equal((await end).code, 1000);
    },
    'agent: its createConnection makes the socket': async (scope) => {
      const { port } = await scope.serveEcho();
      const agent = new Agent();
      let asked;
      agent.createConnection = (options) => {
        asked = options.host;
        return connect({ port, host: '127.0.0.1' });
      };
      const ws = await scope.open('ws://nowhere.test:1234/', { agent });
      assert.equal(asked, 'nowhere.test');
      await echoes(ws, 'through a tunnel');
    },
    createConnection: async (scope) => {
      const { port } = await scope.serveEcho();
      const createConnection = () => connect({ port, host: '127.0.0.1' });
      const ws = await scope.open('ws://nowhere.test/', { createConnection });
      await echoes(ws, 'through a tunnel');
    },
    lookup: async (scope) => {
      const { port } = await scope.serveEcho();
      const names = [];
      const lookup = (name, options, callback) => {
        names.push(name);
        if (options.all) callback(null, [{ address: '127.0.0.1', family: 4 }]);
        else callback(null, '127.0.0.1', 4);
      };
      const ws = await scope.open(`ws://somewhere.test:${port}/`, { lookup });
      assert.deepEqual(names, ['somewhere.test']);
      await echoes(ws, 'by another name');
    },
    finishRequest: async (scope) => {
      const { wss, url } = await scope.serveEcho();
      const connected = once(wss, 'connection');
      const ws = await scope.open(url, {
        finishRequest: (request) => {
          request.setHeader('X-Late', 'yes');
          setImmediate(() => request.end());
        },
      });
      const [, request] = await connected;
      assert.equal(request.headers['x-late'], 'yes');
      await echoes(ws, 'finished');
    },
    followRedirects: async (scope) => {
      const { url } = await scope.serveEcho();
      const first = await serveRedirect(scope, () => url);
      const ws = scope.connect(first.url, { followRedirects: true });
      const [[to, request]] = await Promise.all([once(ws, 'redirect'), once(ws, 'open')]);
      assert.equal(to, url);
      assert.ok(request instanceof ClientRequest);
      assert.equal(ws.url, url);
      await echoes(ws, 'redirected');
    },
    'followRedirects drops credentials on the way to another host': async (scope) => {
      const { wss, port } = await scope.serve();
      const connected = once(wss, 'connection');
      const first = await serveRedirect(scope, () => `ws://localhost:${port}/`);
      await scope.open(first.url, {
        followRedirects: true,
        family: 4,
        headers: { Authorization: 'Basic secret', Cookie: 'a=b', 'X-Kept': 'yes' },
      });
      const [, { headers }] = await connected;
      assert.equal(first.requests[0].headers.cookie, 'a=b');
      assert.deepEqual(
        [headers.authorization, headers.cookie, headers['x-kept']],
        [undefined, undefined, 'yes'],
      );
    },
    maxRedirects: async (scope) => {
      const first = await serveRedirect(scope, () => '/again');
      const { code, error } = await ending(
        scope.connect(first.url, { followRedirects: true, maxRedirects: 2 }),
      );
      assert.deepEqual([code, error.message], [1006, 'Maximum redirects exceeded']);
      assert.equal(first.requests.length, 3);
    },
    'wss: with an agent for https': async (scope) => {
      const https = await import('node:https');
      const cert = readFileSync(settings.certificate.cert);
      const { url } = await scope.serveEcho({ tls: { key: readFileSync(settings.certificate.key), cert } });
      const ws = await scope.open(url, { agent: new https.Agent({ ca: cert }) });
      await echoes(ws, 'by an agent, over TLS');
    },
    'a server that does not answer in HTTP': async (scope) => {
      const { serveRaw } = await import('../raw-peer.mjs');
      const url = await serveRaw(scope, (peer) => peer.socket.end('garbage, no HTTP\r\n\r\n'));
      for (const options of [{}, { agent: new Agent() }]) {
        const { code, error } = await ending(scope.connect(url, options));
        assert.deepEqual([code, error.code], [1006, 'HPE_INVALID_CONSTANT']);
      }
    },
    'an agent whose server refuses': async (scope) => {
      const { url } = await scope.serve({ verifyClient: () => false });
      const { code, error } = await ending(scope.connect(url, { agent: new Agent() }));
      assert.deepEqual([code, error.message], [1006, 'Unexpected server response: 401']);
    },
    'terminate() while a request of an agent is under way': async (scope) => {
      const { serveRaw } = await import('../raw-peer.mjs');
      const url = await serveRaw(scope, () => {});
      const ws = scope.connect(url, { agent: new Agent({ keepAlive: true }) });
      const end = ending(ws);
      ws.terminate();
      assert.equal((await end).error.message, 'WebSocket was closed before the connection was established');
    },
  },
};
