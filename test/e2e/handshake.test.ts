import { once } from 'node:events';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { ServerOptions } from '../../src/api/options.ts';
import { callProbe, launchBrowser, openProbe } from './browser.ts';
import type { Transport } from './engine.ts';
import { startEngine } from './engine.ts';

let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser?.close());

const start = async (transport: Transport, options: ServerOptions) => {
  const engine = await startEngine({ transport, options });
  const page = await openProbe(browser, engine.pageUrl);
  onTestFinished(async () => {
    await page.context().close();
    await engine.close();
  });
  return { engine, page };
};

describe.each<Transport>(['attached', 'raw'])('the opening handshake of the %s server', (transport) => {
  it('tells the page which subprotocol was chosen', async () => {
    const { engine, page } = await start(transport, {
      handleProtocols: (offered) => (offered.has('v2.chat') ? 'v2.chat' : false),
    });
    const connected = once(engine.wss, 'connection');

    const atPage = await callProbe(page, 'chosenProtocol', {
      url: engine.wsUrl,
      protocols: ['v1.chat', 'v2.chat'],
    });

    expect(atPage).toBe('v2.chat');
    const [ws] = await connected;
    expect(ws.protocol).toBe('v2.chat');
  });

  it('chooses the first subprotocol by itself', async () => {
    const { engine, page } = await start(transport, {});

    const atPage = await callProbe(page, 'chosenProtocol', {
      url: engine.wsUrl,
      protocols: ['v1.chat', 'v2.chat'],
    });

    expect(atPage).toBe('v1.chat');
  });

  it.each([
    { status: 401, inConsole: 'HTTP Authentication failed' },
    { status: 403, inConsole: 'Unexpected response code: 403' },
    { status: 503, inConsole: 'Unexpected response code: 503' },
  ])(
    'can refuse with $status: the page gets an error, and close with 1006',
    async ({ status, inConsole }) => {
      const { engine, page } = await start(transport, {
        verifyClient: (_info, decide) => decide(false, status),
      });
      let connections = 0;
      engine.wss.on('connection', () => {
        connections += 1;
      });
      const logged = page.waitForEvent('console', (message) => message.text().includes('WebSocket'));

      const atPage = await callProbe(page, 'waitForClose', { url: engine.wsUrl });

      expect(atPage).toEqual({ events: ['error'], close: { code: 1006, reason: '', wasClean: false } });
      expect((await logged).text()).toContain(inConsole);
      expect(connections).toBe(0);
    },
  );

  it('tells the server where the page comes from', async () => {
    const { engine, page } = await start(transport, {});
    const connected = once(engine.wss, 'connection');

    await callProbe(page, 'chosenProtocol', { url: `${engine.wsUrl}some/path?query=1`, protocols: [] });

    const [, request] = await connected;
    expect(request.url).toBe('/some/path?query=1');
    expect(request.headers.origin).toBe(new URL(engine.pageUrl).origin);
  });
});
