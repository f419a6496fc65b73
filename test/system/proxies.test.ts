import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { type ClientOptions, WebSocket, WebSocketServer } from '../../src/index.ts';
import { echo, expectEcho, openClient } from '../behaviour/engine.ts';
import { type Certificate, makeCertificate } from '../e2e/certificate.ts';
import { ended } from '../security/attack.ts';
import { PASSWORD, startMicrosocks, startSquid, startTinyproxy, USER } from './proxy-program.ts';

let certificate: Certificate;
beforeAll(() => {
  certificate = makeCertificate();
});

/** As a URL may have them. */
const CREDENTIALS = `${USER}:${PASSWORD.replace('s', '%73')}@`;

const PROXIES = {
  tinyproxy: async () => ['http://', `127.0.0.1:${await startTinyproxy()}`],
  squid: async () => ['http://', `127.0.0.1:${(await startSquid(certificate))[0]}`],
  'squid over TLS': async () => ['https://', `localhost:${(await startSquid(certificate))[1]}`],
  'microsocks, which resolves names': async () => ['socks5h://', `localhost:${await startMicrosocks()}`],
  'microsocks, which is told addresses': async () => ['socks5://', `127.0.0.1:${await startMicrosocks()}`],
} as const;

async function startEcho(tls?: Certificate): Promise<string> {
  const wss = new WebSocketServer({
    port: 0,
    host: '127.0.0.1',
    perMessageDeflate: true,
    ...(tls && { tls }),
  });
  onTestFinished(() => {
    for (const ws of wss.clients) ws.terminate();
    wss.close();
  });
  wss.on('connection', echo);
  await once(wss, 'listening');
  return `${tls ? 'wss' : 'ws'}://localhost:${(wss.address() as AddressInfo).port}/`;
}

async function expectTalk(url: string, options: ClientOptions): Promise<void> {
  const ws = await openClient(url, options);
  await expectEcho(ws, 'hello');
  await expectEcho(ws, 'x'.repeat(2 ** 20));
  const closed = once(ws, 'close');
  ws.close(1000);
  expect((await closed)[0]).toBe(1000);
}

describe.each(Object.entries(PROXIES))('%s', (_name, start) => {
  it('leads to ws: and wss:, with the password alone', async () => {
    const [scheme, place] = await start();
    const forProxy = { tls: { ca: certificate.cert } };
    const proxy = { ...forProxy, url: `${scheme}${CREDENTIALS}${place}` };
    const plain = await startEcho();
    // What goes through node:http, and what does not.
    for (const options of [{}, { followRedirects: true }]) {
      await expectTalk(plain, { ...options, proxy });
      await expectTalk(await startEcho(certificate), { ...options, proxy, ca: certificate.cert });
    }
    for (const credentials of ['', `${USER}:wrong@`]) {
      const ws = new WebSocket(plain, { proxy: { ...forProxy, url: `${scheme}${credentials}${place}` } });
      expect(await ended(ws)).toEqual(['WS_ERR_PROXY_REFUSED', 1006]);
    }
  });
});

it.each(['tinyproxy', 'squid'] as const)('%s tells that nobody listens', async (name) => {
  const [scheme, place] = await PROXIES[name]();
  const ws = new WebSocket('ws://127.0.0.1:1/', { proxy: `${scheme}${CREDENTIALS}${place}` });
  const end = ended(ws);
  const [error] = await once(ws, 'error');
  expect(error.statusCode).toBeGreaterThanOrEqual(500);
  expect(await end).toEqual(['WS_ERR_PROXY_REFUSED', 1006]);
});
