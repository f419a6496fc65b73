import assert from 'node:assert/strict';
import { connectRaw, upgradeRequest } from '../raw-peer.mjs';
import { ending } from '../scope.mjs';

/** The status that a server answers a request with. */
async function statusOf(scope, serverOptions, request) {
  const { port } = await scope.serve(serverOptions);
  const peer = await connectRaw(scope, port);
  peer.socket.write(request);
  const head = await peer.takeHead();
  return { head, status: Number(head.split(' ')[1]) };
}

export const handshake = {
  feature: 'subprotocols and verifyClient',
  cases: {
    'the first subprotocol that the client offers': async (scope) => {
      const { wss, url } = await scope.serve();
      const ws = await scope.open(url, ['chat.v2', 'chat.v1']);
      assert.equal(ws.protocol, 'chat.v2');
      assert.deepEqual(
        [...wss.clients].map(({ protocol }) => protocol),
        ['chat.v2'],
      );
    },
    'handleProtocols chooses': async (scope) => {
      const offered = [];
      const { url } = await scope.serve({
        handleProtocols: (protocols, request) => {
          offered.push(...protocols, request.url);
          return 'chat.v1';
        },
      });
      const ws = await scope.open(url, ['chat.v2', 'chat.v1']);
      assert.equal(ws.protocol, 'chat.v1');
      assert.deepEqual(offered, ['chat.v2', 'chat.v1', '/']);
    },
    'handleProtocols refuses all': async (scope) => {
      const { url } = await scope.serve({ handleProtocols: () => false });
      const { code, error } = await ending(scope.connect(url, ['chat']));
      assert.deepEqual([code, error.message], [1006, 'Server sent no subprotocol']);
    },
    'verifyClient accepts and knows who asks': async (scope) => {
      let info;
      const verifyClient = (asked) => {
        info = asked;
        return true;
      };
      await scope.pair({ verifyClient }, { origin: 'https://example.test' });
      assert.equal(info.origin, 'https://example.test');
      assert.equal(info.secure, false);
      assert.equal(info.req.method, 'GET');
    },
    'verifyClient refuses with 401': async (scope) => {
      const { url } = await scope.serve({ verifyClient: () => false });
      const { code, error } = await ending(scope.connect(url));
      assert.deepEqual([code, error.message], [1006, 'Unexpected server response: 401']);
    },
    'verifyClient decides later, with status, text and headers': async (scope) => {
      const verifyClient = (_info, decide) =>
        setImmediate(() => decide(false, 403, 'Not today', { 'Retry-After': '60' }));
      const { head, status } = await statusOf(scope, { verifyClient }, upgradeRequest());
      assert.equal(status, 403);
      assert.match(head, /^Retry-After: 60\r$/m);
    },
    'verifyClient accepts later': async (scope) => {
      const verifyClient = (_info, decide) => setImmediate(() => decide(true));
      const { client } = await scope.pair({ verifyClient });
      assert.equal(client.readyState, 1);
    },
    'a version that nobody speaks is answered with those that we do': async (scope) => {
      const { head, status } = await statusOf(scope, {}, upgradeRequest({ 'Sec-WebSocket-Version': '9' }));
      assert.equal(status, 400);
      assert.match(head, /^Sec-WebSocket-Version: 13\b/m);
    },
    'a request without a key is answered 400': async (scope) => {
      const { status } = await statusOf(scope, {}, upgradeRequest({ 'Sec-WebSocket-Key': undefined }));
      assert.equal(status, 400);
    },
    'a POST is answered 405': async (scope) => {
      const { status } = await statusOf(scope, {}, upgradeRequest({}, 'POST / HTTP/1.1'));
      assert.equal(status, 405);
    },
    'a head that never ends is answered 431': async (scope) => {
      const request = upgradeRequest({ 'X-Long': 'x'.repeat(128 * 1024) });
      const { status } = await statusOf(scope, {}, request);
      assert.equal(status, 431);
    },
  },
};
