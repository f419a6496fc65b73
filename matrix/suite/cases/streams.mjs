import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Duplex, Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createWebSocketStream, WebSocket } from 'hawser';
import { ending, receive } from '../scope.mjs';

export const streams = {
  feature: 'streams',
  cases: {
    'createWebSocketStream reads and writes, and ends': async (scope) => {
      const { server, client } = await scope.pair();
      const there = createWebSocketStream(server);
      there
        .pipe(new Transform({ transform: (chunk, _encoding, done) => done(null, chunk.reverse()) }))
        .pipe(there);
      const here = createWebSocketStream(client);
      here.end('stream');
      let text = '';
      for await (const chunk of here) text += chunk;
      assert.equal(text, 'maerts');
    },
    'createWebSocketStream carries 8 MiB by pipeline()': async (scope) => {
      const { server, client } = await scope.pair();
      const chunks = Array.from({ length: 128 }, (_, i) => Buffer.alloc(64 * 1024, i));
      const writing = pipeline(Readable.from(chunks), createWebSocketStream(client));
      // What is not read holds the end back.
      client.resume();
      const received = [];
      for await (const chunk of createWebSocketStream(server)) received.push(chunk);
      await writing;
      assert.ok(Buffer.concat(received).equals(Buffer.concat(chunks)));
    },
    'createWebSocketStream ends where the connection breaks': async (scope) => {
      const { server, client } = await scope.pair();
      const duplex = createWebSocketStream(client);
      const ended = once(duplex, 'end');
      duplex.resume();
      server.terminate();
      await ended;
      const closed = once(duplex, 'close');
      duplex.end();
      await closed;
      assert.equal(duplex.destroyed, true);
    },
    'setSocket on a Duplex that is no socket of the network': async () => {
      const [near, far] = duplexPair();
      const client = new WebSocket(null, undefined, { isServer: false });
      const server = new WebSocket(null, undefined, {});
      client.setSocket(near, Buffer.alloc(0), { maxPayload: 0 });
      server.setSocket(far, Buffer.alloc(0), { maxPayload: 0 });
      const received = receive(server, 2);
      client.send('in');
      client.send(Buffer.alloc(100_000, 'memory'));
      const [first, second] = await received;
      assert.equal(first.data.toString(), 'in');
      assert.equal(second.data.length, 100_000);
      const ends = [ending(client), ending(server)];
      client.close(1000, 'done');
      assert.deepEqual(
        (await Promise.all(ends)).map(({ code }) => code),
        [1000, 1000],
      );
    },
    'the socket underneath tells when it drains': async (scope) => {
      const { server, client } = await scope.pair();
      client.pause();
      server.send(Buffer.alloc(32 * 1024 * 1024));
      await new Promise((resolve) => setImmediate(resolve));
      const drained = once(server._socket, 'drain');
      client.resume();
      await drained;
      assert.equal(server._socket.writableLength, 0);
    },
  },
};

/** Two ends of one stream in memory. */
function duplexPair() {
  const ends = [];
  for (const other of [1, 0]) {
    ends.push(
      new Duplex({
        read() {},
        write(chunk, _encoding, done) {
          ends[other].push(chunk);
          done();
        },
        final(done) {
          ends[other].push(null);
          done();
        },
      }),
    );
  }
  return ends;
}
