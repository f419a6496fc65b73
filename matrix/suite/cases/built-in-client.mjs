import assert from 'node:assert/strict';
import { once } from 'node:events';

/** Connects the runtime's own WebSocket to one of our servers. */
async function builtInPair(scope, options = {}, subprotocols = []) {
  assert.equal(typeof globalThis.WebSocket, 'function', 'the runtime has no WebSocket of its own');
  const { wss, url } = await scope.serve(options);
  const client = new globalThis.WebSocket(url, subprotocols);
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

export const builtInClient = {
  feature: "the runtime's own WebSocket as client",
  cases: {
    'text and bytes': async (scope) => exchanges(await builtInPair(scope)),
    'text and bytes with permessage-deflate': async (scope) => {
      const pair = await builtInPair(scope, { perMessageDeflate: { threshold: 0 } });
      await exchanges(pair);
      assert.equal(pair.server.extensions, 'permessage-deflate');
    },
    'text and bytes where permessage-deflate is allowed': async (scope) =>
      exchanges(await builtInPair(scope, { perMessageDeflate: true })),
    fragments: async (scope) => {
      const { server, client } = await builtInPair(scope);
      const message = heard(client, 'message');
      server.send('one ', { fin: false });
      server.ping('between');
      server.send('two', { fin: true });
      assert.equal((await message).data, 'one two');
    },
    'answers pings': async (scope) => {
      const { server } = await builtInPair(scope);
      const pong = once(server, 'pong');
      server.ping('there?');
      assert.equal((await pong)[0].toString(), 'there?');
    },
    subprotocol: async (scope) => {
      const { server, client } = await builtInPair(scope, {}, ['chat.v2', 'chat.v1']);
      assert.deepEqual([server.protocol, client.protocol], ['chat.v2', 'chat.v2']);
    },
    'closed by the client': async (scope) => {
      const { server, client } = await builtInPair(scope);
      const ended = once(server, 'close');
      const closed = heard(client, 'close');
      client.close(4000, 'bye');
      const [code, reason] = await ended;
      assert.deepEqual([code, reason.toString()], [4000, 'bye']);
      const event = await closed;
      assert.deepEqual([event.code, event.reason, event.wasClean], [4000, 'bye', true]);
    },
    'closed by the server': async (scope) => {
      const { server, client } = await builtInPair(scope);
      const ended = once(server, 'close');
      const closed = heard(client, 'close');
      server.close(4001, 'later');
      const event = await closed;
      assert.deepEqual([event.code, event.reason, event.wasClean], [4001, 'later', true]);
      assert.equal((await ended)[0], 4001);
    },
    'terminated by the server': async (scope) => {
      const { server, client } = await builtInPair(scope);
      const closed = new Promise((resolve) => client.addEventListener('close', resolve, { once: true }));
      server.terminate();
      const event = await closed;
      assert.deepEqual([event.code, event.wasClean], [1006, false]);
    },
  },
};
