import { once } from 'node:events';
import { existsSync } from 'node:fs';
import type { Browser, BrowserContextOptions, Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ChatCluster } from '../../examples/chat-cluster/cluster/chat-cluster.mts';
import { NODES, type NodeName } from '../../examples/chat-cluster/shared/chat.mts';
import type { Figures } from '../../examples/chat-cluster/shared/figures.mts';
import { WebSocket } from '../../src/index.ts';
import { findBarriers } from './accessibility.ts';
import { launchBrowser } from './browser.ts';

const BUILT = new URL('../../dist/hub.mjs', import.meta.url);
/** More than there are stops of the Tab key on the page. */
const MANY_TABS = 30;
const WIDE = { width: 1280, height: 900 };
/** As narrow as WCAG 2.2 asks for (1.4.10). */
const PHONE = { width: 320, height: 568 };

let browser: Browser;
let cluster: ChatCluster;
const problems: string[] = [];

beforeAll(async () => {
  if (!existsSync(BUILT))
    throw new Error('dist is missing: the example uses the built library, `npm run build`');
  browser = await launchBrowser();
  cluster = await ChatCluster.start({ port: 0, log: () => {} });
});
afterAll(async () => {
  await browser?.close();
  await cluster?.close();
});
afterEach(async () => {
  for (const context of browser.contexts()) await context.close();
  for (const node of NODES) if (!cluster.isUp(node)) await cluster.startNode(node);
  problems.length = 0;
});

