import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Chat } from '../../examples/chat/chat-server.mjs';
import { createChat } from '../../examples/chat/chat-server.mjs';
import { WebSocketServer } from '../../src/index.ts';
import { launchBrowser } from './browser.ts';

let browser: Browser;
let chat: Chat;
let port: number;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser?.close());
beforeEach(async () => {
  chat = createChat({ WebSocketServer, log: () => {} });
  port = await chat.listen(0);
});
afterEach(async () => {
  for (const context of browser.contexts()) await context.close();
  await chat.close();
});

describe('the chat in two tabs', () => {
  it('carries what one says to the other, once, and shows who comes and goes', async () => {
    const ada = await join('Ada');
    const grace = await join('Grace');
    await ada.getByText('Grace joined the chat').waitFor();
    await ada.locator('.person').nth(1).waitFor();

    await say(ada, 'Is the line made fast?');
    await grace.getByText('Is the line made fast?').waitFor();
    await say(grace, 'All <b>fast</b> & \u{1f44d}');
    await ada.getByText('All <b>fast</b> & \u{1f44d}').waitFor();

    for (const page of [ada, grace]) {
      expect(await page.locator('.bubble').allTextContents()).toEqual([
        'Is the line made fast?',
        'All <b>fast</b> & \u{1f44d}',
      ]);
    }
    expect(await ada.locator('.mine .bubble').allTextContents()).toEqual(['Is the line made fast?']);
    expect(await ada.locator('.message .author').allTextContents()).toEqual(['You', 'Grace']);
    expect(await grace.locator('.message .author').allTextContents()).toEqual(['Ada', 'You']);
    expect(await ada.locator('.person-name').allTextContents()).toEqual(['Ada', 'Grace']);

    await grace.close();
    await ada.getByText('Grace left the chat').waitFor();
    await ada.locator('.person').nth(1).waitFor({ state: 'detached' });
    expect(await ada.locator('.person-name').allTextContents()).toEqual(['Ada']);
  });

  it('refuses a name that somebody has, and takes another one', async () => {
    await join('Ada');
    const second = await openChat();

    await enterName(second, ' ADA ');
    await second.getByText('Somebody here is called “ADA” already').waitFor();
    expect(await second.locator('#room').isVisible()).toBe(false);

    await enterName(second, 'Grace');
    await second.locator('#send:not([disabled])').waitFor();
    expect(await second.locator('.person-name').allTextContents()).toEqual(['Grace', 'Ada']);
  });

  it('goes on by itself after the server was started again on the same port', async () => {
    const ada = await join('Ada');
    const grace = await join('Grace');

    await chat.close();
    for (const page of [ada, grace]) await page.locator('#status[data-status="offline"]').waitFor();
    chat = createChat({ WebSocketServer, log: () => {} });
    await chat.listen(port);
    for (const page of [ada, grace]) await page.locator('#send:not([disabled])').waitFor();

    await say(ada, 'Still there?');
    await grace.getByText('Still there?').waitFor();
    expect(await grace.locator('.message .author').allTextContents()).toEqual(['Ada']);
  });

  it('works under its own Content-Security-Policy, without an error in the console', async () => {
    const problems: string[] = [];
    const ada = await join('Ada', (page) => {
      page.on('pageerror', (error) => problems.push(error.message));
      page.on('console', (message) => {
        if (['error', 'warning'].includes(message.type())) problems.push(message.text());
      });
    });

    await say(ada, 'Hello');
    await ada.getByText('Hello').waitFor();

    expect(problems).toEqual([]);
  });
});

async function join(name: string, prepare?: (page: Page) => void): Promise<Page> {
  const page = await openChat(prepare);
  await enterName(page, name);
  await page.locator('#send:not([disabled])').waitFor();
  return page;
}

async function openChat(prepare?: (page: Page) => void): Promise<Page> {
  const context = await browser.newContext();
  const page = await context.newPage();
  prepare?.(page);
  await page.goto(`http://localhost:${port}/`);
  await page.locator('#status[data-status="online"]').waitFor();
  return page;
}

async function enterName(page: Page, name: string): Promise<void> {
  await page.getByLabel('Your name').fill(name);
  await page.getByRole('button', { name: 'Join the chat' }).click();
}

async function say(page: Page, text: string): Promise<void> {
  await page.getByLabel('Message as').fill(text);
  await page.keyboard.press('Enter');
}
