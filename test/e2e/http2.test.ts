import { once } from 'node:events';
import {
  createSecureServer,
  type Http2SecureServer,
  type Http2ServerRequest,
  type Http2ServerResponse,
} from 'node:http2';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { WebSocketServer } from '../../src/index.ts';
import { answer, callProbe, launchBrowser, listen, openProbe } from './browser.ts';
import { makeCertificate } from './certificate.ts';

let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser?.close());

/** A server of the page over HTTP/2 and HTTP/1.1, with a WebSocket server on it. */
async function start(http2?: boolean) {
  const server: Http2SecureServer = createSecureServer(
    { ...makeCertificate(), allowHTTP1: true },
    answer as unknown as (request: Http2ServerRequest, response: Http2ServerResponse) => void,
  );
  const sessions = new Set<{ destroy(): void }>();
  server.on('session', (session) => sessions.add(session));
  const wss = new WebSocketServer({ server, http2, perMessageDeflate: true });
  wss.on('connection', (ws) => {
    ws.on('message', (data, isBinary) => ws.send(data as Buffer, { binary: isBinary }));
  });
  const port = await listen(server);
  const page = await openProbe(browser, `https://localhost:${port}/`);
  onTestFinished(async () => {
    await page.context().close();
    for (const ws of wss.clients) ws.terminate();
    wss.close();
    for (const session of sessions) session.destroy();
    server.close();
  });
  return { page, wss, sessions, url: `wss://localhost:${port}/chat?a=b` };
}

describe('a browser with a server of node:http2', () => {
  it('opens a WebSocket on the session that the page came over, by extended CONNECT', async () => {
    const { page, wss, url, sessions } = await start();
    const connected = once(wss, 'connection');
    const protocol = await callProbe(page, 'chosenProtocol', { url, protocols: ['a', 'b'] });
    const [ws, request] = await connected;
    expect([protocol, request.method, request.httpVersion, request.url]).toEqual([
      'a',
      'CONNECT',
      '2.0',
      '/chat?a=b',
    ]);
    expect(request.headers.origin).toBe(new URL(page.url()).origin);
    expect(request.headers.host).toBe(new URL(url).host);
    expect([ws.extensions, sessions.size]).toEqual(['permessage-deflate', 1]);
  });

  it('opens one over HTTP/1.1 where that is all there is', async () => {
    const { page, wss, url } = await start(false);
    const connected = once(wss, 'connection');
    await callProbe(page, 'chosenProtocol', { url, protocols: ['a'] });
    expect((await connected)[1].httpVersion).toBe('1.1');
  });

  it('is refused with a status', async () => {
    const { page, wss, url } = await start();
    wss.options.verifyClient = (_info, decide) => decide(false, 403);
    const logged = page.waitForEvent('console', (message) => message.text().includes('WebSocket'));
    const atPage = await callProbe(page, 'waitForClose', { url });
    expect(atPage).toEqual({ events: ['error'], close: { code: 1006, reason: '', wasClean: false } });
    await logged;
  });
});
