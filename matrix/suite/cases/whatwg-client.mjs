// Clients with the interface of browsers: the runtime's own, and that of hawser/web.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { WebSocket as WsWebSocket } from 'hawser';
import { WebSocket as WebWebSocket } from 'hawser/web';
import { settings } from '../settings.mjs';

/** Connects a client of the class to one of our servers. */
async function pairOf(WebSocket, scope, options = {}, subprotocols = []) {
  assert.equal(typeof WebSocket, 'function', 'the runtime has no WebSocket of its own');
  const { wss, url } = await scope.serve(options);
  const client = new WebSocket(url, subprotocols);
  client.binaryType = 'arraybuffer';
  scope.defer(() => client.close());
  const [[server, request]] = await Promise.all([once(wss, 'connection'), heard(client, 'open')]);
  return { wss, server, client, request };
}

function heard(target, type) {
  return new Promise((resolve, reject) => {
    target.addEventListener(type, resolve, { once: true });
    if (type !== 'error')
      target.addEventListener('error', (event) => reject(new Error(`error: ${event.message}`)), {
        once: true,
      });
  });
}

async function exchanges({ server, client }) {
  for (const text of ['grüße', 'x'.repeat(200), 'y'.repeat(100_000)]) {
    const there = once(server, 'message');
    client.send(text);
    assert.equal((await there)[0].toString(), text);
    const back = heard(client, 'message');
    server.send(text);
    assert.equal((await back).data, text);
  }
  const bytes = Buffer.alloc(1024 * 1024, 'bytes');
  const there = once(server, 'message');
  client.send(bytes);
  assert.ok(bytes.equals((await there)[0]));
  const back = heard(client, 'message');
  server.send(bytes);
  assert.ok(bytes.equals(Buffer.from((await back).data)));
}

/** The cases of a class that is made as WHATWG says. */
function casesOf(WebSocket) {
  const connect = (...args) => pairOf(WebSocket, ...args);
  return {
    'text and bytes': async (scope) => exchanges(await connect(scope)),
    'text and bytes with permessage-deflate': async (scope) => {
      const pair = await connect(scope, { perMessageDeflate: { threshold: 0 } });
      await exchanges(pair);
      assert.equal(pair.server.extensions, 'permessage-deflate');
    },
    'text and bytes where permessage-deflate is allowed': async (scope) =>
      exchanges(await connect(scope, { perMessageDeflate: true })),
    fragments: async (scope) => {
      const { server, client } = await connect(scope);
      const message = heard(client, 'message');
      server.send('one ', { fin: false });
      server.ping('between');
      server.send('two', { fin: true });
      assert.equal((await message).data, 'one two');
    },
    'answers pings': async (scope) => {
      const { server } = await connect(scope);
      const pong = once(server, 'pong');
      server.ping('there?');
      assert.equal((await pong)[0].toString(), 'there?');
    },
    subprotocol: async (scope) => {
      const { server, client } = await connect(scope, {}, ['chat.v2', 'chat.v1']);
      assert.deepEqual([server.protocol, client.protocol], ['chat.v2', 'chat.v2']);
    },
    'closed by the client': async (scope) => {
      const { server, client } = await connect(scope);
      const ended = once(server, 'close');
      const closed = heard(client, 'close');
      client.close(4000, 'bye');
      const [code, reason] = await ended;
      assert.deepEqual([code, reason.toString()], [4000, 'bye']);
      const event = await closed;
      assert.deepEqual([event.code, event.reason, event.wasClean], [4000, 'bye', true]);
    },
    'closed by the server': async (scope) => {
      const { server, client } = await connect(scope);
      const ended = once(server, 'close');
      const closed = heard(client, 'close');
      server.close(4001, 'later');
      const event = await closed;
      assert.deepEqual([event.code, event.reason, event.wasClean], [4001, 'later', true]);
      assert.equal((await ended)[0], 4001);
    },
    'terminated by the server': async (scope) => {
      const { server, client } = await connect(scope);
      const closed = new Promise((resolve) => client.addEventListener('close', resolve, { once: true }));
      server.terminate();
      const event = await closed;
      assert.deepEqual([event.code, event.wasClean], [1006, false]);
    },
  };
}

export const builtInClient = {
  feature: "the runtime's own WebSocket as client",
  cases: casesOf(globalThis.WebSocket),
};

export const webClient = {
  feature: 'hawser/web',
  cases: {
    'import and require give one class, which is no other WebSocket': () => {
      assert.equal(createRequire(import.meta.url)('hawser/web').WebSocket, WebWebSocket);
      assert.notEqual(WebWebSocket, globalThis.WebSocket);
      assert.notEqual(WebWebSocket, WsWebSocket);
    },
    ...casesOf(WebWebSocket),
    'over TLS': async (scope) => {
      const [key, cert] = [settings.certificate.key, settings.certificate.cert].map((file) =>
        readFileSync(file),
      );
      const { url } = await scope.serveEcho({ tls: { key, cert } });
      const client = new WebWebSocket(url, { tls: { ca: cert } });
      scope.defer(() => client.close());
      await heard(client, 'open');
      const message = heard(client, 'message');
      client.send('over TLS');
      assert.equal((await message).data, 'over TLS');
    },
    'hands over a Blob': async (scope) => {
      const { server, client } = await pairOf(WebWebSocket, scope);
      client.binaryType = 'blob';
      const message = heard(client, 'message');
      server.send(Buffer.from('in a Blob'));
      const { data } = await message;
      assert.ok(data instanceof Blob);
      assert.equal(await data.text(), 'in a Blob');
    },
    'a refused connection is an error, and closes with 1006': async (scope) => {
      const { url } = await scope.serve({ verifyClient: () => false });
      const client = new WebWebSocket(url);
      const told = [];
      client.onerror = ({ type }) => told.push(type);
      await new Promise((resolve) => {
        client.onclose = ({ type, code, wasClean }) => {
          told.push(type, code, wasClean);
          resolve();
        };
      });
      assert.deepEqual(told, ['error', 'close', 1006, false]);
    },
    'bad arguments throw a DOMException': () => {
      for (const args of [['no URL'], ['ws://localhost/', ['a', 'a']]]) {
        assert.throws(
          () => new WebWebSocket(...args),
          (error) => error instanceof DOMException && error.name === 'SyntaxError',
        );
      }
    },
  },
};
