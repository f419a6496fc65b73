import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import puppeteer from 'puppeteer-core';
import { WebSocketServer } from 'ws';
import { startChromium } from '../scenario/chromium.mjs';
import { close, listen } from '../scenario/listening.mjs';
import { runScenario } from '../scenario/scenario.mjs';
import { within } from '../scenario/waiting.mjs';

const TEXT = 'canary: zażółć 𝄞';

const chromium = await startChromium();
let browser;

await runScenario({
  'a page, by its DOM': async () => {
    browser = await connect();
    await withPage(async (page) => {
      await page.setContent(`<title>song</title><p id="line">${TEXT}</p><button>sing</button>`);
      assert.equal(await page.title(), 'song');
      assert.equal(await page.$eval('#line', (line) => line.textContent), TEXT);
      await page.evaluate(() => {
        globalThis.document.querySelector('button').onclick = ({ target }) => {
          target.textContent = 'sang';
        };
      });
      await page.click('button');
      assert.equal(await page.$eval('button', (button) => button.textContent), 'sang');
    });
  },

  'a message of several megabytes in each direction': () =>
    withPage(async (page) => {
      const long = 'canary'.repeat(500_000);
      const back = await page.evaluate((text) => `${text}!`, long);
      assert.equal(back.length, long.length + 1);
      assert.ok(back === `${long}!`);
    }),

  'a screenshot': () =>
    withPage(async (page) => {
      await page.setViewport({ width: 300, height: 200 });
      const png = Buffer.from(await page.screenshot());
      assert.equal(png.subarray(1, 4).toString(), 'PNG');
      assert.deepEqual([png.readUInt32BE(16), png.readUInt32BE(20)], [300, 200]);
    }),

  'requests that are caught': () =>
    withPage(async (page) => {
      await page.setRequestInterception(true);
      page.on('request', (request) =>
        request.respond({ body: TEXT, contentType: 'text/plain; charset=utf-8' }),
      );
      const response = await page.goto('http://canary.test/');
      assert.equal(await response.text(), TEXT);
    }),

  'a function of this side that the page calls': () =>
    withPage(async (page) => {
      await page.exposeFunction('ask', (text) => `${text}?`);
      assert.equal(await page.evaluate((text) => globalThis.ask(text), TEXT), `${TEXT}?`);
    }),

  'a connection that ends, and another one': async () => {
    const lost = new Promise((resolve) => browser.once('disconnected', resolve));
    const pages = (await browser.pages()).length;
    await browser.disconnect();
    await within(lost, "'disconnected'");
    assert.equal(browser.connected, false);
    browser = await connect();
    assert.equal((await browser.pages()).length, pages);
  },

  'a WebSocket of the page to a server of this side': () => withPage(speakWithServer),

  'the end of Chromium': async () => {
    const lost = new Promise((resolve) => browser.once('disconnected', resolve));
    await browser.close();
    await within(lost, "'disconnected'");
    await chromium.ended();
  },
});

function connect() {
  return within(puppeteer.connect({ browserWSEndpoint: chromium.endpoint }), 'the connection to Chromium');
}

async function withPage(step) {
  const page = await browser.newPage();
  await step(page);
  await page.close();
}

async function speakWithServer(page) {
  const server = createServer((_request, response) => response.end('<!doctype html>'));
  const wss = new WebSocketServer({ server });
  const closed = new Promise((resolve) => {
    wss.on('connection', (ws) => {
      ws.on('message', (data, isBinary) => ws.send(data, { binary: isBinary }));
      ws.on('close', (code, reason) => resolve([code, reason.toString()]));
    });
  });
  const port = await listen(server);
  await page.goto(`http://127.0.0.1:${port}/`);
  const heard = await page.evaluate(sing, `ws://127.0.0.1:${port}`, TEXT);
  assert.deepEqual(heard, [TEXT, TEXT]);
  assert.deepEqual(await within(closed, 'the page to close its WebSocket'), [4001, 'gone home']);
  wss.close();
  server.closeAllConnections();
  await close(server);
}

/** Runs in the page: sends a text as text and as binary, and gives what comes back. */
async function sing(url, text) {
  const ws = new WebSocket(url);
  ws.binaryType = 'arraybuffer';
  const next = (name) => new Promise((resolve) => ws.addEventListener(name, resolve, { once: true }));
  await next('open');
  const heard = [];
  for (const message of [text, new TextEncoder().encode(text)]) {
    const answer = next('message');
    ws.send(message);
    const { data } = await answer;
    heard.push(typeof data === 'string' ? data : new TextDecoder().decode(data));
  }
  ws.close(4001, 'gone home');
  await next('close');
  return heard;
}
