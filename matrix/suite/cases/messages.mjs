import assert from 'node:assert/strict';
import { frame, upgradeRaw } from '../raw-peer.mjs';
import { receive, receiveOne } from '../scope.mjs';

const MIB = 1024 * 1024;

/** Bytes that differ from place to place, so that a mix-up shows. */
function pattern(length) {
  const bytes = Buffer.alloc(length);
  for (let i = 0, x = 1; i < length; i++) {
    x = (Math.imul(x, 1103515245) + 12345) >>> 0;
    bytes[i] = x >>> 24;
  }
  return bytes;
}

export const messages = {
  feature: 'messages',
  cases: {
    'text, in both directions': async (scope) => {
      const { server, client } = await scope.pair();
      const text = 'grüße, 世界, 🚢 and \u0000';
      for (const [from, to] of [
        [client, server],
        [server, client],
      ]) {
        from.send(text);
        const [{ data, isBinary }] = await receive(to, 1);
        assert.equal(isBinary, false);
        assert.ok(Buffer.isBuffer(data));
        assert.equal(data.toString(), text);
      }
    },
    'bytes of every kind': async (scope) => {
      const { server, client } = await scope.pair();
      const bytes = pattern(300);
      const copy = new Uint8Array(bytes);
      const kinds = [
        bytes,
        copy,
        copy.buffer,
        new DataView(copy.buffer),
        new Uint16Array(copy.buffer),
        new Blob([copy]),
      ];
      const received = receive(server, kinds.length);
      for (const kind of kinds) client.send(kind);
      for (const { data, isBinary } of await received) {
        assert.equal(isBinary, true);
        assert.ok(bytes.equals(data));
      }
      assert.ok(bytes.equals(copy), 'what was sent is unchanged');
    },
    'empty ones, text and binary': async (scope) => {
      const { server, client } = await scope.pair();
      const received = receive(server, 2);
      client.send('');
      client.send(Buffer.alloc(0));
      assert.deepEqual(
        (await received).map(({ data, isBinary }) => [data.length, isBinary]),
        [
          [0, false],
          [0, true],
        ],
      );
    },
    'lengths around every form of the header': async (scope) => {
      const { server, client } = await scope.pair();
      for (const [from, to] of [
        [client, server],
        [server, client],
      ]) {
        for (const length of [1, 125, 126, 127, 65_535, 65_536, 100_001]) {
          const bytes = pattern(length);
          from.send(bytes);
          assert.ok(bytes.equals(await receiveOne(to)), `${length} bytes`);
        }
      }
    },
    'binaryType arraybuffer, blob and fragments': async (scope) => {
      const { server, client } = await scope.pair();
      const bytes = pattern(1000);
      const got = {};
      for (const type of ['arraybuffer', 'blob', 'fragments', 'nodebuffer']) {
        client.binaryType = type;
        server.send(bytes);
        got[type] = await receiveOne(client);
      }
      assert.ok(got.arraybuffer instanceof ArrayBuffer);
      assert.ok(bytes.equals(Buffer.from(got.arraybuffer)));
      assert.ok(got.blob instanceof Blob);
      assert.ok(bytes.equals(Buffer.from(await got.blob.arrayBuffer())));
      assert.ok(bytes.equals(Buffer.concat(got.fragments)));
      assert.ok(bytes.equals(got.nodebuffer));
    },
    'fragments become one message': async (scope) => {
      const { server, client } = await scope.pair();
      const received = receive(server, 1);
      const pong = new Promise((resolve) => client.once('pong', resolve));
      client.send('one ', { fin: false });
      client.send('two ', { fin: false });
      client.ping('between');
      client.send('three', { fin: true });
      const [{ data, isBinary }] = await received;
      assert.deepEqual([data.toString(), isBinary], ['one two three', false]);
      assert.equal((await pong).toString(), 'between');
    },
    'a character cut in two by fragments': async (scope) => {
      const { wss, port } = await scope.serve();
      const message = new Promise((resolve) => wss.once('connection', (ws) => ws.once('message', resolve)));
      const peer = await upgradeRaw(scope, port);
      const euro = Buffer.from('€');
      peer.socket.write(frame({ fin: false, opcode: 1, payload: euro.subarray(0, 1) }));
      peer.socket.write(frame({ fin: false, opcode: 0, payload: euro.subarray(1, 2) }));
      peer.socket.write(frame({ opcode: 0, payload: euro.subarray(2) }));
      assert.equal((await message).toString(), '€');
    },
    'a frame that comes byte by byte': async (scope) => {
      const { port } = await scope.serveEcho();
      const peer = await upgradeRaw(scope, port);
      for (const byte of frame({ payload: 'slowly' })) {
        peer.socket.write(Buffer.of(byte));
        await new Promise((resolve) => setImmediate(resolve));
      }
      assert.equal((await peer.takeFrame()).payload.toString(), 'slowly');
    },
    'ten thousand small ones, in order': async (scope) => {
      const { server, client } = await scope.pair();
      const received = receive(server, 10_000);
      for (let i = 0; i < 10_000; i++) client.send(`${i}`);
      const texts = (await received).map(({ data }) => data.toString());
      assert.ok(texts.every((text, i) => text === `${i}`));
    },
    '16 MiB in both directions': async (scope) => {
      const { server, client } = await scope.pair();
      const bytes = pattern(16 * MIB);
      for (const [from, to] of [
        [client, server],
        [server, client],
      ]) {
        const received = receiveOne(to);
        from.send(bytes);
        assert.ok(bytes.equals(await received));
      }
    },
    'send calls back when it is written': async (scope) => {
      const { client } = await scope.pair();
      const results = [];
      await new Promise((resolve) => {
        client.send('a', (...args) => results.push(args));
        client.send(pattern(MIB), (...args) => {
          results.push(args);
          resolve();
        });
      });
      assert.deepEqual(results, [[], []]);
      const closed = new Promise((resolve) => client.once('close', resolve));
      client.terminate();
      await closed;
      const error = await new Promise((resolve) => client.send('late', resolve));
      assert.equal(error.message, 'WebSocket is not open: readyState 3 (CLOSED)');
    },
    'a Blob keeps its place among others': async (scope) => {
      const { server, client } = await scope.pair();
      const received = receive(server, 3);
      client.send('first');
      client.send(new Blob(['second']));
      client.send('third');
      assert.deepEqual(
        (await received).map(({ data }) => data.toString()),
        ['first', 'second', 'third'],
      );
    },
  },
};
