import assert from 'node:assert/strict';
import { constants, deflateRawSync, inflateRawSync } from 'node:zlib';
import { frame, upgradeRaw } from '../raw-peer.mjs';
import { ending, receive, receiveOne } from '../scope.mjs';

const ON = { perMessageDeflate: { threshold: 0 } };
const OFFER = { 'Sec-WebSocket-Extensions': 'permessage-deflate' };
const TEXT = 'compress me, compress me, compress me';
const TAIL = Buffer.from([0, 0, 0xff, 0xff]);

/** RFC 7692 §7.2.1, by one call of zlib. */
function compress(text) {
  const bytes = deflateRawSync(text, { finishFlush: constants.Z_SYNC_FLUSH });
  return bytes.subarray(0, bytes.length - TAIL.length);
}

function decompress(bytes) {
  return inflateRawSync(Buffer.concat([bytes, TAIL]), { finishFlush: constants.Z_SYNC_FLUSH }).toString();
}

async function roundTrips(scope, serverOptions, clientOptions) {
  const { server, client } = await scope.pair(serverOptions, clientOptions);
  assert.equal(server.extensions, 'permessage-deflate');
  assert.equal(client.extensions, 'permessage-deflate');
  for (const [from, to] of [
    [client, server],
    [server, client],
  ]) {
    const texts = Array.from({ length: 20 }, (_, i) => `${TEXT} ${i % 7}`);
    const received = receive(to, texts.length);
    for (const text of texts) from.send(text);
    assert.deepEqual(
      (await received).map(({ data }) => data.toString()),
      texts,
    );
  }
}

export const deflate = {
  feature: 'permessage-deflate',
  cases: {
    'round trips with contexts kept': (scope) => roundTrips(scope, ON, ON),
    'round trips without contexts': (scope) => {
      const perMessageDeflate = {
        threshold: 0,
        serverNoContextTakeover: true,
        clientNoContextTakeover: true,
      };
      return roundTrips(scope, { perMessageDeflate }, {});
    },
    'round trips with windows of 1 KiB': (scope) => {
      const perMessageDeflate = { threshold: 0, serverMaxWindowBits: 10, clientMaxWindowBits: 10 };
      return roundTrips(scope, { perMessageDeflate }, { perMessageDeflate });
    },
    'round trips with the smallest window': (scope) => {
      const perMessageDeflate = { threshold: 0, serverMaxWindowBits: 8, clientMaxWindowBits: 8 };
      return roundTrips(scope, { perMessageDeflate }, { perMessageDeflate });
    },
    'a server compresses what it sends': async (scope) => {
      const { wss, port } = await scope.serve(ON);
      wss.on('connection', (ws) => ws.send(TEXT));
      const peer = await upgradeRaw(scope, port, OFFER);
      assert.match(peer.head, /^Sec-WebSocket-Extensions: permessage-deflate\r$/m);
      const { rsv1, payload } = await peer.takeFrame();
      assert.equal(rsv1, true);
      assert.ok(payload.length < TEXT.length);
      assert.equal(decompress(payload), TEXT);
    },
    'a server takes compressed messages': async (scope) => {
      const { wss, port } = await scope.serve(ON);
      const message = new Promise((resolve) => wss.once('connection', (ws) => ws.once('message', resolve)));
      const peer = await upgradeRaw(scope, port, OFFER);
      peer.socket.write(frame({ rsv: 4, payload: compress(TEXT) }));
      assert.equal((await message).toString(), TEXT);
    },
    'a server takes a compressed message in fragments': async (scope) => {
      const { wss, port } = await scope.serve(ON);
      const message = new Promise((resolve) => wss.once('connection', (ws) => ws.once('message', resolve)));
      const peer = await upgradeRaw(scope, port, OFFER);
      const bytes = compress(TEXT);
      peer.socket.write(frame({ fin: false, rsv: 4, payload: bytes.subarray(0, 5) }));
      peer.socket.write(frame({ opcode: 0, payload: bytes.subarray(5) }));
      assert.equal((await message).toString(), TEXT);
    },
    'nothing is compressed where the server does not want it': async (scope) => {
      const { client } = await scope.pair({ perMessageDeflate: false });
      assert.equal(client.extensions, '');
    },
    '8 MiB, compressed, in both directions': async (scope) => {
      const { server, client } = await scope.pair(ON, ON);
      const text = Buffer.alloc(8 * 1024 * 1024, 'a line that comes again and again\n');
      for (const [from, to] of [
        [client, server],
        [server, client],
      ]) {
        const received = receiveOne(to);
        from.send(text);
        assert.ok(text.equals(await received));
      }
    },
    'fragments that are sent compressed': async (scope) => {
      const { server, client } = await scope.pair(ON, ON);
      const received = receiveOne(server);
      client.send(TEXT, { fin: false });
      client.send('', { fin: false });
      client.send(TEXT, { fin: true });
      assert.equal((await received).toString(), TEXT + TEXT);
    },
    'a final block ends the stream, and the next message begins anew': async (scope) => {
      const { wss, port } = await scope.serve(ON);
      const connected = new Promise((resolve) => wss.once('connection', resolve));
      const peer = await upgradeRaw(scope, port, {
        'Sec-WebSocket-Extensions': 'permessage-deflate; client_no_context_takeover',
      });
      const received = receive(await connected, 2);
      const withFinalBlock = Buffer.concat([deflateRawSync(TEXT), Buffer.of(0)]);
      peer.socket.write(frame({ rsv: 4, payload: withFinalBlock }));
      peer.socket.write(frame({ rsv: 4, payload: compress('next') }));
      assert.deepEqual(
        (await received).map(({ data }) => data.toString()),
        [TEXT, 'next'],
      );
    },
    'a message that inflates beyond maxPayload fails with 1009': async (scope) => {
      const { wss, port } = await scope.serve({ ...ON, maxPayload: 1000 });
      const ended = new Promise((resolve) => wss.once('connection', (ws) => resolve(ending(ws))));
      const peer = await upgradeRaw(scope, port, OFFER);
      peer.socket.write(frame({ rsv: 4, payload: compress('\0'.repeat(60_000)) }));
      assert.equal(await peer.closeCode(), 1009);
      const { code, error } = await ended;
      assert.deepEqual([code, error.code], [1006, 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH']);
    },
    'bytes that are no deflate fail with 1007': async (scope) => {
      const { wss, port } = await scope.serve(ON);
      const ended = new Promise((resolve) => wss.once('connection', (ws) => resolve(ending(ws))));
      const peer = await upgradeRaw(scope, port, OFFER);
      peer.socket.write(frame({ rsv: 4, payload: Buffer.alloc(50, 0xff) }));
      assert.equal(await peer.closeCode(), 1007);
      const { code, error } = await ended;
      assert.equal(code, 1006);
      assert.ok(error instanceof Error);
    },
    'everything sent before close() arrives': async (scope) => {
      const { server, client } = await scope.pair(ON, ON);
      const end = ending(server);
      const received = receive(server, 50);
      for (let i = 0; i < 50; i++) client.send(`${TEXT} ${i}`);
      client.close(1000, 'done');
      assert.equal((await received).at(-1).data.toString(), `${TEXT} 49`);
      assert.deepEqual(await end, { code: 1000, reason: 'done', error: undefined });
    },
    'terminate() while it compresses': async (scope) => {
      const { server, client } = await scope.pair(ON, ON);
      const end = ending(server);
      const result = new Promise((resolve) => client.send(Buffer.alloc(4 * 1024 * 1024), resolve));
      client.terminate();
      assert.ok((await result) instanceof Error);
      assert.equal((await end).code, 1006);
    },
  },
};