describe('the chat on two nodes behind nginx', () => {
  it('carries names, messages, presence and typing from node to node', async () => {
    const ada = await join('Ada', 'a');
    const grace = await join('Grace', 'b');
    await person(ada, 'Grace').waitFor();
    await person(grace, 'Ada').waitFor();

    await grace.getByRole('textbox').pressSequentially('Is the');
    await ada.getByText('Grace is writing').waitFor();
    await say(grace, 'Is the line made fast?');
    await said(ada, 'Is the line made fast?').waitFor();
    await ada.getByText('Grace is writing').waitFor({ state: 'detached' });
    await say(ada, 'All <b>fast</b> & \u{1f44d}');
    await said(grace, 'All <b>fast</b> & \u{1f44d}').waitFor();
    expect(await lastTexts(ada, 2)).toEqual(['Is the line made fast?', 'All <b>fast</b> & \u{1f44d}']);
    expect(await lastTexts(grace, 2)).toEqual(await lastTexts(ada, 2));

    await grace.context().close();
    await person(ada, 'Grace').waitFor({ state: 'detached' });
    expect(problems).toEqual([]);
  });

  it('shows what was said before one came, and counts what is said in rooms one does not look at', async () => {
    const ada = await join('Ada');
    await room(ada, 'Crow’s nest').click();
    await say(ada, 'Land ahead');
    await said(ada, 'Land ahead').waitFor();

    const grace = await join('Grace');
    await room(grace, 'Crow’s nest').click();
    await said(grace, 'Land ahead').waitFor();
    await person(ada, 'Grace').waitFor();
    await room(ada, 'Harbour').click();
    await say(grace, 'I see it too');
    await room(ada, 'Crow’s nest 1 unread').waitFor();
    expect(await ada.title()).toBe('(1) Harbour · Hawser cluster chat');
    await room(ada, 'Crow’s nest').click();

    expect(await texts(ada)).toEqual(['Land ahead', 'I see it too']);
    expect(await ada.title()).toBe('Crow’s nest · Hawser cluster chat');
  });

  it('loses nothing and shows nothing twice when the node of one is killed while all talk', async () => {
    const ada = await join('Ada', 'a');
    const grace = await join('Grace', 'b');
    await enterRoom([ada, grace], 'Engine room');

    await sayAll(ada, numbered('Ada', 1, 4));
    await sayAll(grace, numbered('Grace', 1, 4));
    const { pid } = (await (await fetch(`${cluster.url}figures/a`)).json()) as Figures;
    // It takes what comes over the network, and does nothing with it any more.
    process.kill(pid, 'SIGSTOP');
    await sayAll(ada, numbered('Ada', 5, 8));
    await ada.locator('.pending').nth(3).waitFor();
    await cluster.killNode('a');
    await sayAll(grace, numbered('Grace', 5, 8));
    await sayAll(ada, numbered('Ada', 9, 12));
    await status(ada, 'On node B').waitFor();
    await sayAll(ada, numbered('Ada', 13, 16));

    for (const page of [ada, grace]) {
      await said(page, 'Ada 16').waitFor();
      await expect.poll(() => page.locator('.pending').count()).toBe(0);
    }
    const all = await texts(ada);
    expect(await texts(grace)).toEqual(all);
    expect(all.filter((text) => text.startsWith('Ada'))).toEqual(numbered('Ada', 1, 16));
    expect(all.filter((text) => text.startsWith('Grace'))).toEqual(numbered('Grace', 1, 8));
    expect(await ada.locator('.person-name').allTextContents()).toEqual(['Ada', 'Grace']);
    await expect.poll(() => grace.locator('.person-name').allTextContents()).toEqual(['Ada', 'Grace']);
  });

  it('goes on with the session on the node that is chosen', async () => {
    const ada = await join('Ada', 'a');
    const grace = await join('Grace', 'b');
    await enterRoom([ada, grace], 'Engine room');

    for (const node of ['B', 'A', 'B']) {
      await ada.getByRole('radio', { name: node, exact: true }).check();
      await say(grace, `Go to ${node}`);
      await status(ada, `On node ${node}`).waitFor();
    }

    await said(ada, 'Go to B').nth(1).waitFor();
    expect(await lastTexts(ada, 3)).toEqual(['Go to B', 'Go to A', 'Go to B']);
    expect(await ada.locator('.notice').count()).toBe(0);
  });

  it('keeps what is said while the browser is offline, and catches up when it is back', async () => {
    const ada = await join('Ada', 'a');
    const grace = await join('Grace', 'b');
    await enterRoom([ada, grace], 'Galley');

    await ada.context().setOffline(true);
    // To be offline keeps Chromium from new connections only.
    await cluster.killNode('a');
    await status(ada, 'Offline').waitFor();
    await sayAll(ada, ['Who wants soup?', 'It is hot']);
    await status(ada, '2 messages kept').waitFor();
    expect(await ada.locator('.pending .bubble').allTextContents()).toEqual(['Who wants soup?', 'It is hot']);
    await say(grace, 'Where is Ada?');
    await said(grace, 'Where is Ada?').waitFor();

    await ada.context().setOffline(false);
    for (const page of [ada, grace]) {
      await said(page, 'It is hot').waitFor();
      expect(await texts(page)).toEqual(['Where is Ada?', 'Who wants soup?', 'It is hot']);
    }
    await ada.locator('.pending').first().waitFor({ state: 'detached' });
    await status(ada, 'On node B').waitFor();
  });

  it('refuses pages of other sites, and names that are none', async () => {
    const url = cluster.url.replace('http', 'ws');

    expect(await statusOf(`${url}hub?name=Ada`, 'https://elsewhere.example')).toBe(403);
    expect(await statusOf(`${url}hub?name=%20`)).toBe(400);
  });

  it('can be used by the keyboard alone', async () => {
    const page = await open();
    await page.getByLabel('Your name').and(page.locator(':focus')).waitFor();
    await page.keyboard.press('Enter');
    await page.getByText('Please tell us your name').waitFor();
    await page.keyboard.type('Grace');
    await page.keyboard.press('Enter');
    await status(page, 'On node').waitFor();
    await page.keyboard.type('With ten fingers');
    await page.keyboard.press('Shift+Enter');
    await page.keyboard.type('and no mouse');
    await page.keyboard.press('Enter');
    await said(page, 'With ten fingers\nand no mouse').waitFor();

    await tabTo(page, room(page, 'Engine room (join)'));
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Engine room' }).waitFor();
    await page.keyboard.type('Down here');
    await page.keyboard.press('Enter');
    await said(page, 'Down here').waitFor();

    await tabTo(page, page.getByRole('radio', { name: 'Any' }));
    await page.keyboard.press('ArrowRight');
    await status(page, 'On node A').waitFor();
    await page.keyboard.press('ArrowRight');
    await status(page, 'On node B').waitFor();

    await tabTo(page, page.getByRole('button', { name: 'Leave Engine room' }));
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Harbour' }).waitFor();
    await tabTo(page, page.getByRole('log', { name: 'Messages in Harbour' }));
  });

  it.each(['light', 'dark'] as const)(
    'has no barriers that axe-core knows, with %s colours',
    async (colorScheme) => {
      const page = await open('', { colorScheme, reducedMotion: 'reduce' });
      await page.getByRole('button', { name: 'Join the chat' }).click();
      await page.getByText('Please tell us your name').waitFor();
      expect(await findBarriers(page)).toEqual([]);

      await page.getByLabel('Your name').fill('Somebody with a long one');
      await page.keyboard.press('Enter');
      await say(page, 'Is it legible?');
      await said(page, 'Is it legible?').last().waitFor();
      for (const viewport of [WIDE, PHONE]) {
        await page.setViewportSize(viewport);
        expect(await findBarriers(page)).toEqual([]);
      }

      await page.goto(`${cluster.url}figures`);
      await page.getByText('Up for').first().waitFor();
      expect(await findBarriers(page)).toEqual([]);
      expect(problems).toEqual([]);
    },
  );

  it('fits a narrow screen, and shows there which room one is in', async () => {
    await join('Somebody with a long one');
    await join('Grace');
    const page = await open('', { viewport: PHONE });
    await joinAs(page, 'Ada');
    for (const name of ['Somebody with a long one', 'Grace', 'Ada'])
      expect((await person(page, name).boundingBox())!.width).toBeGreaterThan(20);
    const engineRoom = room(page, 'Engine room');
    // By script: a click of the browser's would bring it into view.
    await engineRoom.dispatchEvent('click');
    await page.getByRole('log', { name: 'Messages in Engine room' }).waitFor();

    await expect.poll(async () => rightEdge(engineRoom)).toBeLessThanOrEqual(PHONE.width);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(PHONE.width);
  });

  it('shows where one is also in the system’s colours', async () => {
    const page = await open('', { forcedColors: 'active', reducedMotion: 'reduce' });
    await joinAs(page, 'Ada');
    const any = page.locator('.nodes span', { hasText: 'Any' });
    const [here, there] = [room(page, 'Harbour'), room(page, 'Galley')];

    expect(await background(here)).toBe(await background(any));
    expect(await background(here)).not.toBe(await background(there));
    expect(await findBarriers(page)).toEqual([]);
  });

  it('says what an empty room waits for', async () => {
    const page = await join('Ada', 'a');
    await room(page, 'Galley').click();
    await person(page, 'Ada').waitFor();
    await page.context().setOffline(true);
    // To be offline keeps Chromium from new connections only.
    await cluster.killNode('a');
    await status(page, 'Offline').waitFor();
    await room(page, 'Engine room').click();
    await page.getByText('What was said here comes with the connection').waitFor();
  });

  it('shows the figures of the nodes, and which one is gone', async () => {
    await join('Ada', 'a');
    const page = await open('figures');
    const card = (node: NodeName) => page.getByRole('region', { name: `Node ${node.toUpperCase()}` });

    await card('a').getByText('Up for').waitFor();
    await card('a').locator('div', { hasText: 'Connections' }).getByText('1', { exact: true }).waitFor();
    await cluster.killNode('b');
    await card('b').getByText('Gone').waitFor();

    expect(await card('a').getByText('Up for').count()).toBe(1);
  });
});

