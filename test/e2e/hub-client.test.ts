import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { createHub, type Hub, HubCloseCode } from '../../src/hub/index.ts';
import { closeServer, createPageServer, launchBrowser, listen } from './browser.ts';

let browser: Browser;
let script: string;
beforeAll(async () => {
  browser = await launchBrowser();
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL('./page/hub-page.mjs', import.meta.url))],
    bundle: true,
    format: 'iife',
    write: false,
    // StrictMode mounts twice in development only.
    define: { 'process.env.NODE_ENV': '"development"' },
  });
  script = outputFiles[0]!.text;
});
afterAll(() => browser?.close());

/** Starts a hub on the port of its page, and opens that. */
async function start(): Promise<{ hub: Hub; page: Page }> {
  const server = createPageServer();
  const hub = createHub({ server });
  const port = await listen(server);
  const context = await browser.newContext();
  onTestFinished(async () => {
    await context.close();
    await Promise.all([hub.close(), closeServer(server)]);
  });
  const page = await context.newPage();
  await page.goto(`http://localhost:${port}/`);
  await page.addScriptTag({ content: script });
  return { hub, page };
}

it('keeps what is sent while the browser is offline, and sends it in order when it is back', async () => {
  const { hub, page } = await start();
  const got: unknown[] = [];
  hub.on('n', (data) => got.push(data));
  const { id } = await page.evaluate<{ id: string }>('hubPage.connect()');

  await page.context().setOffline(true);
  hub.sockets.get(id)!.close(HubCloseCode.SERVICE_RESTART);
  await page.waitForFunction(`client.state === 'reconnecting'`);
  await page.evaluate('hubPage.emit([1, 2, 3])');
  expect(await page.evaluate('navigator.onLine')).toBe(false);
  expect(got).toEqual([]);
  await page.context().setOffline(false);

  expect(await page.evaluate('answers')).toEqual([1, 2, 3]);
  expect(got).toEqual([1, 2, 3]);
  expect(await page.evaluate('client.id')).toBe(id);
});

it('holds one connection for each hook under StrictMode, and shows all that comes', async () => {
  const { hub, page } = await start();
  let connections = 0;
  hub.onConnection(() => connections++);
  await page.evaluate('hubPage.mount()');
  await page.locator('#hub', { hasText: 'connected:' }).waitFor();
  await page.locator('#plain', { hasText: 'connected null' }).waitFor();

  for (let n = 0; n < 50; n++) hub.emit('n', n);
  await page.locator('#hub', { hasText: /,49$/ }).waitFor();
  const numbers = Array.from({ length: 50 }, (_, n) => n);
  expect(await page.locator('#hub').textContent()).toBe(`connected: ${numbers.join()}`);
  await page.locator('#plain', { hasText: '"data":49' }).waitFor();
  expect(connections).toBe(2);

  const gone = new Promise<void>((resolve) => {
    hub.onDisconnect(() => hub.sockets.size === 0 && resolve());
  });
  await page.evaluate('hubPage.unmount()');
  await gone;
});
