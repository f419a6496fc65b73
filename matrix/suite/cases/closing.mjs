import assert from 'node:assert/strict';
import { once } from 'node:events';
import { frame, serveRaw, upgradeRaw, upgradeResponse } from '../raw-peer.mjs';
import { ending, receive } from '../scope.mjs';

export const closing = {
  feature: 'closing',
  cases: {
    'code and reason, by the client': async (scope) => {
      const { server, client } = await scope.pair();
      const ends = [ending(client), ending(server)];
      client.close(4321, 'bis später');
      const expected = { code: 4321, reason: 'bis später', error: undefined };
      assert.deepEqual(await Promise.all(ends), [expected, expected]);
    },
    'code and reason, by the server': async (scope) => {
      const { server, client } = await scope.pair();
      const ends = [ending(client), ending(server)];
      server.close(1012, 'restart');
      const expected = { code: 1012, reason: 'restart', error: undefined };
      assert.deepEqual(await Promise.all(ends), [expected, expected]);
    },
    'without a code: 1005 on both sides': async (scope) => {
      const { server, client } = await scope.pair();
      const ends = [ending(client), ending(server)];
      client.close();
      assert.deepEqual(
        (await Promise.all(ends)).map(({ code }) => code),
        [1005, 1005],
      );
    },
    'by both at once': async (scope) => {
      const { server, client } = await scope.pair();
      const ends = [ending(client), ending(server)];
      client.close(1000, 'client');
      server.close(1000, 'server');
      assert.deepEqual(
        (await Promise.all(ends)).map(({ reason }) => reason),
        ['server', 'client'],
      );
    },
    'codes and reasons that may not be sent throw': async (scope) => {
      const { client } = await scope.pair();
      assert.throws(() => client.close(1006), TypeError);
      assert.throws(() => client.close(1000, 'x'.repeat(124)), RangeError);
      assert.equal(client.readyState, 1);
    },
    'everything sent before arrives': async (scope) => {
      const { server, client } = await scope.pair();
      const end = ending(client);
      const received = receive(client, 101);
      for (let i = 0; i < 100; i++) server.send(`${i}`);
      server.send(Buffer.alloc(2 * 1024 * 1024));
      server.close(1000, 'all');
      assert.equal((await received)[100].data.length, 2 * 1024 * 1024);
      assert.equal((await end).reason, 'all');
    },
    'terminate() of the client: 1006 on both sides': async (scope) => {
      const { server, client } = await scope.pair();
      const ends = [ending(client), ending(server)];
      client.terminate();
      assert.equal(client.readyState, 2);
      assert.deepEqual(
        (await Promise.all(ends)).map(({ code }) => code),
        [1006, 1006],
      );
    },
    'terminate() of the server: 1006 on both sides': async (scope) => {
      const { server, client } = await scope.pair();
      const ends = [ending(client), ending(server)];
      server.terminate();
      assert.deepEqual(
        (await Promise.all(ends)).map(({ code }) => code),
        [1006, 1006],
      );
    },
    'a stream that ends without a Close frame: 1006': async (scope) => {
      const { wss, port } = await scope.serve();
      const ended = once(wss, 'connection').then(([ws]) => ending(ws));
      const peer = await upgradeRaw(scope, port);
      peer.socket.end();
      assert.deepEqual(await ended, { code: 1006, reason: '', error: undefined });
      await peer.closed;
    },
    'a stream that is reset: 1006, without an error': async (scope) => {
      const { wss, port } = await scope.serve();
      const ended = once(wss, 'connection').then(([ws]) => ending(ws));
      const peer = await upgradeRaw(scope, port);
      peer.socket.resetAndDestroy();
      assert.deepEqual(await ended, { code: 1006, reason: '', error: undefined });
    },
    'the server closes the stream after the closing handshake': async (scope) => {
      const { port } = await scope.serve();
      const peer = await upgradeRaw(scope, port);
      peer.socket.write(frame({ opcode: 8, payload: Buffer.from([3, 0xe8]) }));
      assert.equal(await peer.closeCode(), 1000);
      await peer.closed;
    },
    'frames and Close in one piece': async (scope) => {
      const { wss, port } = await scope.serve();
      const told = [];
      const ended = once(wss, 'connection').then(([ws]) => {
        ws.on('message', (data) => told.push(data.toString()));
        return ending(ws);
      });
      const peer = await upgradeRaw(scope, port);
      const close = frame({ opcode: 8, payload: Buffer.from([3, 0xe8]) });
      peer.socket.write(Buffer.concat([frame({ payload: 'a' }), frame({ payload: 'b' }), close]));
      assert.equal((await ended).code, 1000);
      assert.deepEqual(told, ['a', 'b']);
    },
    'closeTimeout ends a peer that does not answer': async (scope) => {
      const url = await serveRaw(scope, (peer, head) => peer.socket.write(upgradeResponse(head)));
      const ws = await scope.open(url, { closeTimeout: 100 });
      const end = ending(ws);
      ws.close(1000);
      assert.equal((await end).code, 1006);
    },
  },
};
