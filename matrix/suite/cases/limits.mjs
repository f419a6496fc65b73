import assert from 'node:assert/strict';
import { once } from 'node:events';
import { frame, upgradeRaw } from '../raw-peer.mjs';
import { ending } from '../scope.mjs';

export const limits = {
  feature: 'limits against peers',
  cases: {
    'maxFragments: 1008': async (scope) => {
      const { wss, port } = await scope.serve({ maxFragments: 3 });
      const ended = once(wss, 'connection').then(([ws]) => ending(ws));
      const peer = await upgradeRaw(scope, port);
      const parts = [0, 1, 2, 3].map((i) => frame({ fin: false, opcode: i === 0 ? 1 : 0, payload: 'x' }));
      peer.socket.write(Buffer.concat(parts));
      assert.equal(await peer.closeCode(), 1008);
      assert.equal((await ended).error.code, 'WS_ERR_TOO_MANY_BUFFERED_PARTS');
    },
    'maxPendingAutoPongs: a peer that pings and never reads is dropped': async (scope) => {
      const { wss, port } = await scope.serve({ maxPendingAutoPongs: 10 });
      const ended = once(wss, 'connection').then(([ws]) => ending(ws));
      const peer = await upgradeRaw(scope, port);
      const pings = Array.from({ length: 1000 }, () => frame({ opcode: 9, payload: 'p'.repeat(125) }));
      peer.socket.write(Buffer.concat(pings));
      assert.equal((await ended).code, 1006);
      await peer.closed;
    },
    'a message that comes in a hundred thousand chunks': async (scope) => {
      const { wss, port } = await scope.serve({ maxBufferedChunks: 0, maxFragments: 0 });
      const message = once(wss, 'connection').then(([ws]) => once(ws, 'message'));
      const peer = await upgradeRaw(scope, port);
      const first = frame({ fin: false, opcode: 2, payload: 'x' });
      const middle = frame({ fin: false, opcode: 0, payload: 'x' });
      const many = Buffer.concat(Array.from({ length: 1000 }, () => middle));
      peer.socket.write(first);
      for (let i = 0; i < 100; i++) peer.socket.write(many);
      peer.socket.write(frame({ opcode: 0, payload: 'x' }));
      assert.equal((await message)[0].length, 100_002);
    },
    'allowSynchronousEvents: false tells one event a turn': async (scope) => {
      const { wss, port } = await scope.serve({ allowSynchronousEvents: false });
      const told = [];
      const done = once(wss, 'connection').then(([ws]) => {
        ws.on('message', (data) => {
          told.push(data.toString());
          Promise.resolve().then(() => told.push('microtask'));
        });
        return ending(ws);
      });
      const peer = await upgradeRaw(scope, port);
      const close = frame({ opcode: 8, payload: Buffer.from([3, 0xe8]) });
      peer.socket.write(Buffer.concat([frame({ payload: 'a' }), frame({ payload: 'b' }), close]));
      assert.equal((await done).code, 1000);
      assert.deepEqual(told, ['a', 'microtask', 'b', 'microtask']);
    },
  },
};
