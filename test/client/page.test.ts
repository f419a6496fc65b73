import { afterEach, beforeEach, expect, it, vi } from 'vitest';

class Document extends EventTarget {
  visibilityState = 'visible';
}

const page = new EventTarget();
const document = new Document();
const navigator = { onLine: true };

beforeEach(() => {
  vi.resetModules();
  vi.stubGlobal('addEventListener', page.addEventListener.bind(page));
  vi.stubGlobal('document', document);
  vi.stubGlobal('navigator', navigator);
});
afterEach(() => void vi.unstubAllGlobals());

async function follow() {
  const { followPage, isOffline } = await import('../../src/client/page.ts');
  const log: string[] = [];
  const unfollow = followPage({
    onOnline: () => log.push('online'),
    onOffline: () => log.push('offline'),
    onSuspend: () => log.push('suspend'),
    onResume: () => log.push('resume'),
  });
  return { log, unfollow, isOffline };
}

const persisted = (type: string, value: boolean) => Object.assign(new Event(type), { persisted: value });

it('tells what happens to a page, until nobody wants to know', async () => {
  const { log, unfollow } = await follow();
  const happen = () => {
    page.dispatchEvent(new Event('offline'));
    page.dispatchEvent(new Event('online'));
    page.dispatchEvent(persisted('pagehide', true));
    page.dispatchEvent(persisted('pageshow', true));
    document.dispatchEvent(new Event('freeze'));
    document.dispatchEvent(new Event('resume'));
    document.dispatchEvent(new Event('visibilitychange'));
  };
  happen();
  expect(log).toEqual(['offline', 'online', 'suspend', 'resume', 'suspend', 'resume', 'resume']);
  unfollow();
  happen();
  expect(log.length).toBe(7);
});

it('heeds neither a page that goes for good nor one that is hidden', async () => {
  const { log, unfollow } = await follow();
  page.dispatchEvent(persisted('pagehide', false));
  page.dispatchEvent(persisted('pageshow', false));
  document.visibilityState = 'hidden';
  document.dispatchEvent(new Event('visibilitychange'));
  document.visibilityState = 'visible';
  expect(log).toEqual([]);
  unfollow();
});

it('knows when there is no network for sure', async () => {
  const { isOffline, unfollow } = await follow();
  expect(isOffline()).toBe(false);
  navigator.onLine = false;
  expect(isOffline()).toBe(true);
  navigator.onLine = true;
  unfollow();
});

it('does without a page', async () => {
  vi.unstubAllGlobals();
  const { unfollow, isOffline } = await follow();
  expect(isOffline()).toBe(false);
  unfollow();
});
