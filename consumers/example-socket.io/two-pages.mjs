import puppeteer from 'puppeteer-core';
import { startChromium } from '../scenario/chromium.mjs';
import { within } from '../scenario/waiting.mjs';

/** Opens a page twice in Chromium, and runs a step with both. */
export async function openPages(url, step) {
  const chromium = await startChromium();
  const browser = await puppeteer.connect({ browserWSEndpoint: chromium.endpoint });
  const pages = [];
  for (let count = 0; count < 2; count += 1) {
    const page = await browser.newPage();
    page.setDefaultTimeout(10_000);
    await within(page.goto(url), `the page of ${url}`);
    pages.push(page);
  }
  await step(pages);
  await browser.close();
  await chromium.ended();
}

/** Clicks an element; only the tab in front gets clicks. */
export async function press(page, selector) {
  await page.bringToFront();
  await page.click(selector);
}

/** Waits until an element's text has a part; by its changes, because a tab in the background draws no frames. */
export async function shows(page, selector, part) {
  const isThere = (selector, part) => document.querySelector(selector).textContent.includes(part);
  await page.waitForFunction(isThere, { polling: 'mutation' }, selector, part);
}