/** Opens the page in a profile of its own; what it complains of is in `problems`. */
async function open(path = '', options: BrowserContextOptions = {}): Promise<Page> {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  // Less than a test may take, so that it says what it waited for.
  page.setDefaultTimeout(20_000);
  page.on('pageerror', (error) => problems.push(error.message));
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) problems.push(message.text());
  });
  await page.goto(cluster.url + path);
  return page;
}

async function join(name: string, node?: NodeName): Promise<Page> {
  const page = await open();
  await joinAs(page, name);
  if (node !== undefined) {
    await page.getByRole('radio', { name: node.toUpperCase(), exact: true }).check();
    await status(page, `On node ${node.toUpperCase()}`).waitFor();
  }
  return page;
}

async function joinAs(page: Page, name: string): Promise<void> {
  await page.getByLabel('Your name').fill(name);
  await page.getByRole('button', { name: 'Join the chat' }).click();
  // Somebody of that name may still be listed, whose page went without a word.
  await person(page, name).first().waitFor();
}

/** Has all go into a room, until each sees the others. */
async function enterRoom(pages: readonly Page[], name: string): Promise<void> {
  for (const page of pages) await room(page, name).click();
  for (const page of pages) {
    await page
      .locator('.person')
      .nth(pages.length - 1)
      .waitFor();
  }
}

/** Says something, and does not wait for what becomes of it. */
async function say(page: Page, text: string): Promise<void> {
  await page.getByRole('textbox').fill(text);
  await page.keyboard.press('Enter');
}

async function sayAll(page: Page, all: readonly string[]): Promise<void> {
  for (const text of all) await say(page, text);
}

async function tabTo(page: Page, target: Locator): Promise<void> {
  for (let tabs = 0; tabs < MANY_TABS; tabs++) {
    if ((await target.and(page.locator(':focus-visible')).count()) === 1) return;
    await page.keyboard.press('Tab');
  }
  throw new Error('The Tab key does not come there');
}

function numbered(name: string, from: number, to: number): string[] {
  return Array.from({ length: to - from + 1 }, (_, index) => `${name} ${from + index}`);
}

function room(page: Page, name: string): Locator {
  return page.getByRole('navigation', { name: 'Rooms' }).getByRole('button', { name });
}

function person(page: Page, name: string): Locator {
  return page.locator('.person-name', { hasText: name });
}

function status(page: Page, text: string): Locator {
  return page.getByRole('status').filter({ hasText: text });
}

/** A message that the hub has. */
function said(page: Page, text: string): Locator {
  return page.locator('.message:not(.pending) .bubble').getByText(text, { exact: true });
}

/** The colour behind it, as it is drawn. */
function background(target: Locator): Promise<string> {
  type Window = { getComputedStyle(element: unknown): { readonly backgroundColor: string } };
  return target.evaluate(
    (element) => (globalThis as unknown as Window).getComputedStyle(element).backgroundColor,
  );
}

/** How far to the right it reaches, in CSS pixels. */
async function rightEdge(target: Locator): Promise<number> {
  const { x, width } = (await target.boundingBox())!;
  return x + width;
}

function texts(page: Page): Promise<string[]> {
  return page.locator('.message:not(.pending) .bubble').allTextContents();
}

async function lastTexts(page: Page, count: number): Promise<string[]> {
  return (await texts(page)).slice(-count);
}

async function statusOf(url: string, origin?: string): Promise<number> {
  const ws = new WebSocket(url, origin === undefined ? {} : { origin });
  ws.on('error', () => {});
  const [, response] = await once(ws, 'unexpected-response');
  ws.terminate();
  return response.statusCode;
}
