// RFC 8441: WebSockets on streams of HTTP/2, Hawser's server with Hawser's client.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createSecureServer, createServer } from 'node:http2';
import { WebSocketServer } from 'hawser';
import { runChild } from '../child.mjs';
import { closeServer, echo, ending, receive, receiveOne } from '../scope.mjs';
import { settings } from '../settings.mjs';

const key = readFileSync(settings.certificate.key);
const cert = readFileSync(settings.certificate.cert);

/** Has WebSockets echo on a server of node:http2; returns its URL, and the sessions that it has had. */
async function serveOn(scope, server, options = {}) {
  const sessions = [];
  server.on('session', (session) => sessions.push(session));
  const wss = new WebSocketServer({ server, ...options });
  wss.on('connection', echo);
  scope.defer(async () => {
    await closeServer(wss);
    for (const session of sessions) session.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { wss, sessions, authority: `127.0.0.1:${server.address().port}` };
}

/** Opens a WebSocket, and tells the version of HTTP that the server saw it come over. */
async function openTold(scope, wss, ...args) {
  const connected = once(wss, 'connection');
  const client = await scope.open(...args);
  const [server, request] = await connected;
  return { client, server, version: request.httpVersion };
}

async function exchange(client) {
  const sent = ['grüße', Buffer.from([0, 1, 255]), '', Buffer.alloc(1000, 'bytes')];
  const received = receive(client, sent.length);
  for (const data of sent) client.send(data);
  assert.deepEqual(
    (await received).map(({ data, isBinary }) => (isBinary ? data : data.toString())),
    sent,
  );
}

async function exchangeAndClose({ client, version }) {
  assert.equal(version, '2.0');
  await exchange(client);
  const end = ending(client);
  client.close(4000, 'done');
  assert.deepEqual(await end, { code: 4000, reason: 'done', error: undefined });
}

/** Opens a WebSocket to a server of node:http2 on which all echo; returns both its ends. */
async function pair(scope, serverOptions, ...args) {
  const { wss, authority } = await serveOn(scope, createServer(), serverOptions);
  const { client, server } = await openTold(scope, wss, `ws://${authority}/`, ...args, {
    http2: true,
    perMessageDeflate: serverOptions?.perMessageDeflate,
  });
  return { client, server };
}

export const http2 = {
  feature: 'WebSocket over HTTP/2',
  cases: {
    'on a port': async (scope) => {
      const { wss, url } = await scope.serveEcho({ http2: true });
      await exchangeAndClose(await openTold(scope, wss, url, { http2: true }));
    },
    'on a port with TLS': async (scope) => {
      const { wss, url } = await scope.serveEcho({ http2: true, tls: { key, cert } });
      await exchangeAndClose(await openTold(scope, wss, url, { http2: true, ca: cert }));
    },
    'by a host name': async (scope) => {
      const { wss, port } = await scope.serveEcho({ http2: true, tls: { key, cert } });
      const url = `wss://localhost:${port}/`;
      await exchangeAndClose(await openTold(scope, wss, url, { http2: true, ca: cert, family: 4 }));
    },
    'on a server of node:http2': async (scope) => {
      const { wss, authority } = await serveOn(scope, createServer());
      await exchangeAndClose(await openTold(scope, wss, `ws://${authority}/`, { http2: true }));
    },
    'on a server of node:http2 with TLS': async (scope) => {
      const { wss, authority } = await serveOn(scope, createSecureServer({ key, cert }));
      await exchangeAndClose(await openTold(scope, wss, `wss://${authority}/`, { http2: true, ca: cert }));
    },
    'beside HTTP/1.1 with allowHTTP1': async (scope) => {
      const server = createSecureServer({ key, cert, allowHTTP1: true });
      const { wss, authority } = await serveOn(scope, server);
      for (const [http2, version] of [
        [true, '2.0'],
        ['auto', '2.0'],
        [false, '1.1'],
      ]) {
        const opened = await openTold(scope, wss, `wss://${authority}/`, { http2, ca: cert });
        assert.equal(opened.version, version);
        await exchange(opened.client);
      }
    },
    "'auto' takes HTTP/1.1 where there is nothing else": async (scope) => {
      const { wss, url } = await scope.serveEcho({ tls: { key, cert } });
      const { client, version } = await openTold(scope, wss, url, { http2: 'auto', ca: cert });
      assert.equal(version, '1.1');
      await exchange(client);
    },
    'WebSockets share a session': async (scope) => {
      const { sessions, authority } = await serveOn(scope, createServer());
      const open = () => scope.open(`ws://${authority}/`, { http2: true });
      const clients = [await open(), await open(), await open()];
      await Promise.all(clients.map(exchange));
      assert.equal(sessions.length, 1);
    },
    '1 MiB': async (scope) => {
      const { client } = await pair(scope);
      const bytes = Buffer.alloc(1024 * 1024, 'over HTTP/2');
      const received = receiveOne(client);
      client.send(bytes);
      assert.ok(bytes.equals(await received));
    },
    'permessage-deflate': async (scope) => {
      const { client } = await pair(scope, { perMessageDeflate: { threshold: 0 } });
      assert.equal(client.extensions, 'permessage-deflate');
      await exchange(client);
    },
    subprotocol: async (scope) => {
      const { client, server } = await pair(scope, {}, ['chat.v1']);
      assert.deepEqual([client.protocol, server.protocol], ['chat.v1', 'chat.v1']);
    },
    'pings, both ways': async (scope) => {
      const { client, server } = await pair(scope);
      const pongs = [once(client, 'pong'), once(server, 'pong')];
      client.ping('to the server');
      server.ping('to the client');
      assert.deepEqual(
        (await Promise.all(pongs)).map(([data]) => data.toString()),
        ['to the server', 'to the client'],
      );
    },
    'closed by the server': async (scope) => {
      const { client, server } = await pair(scope);
      const ends = Promise.all([ending(client), ending(server)]);
      server.close(4001, 'from there');
      assert.deepEqual(
        (await ends).map(({ code, error }) => [code, error]),
        [
          [4001, undefined],
          [4001, undefined],
        ],
      );
    },
    'terminated by the server': async (scope) => {
      const { client, server } = await pair(scope);
      const end = ending(client);
      server.terminate();
      assert.equal((await end).code, 1006);
    },
    'refused by the server': async (scope) => {
      const verifyClient = (_info, decide) => decide(false, 403);
      const { authority } = await serveOn(scope, createServer(), { verifyClient });
      const { error } = await ending(scope.connect(`ws://${authority}/`, { http2: true }));
      assert.equal(error.message, 'Unexpected server response: 403');
    },
    'a server that allows none': async (scope) => {
      const { authority } = await serveOn(scope, createServer(), { http2: false });
      const { error } = await ending(scope.connect(`ws://${authority}/`, { http2: true }));
      assert.equal(error.code, 'WS_ERR_HTTP2_UNSUPPORTED');
    },
    'a slow WebSocket does not hold up another': async (scope) => {
      const { client, server } = await pair(scope);
      const quick = await scope.open(client.url, { http2: true });
      client.pause();
      server.send(Buffer.alloc(4 * 1024 * 1024, 'waits'));
      quick.send('quick');
      assert.equal((await receiveOne(quick)).toString(), 'quick');
      const late = receiveOne(client);
      client.resume();
      assert.equal((await late).length, 4 * 1024 * 1024);
    },
    "the runtime's own WebSocket": async (scope) => {
      const { wss, authority } = await serveOn(scope, createSecureServer({ key, cert }));
      const seen = once(wss, 'connection').then(([, { httpVersion }]) => httpVersion);
      const trust = { NODE_EXTRA_CA_CERTS: settings.certificate.cert, MATRIX_URL: `wss://${authority}/` };
      const ofDeno = ['--unsafely-ignore-certificate-errors=127.0.0.1'];
      const command = [...settings.command, ...(settings.kind === 'deno' ? ofDeno : [])];
      const { output, errors } = await runChild(scope, 'own-websocket', { command, env: trust });
      assert.equal(output, 'echoed\n', `${output}${errors}`);
      assert.equal(await seen, '2.0');
    },
  },
};
