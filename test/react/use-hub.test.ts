// @vitest-environment happy-dom
import { act, createElement, useState } from 'react';
import { renderToString } from 'react-dom/server';
import { describe, expect, it } from 'vitest';
import { type HookUrl, type UseHub, useHub, useHubEvent } from '../../src/react/index.ts';
import { WebSocket } from '../../src/web/index.ts';
import { serveHub } from '../hub/served-hub.ts';
import { connectedOnce } from './connected-once.ts';
import { mount } from './mounted.ts';

type Counting = { client: { add: (n: number) => number }; server: { count: (n: number) => void } };

/** The page of the environment is none of the hub's. */
const ANY_PAGE = { origins: 'any' } as const;

let hook: UseHub<Counting>;

function Shown({ url }: { url: HookUrl }) {
  hook = useHub<Counting>(url, { WebSocket });
  const [sum, setSum] = useState(0);
  useHubEvent(hook.client, 'count', (n) => setSum((before) => before + n));
  return createElement('p', null, `${hook.status} ${sum}`);
}

const shown = (url: HookUrl) => createElement(Shown, { url });

describe('useHub, under StrictMode', () => {
  it('has one client, which is told of everything, and goes with its component', async () => {
    const { hub, url } = await serveHub<Counting>(ANY_PAGE);
    hub.on('add', (n) => n + 1);
    let connections = 0;
    hub.onConnection(() => connections++);
    const { container, unmount } = await mount(shown(url));
    expect(container.textContent).toBe('connecting 0');
    await act(() => connectedOnce(hook.client!));
    expect(container.textContent).toBe('connected 0');
    expect(await hook.client!.request('add', 1)).toBe(2);
    await act(async () => {
      const last = new Promise<void>((resolve) => hook.client!.on('count', (n) => n === 100 && resolve()));
      for (let n = 1; n <= 100; n++) hub.emit('count', n);
      await last;
    });
    expect(container.textContent).toBe('connected 5050');
    const gone = new Promise((resolve) => hub.onDisconnect((_, { code }) => resolve(code)));
    await unmount();
    expect([await gone, connections]).toEqual([1000, 1]);
  });

  it('has no client with null, and another one with another URL', async () => {
    const { url } = await serveHub<Counting>(ANY_PAGE);
    const { container, render } = await mount(shown(null));
    expect([container.textContent, hook.client]).toEqual(['closed 0', null]);
    await render(shown(async () => url));
    const first = hook.client;
    await act(() => connectedOnce(first!));
    await render(shown(url));
    expect(hook.client).not.toBe(first);
    await act(() => connectedOnce(hook.client!));
    expect(container.textContent).toBe('connected 0');
  });
});

it('useHub, on a server, connects to nothing', () => {
  expect(renderToString(shown('ws://127.0.0.1:1'))).toBe('<p>connecting 0</p>');
  expect(hook.client?.state).toBe('idle');
  expect(renderToString(shown(null))).toBe('<p>closed 0</p>');
});
