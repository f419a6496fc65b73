import assert from 'node:assert/strict';
import { once } from 'node:events';
import { frame, serveRaw, upgradeRaw, upgradeResponse } from '../raw-peer.mjs';
import { ending } from '../scope.mjs';

/** Sends `bytes` to a server; it has to answer with `closeCode` and tell `errorCode`. */
async function serverFails(scope, bytes, closeCode, errorCode, options = {}) {
  const { wss, port } = await scope.serve(options);
  const ended = once(wss, 'connection').then(([ws]) => ending(ws));
  const peer = await upgradeRaw(scope, port);
  peer.socket.write(bytes);
  assert.equal(await peer.closeCode(), closeCode);
  await peer.closed;
  const { code, error } = await ended;
  assert.deepEqual([code, error.code], [1006, errorCode]);
}

/** Sends `bytes` to a client, which has to answer as above. */
async function clientFails(scope, bytes, closeCode, errorCode, options = {}) {
  let answered;
  const answer = new Promise((resolve) => {
    answered = resolve;
  });
  const url = await serveRaw(scope, (peer, head) => {
    peer.socket.write(Buffer.concat([Buffer.from(upgradeResponse(head)), bytes]));
    answered(peer.closeCode());
  });
  const { code, error } = await ending(scope.connect(url, options));
  assert.deepEqual([code, error.code], [1006, errorCode]);
  assert.equal(await answer, closeCode);
}

const INVALID_UTF8 = Buffer.from([0xce, 0xba, 0xe1, 0xbd, 0xb9, 0xcf, 0x83, 0xed, 0xa0, 0x80]);

export const faults = {
  feature: 'faults of the peer',
  cases: {
    'an unmasked frame to a server: 1002': (scope) =>
      serverFails(scope, frame({ mask: false, payload: 'x' }), 1002, 'WS_ERR_EXPECTED_MASK'),
    'a masked frame to a client: 1002': (scope) =>
      clientFails(scope, frame({ mask: true, payload: 'x' }), 1002, 'WS_ERR_UNEXPECTED_MASK'),
    'an unknown opcode: 1002': (scope) =>
      serverFails(scope, frame({ opcode: 3 }), 1002, 'WS_ERR_INVALID_OPCODE'),
    'a reserved bit: 1002': (scope) =>
      serverFails(scope, frame({ rsv: 1 }), 1002, 'WS_ERR_UNEXPECTED_RSV_2_3'),
    'a compressed frame that was not agreed on: 1002': (scope) =>
      clientFails(scope, frame({ mask: false, rsv: 4, payload: 'x' }), 1002, 'WS_ERR_UNEXPECTED_RSV_1'),
    'a ping in fragments: 1002': (scope) =>
      serverFails(scope, frame({ fin: false, opcode: 9 }), 1002, 'WS_ERR_EXPECTED_FIN'),
    'a long ping: 1002': (scope) =>
      serverFails(
        scope,
        frame({ opcode: 9, payload: 'x'.repeat(126) }),
        1002,
        'WS_ERR_INVALID_CONTROL_PAYLOAD_LENGTH',
      ),
    'a Close code that may not be sent: 1002': (scope) =>
      serverFails(
        scope,
        frame({ opcode: 8, payload: Buffer.from([3, 0xed]) }),
        1002,
        'WS_ERR_INVALID_CLOSE_CODE',
      ),
    'text that is not UTF-8, to a server: 1007': (scope) =>
      serverFails(scope, frame({ payload: INVALID_UTF8 }), 1007, 'WS_ERR_INVALID_UTF8'),
    'text that is not UTF-8, to a client: 1007': (scope) =>
      clientFails(scope, frame({ mask: false, payload: INVALID_UTF8 }), 1007, 'WS_ERR_INVALID_UTF8'),
    'a message beyond maxPayload, to a server: 1009': (scope) =>
      serverFails(scope, frame({ payload: 'x'.repeat(101) }), 1009, 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH', {
        maxPayload: 100,
      }),
    'a message beyond maxPayload, to a client: 1009': (scope) =>
      clientFails(
        scope,
        frame({ mask: false, payload: 'x'.repeat(101) }),
        1009,
        'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH',
        { maxPayload: 100 },
      ),
    'fragments beyond maxPayload: 1009': (scope) => {
      const part = { fin: false, payload: 'x'.repeat(60) };
      const bytes = Buffer.concat([frame(part), frame({ ...part, opcode: 0 })]);
      return serverFails(scope, bytes, 1009, 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH', { maxPayload: 100 });
    },
    'an error that nobody listens to is only a close': async (scope) => {
      const { wss, port } = await scope.serve();
      const ended = new Promise((resolve) => wss.once('connection', (ws) => ws.once('close', resolve)));
      const peer = await upgradeRaw(scope, port);
      peer.socket.write(frame({ opcode: 3 }));
      assert.equal(await peer.closeCode(), 1002);
      assert.equal(await ended, 1006);
    },
  },
};
