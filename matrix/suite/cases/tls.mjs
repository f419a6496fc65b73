import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import { WebSocketServer } from 'hawser';
import { closeServer, echo, ending, receiveOne } from '../scope.mjs';
import { settings } from '../settings.mjs';

const key = readFileSync(settings.certificate.key);
const cert = readFileSync(settings.certificate.cert);

async function exchange(client) {
  const big = Buffer.alloc(1024 * 1024, 'tls');
  client.send(big);
  assert.ok(big.equals(await receiveOne(client)));
  client.send('text');
  assert.equal((await receiveOne(client)).toString(), 'text');
  const end = ending(client);
  client.close(1000, 'done');
  assert.deepEqual(await end, { code: 1000, reason: 'done', error: undefined });
}

export const tls = {
  feature: 'TLS',
  cases: {
    'on a port': async (scope) => {
      const { url, wss } = await scope.serveEcho({ tls: { key, cert } });
      const connected = once(wss, 'connection');
      await exchange(await scope.open(url, { ca: cert }));
      const [, request] = await connected;
      assert.equal(request.socket.encrypted, true);
    },
    'on an https server': async (scope) => {
      const https = createServer({ key, cert });
      const wss = new WebSocketServer({ server: https });
      scope.defer(() => closeServer(wss));
      scope.defer(() => new Promise((resolve) => https.close(resolve)));
      wss.on('connection', echo);
      https.listen(0, '127.0.0.1');
      await once(https, 'listening');
      await exchange(await scope.open(`wss://127.0.0.1:${https.address().port}/`, { ca: cert }));
    },
    'by a host name': async (scope) => {
      const { port } = await scope.serveEcho({ tls: { key, cert } });
      await exchange(await scope.open(`wss://localhost:${port}/`, { ca: cert, family: 4 }));
    },
    'a certificate that nobody vouches for is refused': async (scope) => {
      const { url } = await scope.serve({ tls: { key, cert } });
      const { code, error } = await ending(scope.connect(url));
      assert.equal(code, 1006);
      assert.match(error.code, /SELF_SIGNED|UNABLE_TO_VERIFY/);
    },
    'rejectUnauthorized: false': async (scope) => {
      const { url } = await scope.serveEcho({ tls: { key, cert } });
      await exchange(await scope.open(url, { rejectUnauthorized: false }));
    },
    'a client with a certificate of its own': async (scope) => {
      const { url, wss } = await scope.serveEcho({
        tls: { key, cert, ca: cert, requestCert: true, rejectUnauthorized: true },
      });
      const connected = once(wss, 'connection');
      await exchange(await scope.open(url, { ca: cert, key, cert }));
      const [, request] = await connected;
      assert.equal(request.socket.getPeerCertificate().subject.CN, 'localhost');
    },
  },
};
