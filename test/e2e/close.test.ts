import { once } from 'node:events';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { WebSocket } from '../../src/index.ts';
import { callProbe, launchBrowser, openProbe } from './browser.ts';
import type { Engine } from './engine.ts';
import { startEngine } from './engine.ts';

interface Close {
  code: number;
  reason: string;
  wasClean: boolean;
}

const LONGEST_REASON = `${'é'.repeat(61)}!`;

let browser: Browser;
let engine: Engine;
let page: Page;
beforeAll(async () => {
  browser = await launchBrowser();
  engine = await startEngine({ transport: 'attached' });
  page = await openProbe(browser, engine.pageUrl);
});
afterAll(async () => {
  await browser?.close();
  await engine?.close();
});

describe('a close by the page', () => {
  it.each([
    { args: [1000, 'done'], code: 1000, reason: 'done' },
    { args: [1000], code: 1000, reason: '' },
    { args: [3000, 'registered'], code: 3000, reason: 'registered' },
    { args: [4999, LONGEST_REASON], code: 4999, reason: LONGEST_REASON },
    { args: [], code: 1005, reason: '' },
  ])('with $args reaches both sides as $code', async ({ args, code, reason }) => {
    const atServer = connection().then(closeOf);

    const atPage = await callProbe<Close>(page, 'closeWith', { url: engine.wsUrl, args });

    expect(atPage).toEqual({ code, reason, wasClean: true });
    expect(await atServer).toEqual({ code, reason });
  });

  it('that goes away reaches the server as 1001', async () => {
    const leaving = await openProbe(browser, engine.pageUrl);
    const connected = connection();
    await leaving.evaluate(`void probe.waitForClose({ url: '${engine.wsUrl}' })`);
    const atServer = closeOf(await connected);

    await leaving.goto('about:blank');

    expect(await atServer).toEqual({ code: 1001, reason: '' });
    await leaving.context().close();
  });
});

describe('a close by the server', () => {
  it.each<{ args: [number?, string?]; code: number; reason: string }>([
    { args: [1000, 'done'], code: 1000, reason: 'done' },
    { args: [1001, 'restart'], code: 1001, reason: 'restart' },
    { args: [1011, ''], code: 1011, reason: '' },
    { args: [4000, LONGEST_REASON], code: 4000, reason: LONGEST_REASON },
    { args: [], code: 1005, reason: '' },
  ])('with $args reaches both sides as $code', async ({ args, code, reason }) => {
    const atServer = connection().then((ws) => {
      ws.close(...args);
      return closeOf(ws);
    });

    const atPage = await callProbe(page, 'waitForClose', { url: engine.wsUrl });

    expect(atPage).toEqual({ events: ['open'], close: { code, reason, wasClean: true } });
    expect(await atServer).toEqual({ code, reason });
  });

  it('follows the messages that were sent before it', async () => {
    const atServer = connection().then((ws) => {
      ws.send('first');
      ws.send(Buffer.alloc(1024 * 1024));
      ws.close(1000);
      return closeOf(ws);
    });

    const atPage = await callProbe(page, 'waitForClose', { url: engine.wsUrl });

    expect(atPage).toEqual({
      events: ['open', 'message', 'message'],
      close: { code: 1000, reason: '', wasClean: true },
    });
    expect(await atServer).toEqual({ code: 1000, reason: '' });
  });

  it('without a closing handshake, by terminate(), reaches both sides as 1006', async () => {
    const atServer = connection().then((ws) => {
      ws.terminate();
      return closeOf(ws);
    });

    const atPage = await callProbe<{ close: Close }>(page, 'waitForClose', { url: engine.wsUrl });

    expect(atPage.close).toEqual({ code: 1006, reason: '', wasClean: false });
    expect(await atServer).toEqual({ code: 1006, reason: '' });
  });
});

async function connection(): Promise<WebSocket> {
  const [ws] = await once(engine.wss, 'connection');
  return ws;
}

async function closeOf(ws: WebSocket): Promise<{ code: number; reason: string }> {
  const [code, reason] = await once(ws, 'close');
  return { code, reason: reason.toString() };
}
