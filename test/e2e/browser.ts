import { readFileSync } from 'node:fs';
import type { RequestListener, Server } from 'node:http';
import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Server as NetServer } from 'node:net';
import type { Browser, Page } from 'playwright-core';
import { chromium } from 'playwright-core';
import { chromiumLaunchOptions, findChromium } from '../../scripts/chromium.mjs';
import type { Certificate } from './certificate.ts';

const FILES: Record<string, { type: string; content: string | Buffer }> = {
  '/': { type: 'text/html', content: '<!doctype html><script type="module" src="/probe.mjs"></script>' },
  '/probe.mjs': { type: 'text/javascript', content: pageFile('probe.mjs') },
  '/payloads.mjs': { type: 'text/javascript', content: pageFile('payloads.mjs') },
};

/** Starts the system's Chromium; throws with what to do about it when there is none. */
export function launchBrowser(): Promise<Browser> {
  const { executablePath, reason } = findChromium();
  if (executablePath === undefined) throw new Error(reason);
  return chromium.launch(chromiumLaunchOptions(executablePath));
}

/** Makes a server of the page that holds the probe, and not yet listening. */
export function createPageServer(certificate?: Certificate): Server {
  return certificate ? createTlsServer(certificate, answer) : createServer(answer);
}

/** Starts to listen on a free port of the loopback interface, and gives the port. */
export async function listen(server: NetServer): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  return (server.address() as AddressInfo).port;
}

export function closeServer(server: Server): Promise<void> {
  return new Promise((resolve, reject) => {
    server.close((error) => (error ? reject(error) : resolve()));
    server.closeAllConnections();
  });
}

/** Opens the page that holds the probe in a profile of its own. */
export async function openProbe(browser: Browser, url: string): Promise<Page> {
  const context = await browser.newContext({ ignoreHTTPSErrors: true });
  const page = await context.newPage();
  await page.goto(url);
  await page.waitForFunction('globalThis.probe !== undefined');
  return page;
}

/** Calls a function of page/probe.mjs in the page. */
export function callProbe<Result>(page: Page, name: string, argument: object): Promise<Result> {
  return page.evaluate<Result>(`probe.${name}(${JSON.stringify(argument)})`);
}

export const answer: RequestListener = (req, res) => {
  const found = FILES[req.url ?? ''];
  res.writeHead(found ? 200 : 404, { 'Content-Type': found?.type ?? 'text/plain' });
  res.end(found?.content);
};

function pageFile(name: string): Buffer {
  return readFileSync(new URL(`./page/${name}`, import.meta.url));
}
