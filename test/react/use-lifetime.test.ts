// @vitest-environment happy-dom
import { act, createElement, useEffect } from 'react';
import { expect, it } from 'vitest';
import { useLifetime } from '../../src/react/use-lifetime.ts';
import { createContainer, mount } from './mounted.ts';

function record() {
  const log: string[] = [];
  const connection = { reconnect: () => log.push('open'), close: () => log.push('close') };
  const Holder = ({ held = true }: { held?: boolean }) => {
    useLifetime(held ? connection : null);
    useEffect(() => void log.push('effect'));
    return null;
  };
  return { log, Holder };
}

it('opens once all effects have run, and once under StrictMode', async () => {
  const { log, Holder } = record();
  const { unmount } = await mount(createElement(Holder));
  expect(log).toEqual(['effect', 'effect', 'open']);
  await unmount();
  expect(log.slice(3)).toEqual(['close']);
});

it('closes what is not held any more', async () => {
  const { log, Holder } = record();
  const { render } = await mount(createElement(Holder));
  log.length = 0;
  await render(createElement(Holder, { held: false }));
  expect(log).toEqual(['close', 'effect']);
});

it('neither opens nor closes what is gone before it was opened', async () => {
  const { log, Holder } = record();
  const { flushSync } = await import('react-dom');
  const { createRoot } = await import('react-dom/client');
  const root = createRoot(createContainer());
  await act(async () => {
    flushSync(() => root.render(createElement(Holder)));
    flushSync(() => root.unmount());
  });
  expect(log).toEqual(['effect']);
});
