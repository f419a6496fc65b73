// @vitest-environment happy-dom
import { act, createElement, useEffect } from 'react';
import { renderToString } from 'react-dom/server';
import { afterEach, describe, expect, it, vi } from 'vitest';
import {
  type HookUrl,
  type UseWebSocket,
  type UseWebSocketOptions,
  useWebSocket,
} from '../../src/react/index.ts';
import { FakeWebSocket } from '../client/fake-websocket.ts';
import { mount } from './mounted.ts';

afterEach(() => {
  FakeWebSocket.made = [];
});

let hook: UseWebSocket;
const statuses: string[] = [];

function Shown({ url, options }: { url: HookUrl; options?: UseWebSocketOptions | undefined }) {
  hook = useWebSocket(url, { WebSocket: FakeWebSocket, ...options });
  statuses.push(hook.status);
  return createElement('p', null, `${hook.status} ${JSON.stringify(hook.lastMessage)}`);
}

const shown = (url: HookUrl, options?: UseWebSocketOptions) => createElement(Shown, { url, options });
const during = (work: () => void) => act(async () => work());

describe('useWebSocket, under StrictMode', () => {
  it('opens one connection, shows its status and its last message, and sends', async () => {
    statuses.length = 0;
    const { container } = await mount(shown('ws://a'));
    expect([container.textContent, FakeWebSocket.made.length]).toEqual(['connecting null', 1]);
    await during(() => FakeWebSocket.last.open());
    await during(() => FakeWebSocket.last.receive('{"type":"chat"}'));
    expect(container.textContent).toBe('connected {"type":"chat"}');
    await during(() => FakeWebSocket.last.receive('text'));
    expect(container.textContent).toBe('connected "text"');
    const bytes = Uint8Array.of(1);
    for (const message of ['a', { type: 'b' }, bytes, bytes.buffer, new Blob(['c']), null])
      hook.send(message);
    expect(FakeWebSocket.last.sent).toEqual([
      'a',
      '{"type":"b"}',
      bytes,
      bytes.buffer,
      new Blob(['c']),
      'null',
    ]);
    expect([...new Set(statuses)]).toEqual(['connecting', 'connected']);
  });

  it('tells each message, also those that come before React draws', async () => {
    const got: unknown[] = [];
    const { container } = await mount(shown('ws://a', { onMessage: (message) => got.push(message) }));
    await during(() => {
      FakeWebSocket.last.open();
      for (let n = 0; n < 100; n++) FakeWebSocket.last.receive(String(n));
    });
    expect(got).toEqual(Array.from({ length: 100 }, (_, n) => n));
    expect(container.textContent).toBe('connected 99');
  });

  it('calls the newest callbacks, without another connection', async () => {
    const log: string[] = [];
    const callbacks = (name: string): UseWebSocketOptions => ({
      onOpen: () => log.push(`${name} open`),
      onMessage: () => log.push(`${name} message`),
      onError: () => log.push(`${name} error`),
      onClose: ({ code }) => log.push(`${name} close ${code}`),
    });
    const { render } = await mount(shown('ws://a', callbacks('first')));
    await during(() => FakeWebSocket.last.open());
    await render(shown('ws://a', callbacks('second')));
    await during(() => FakeWebSocket.last.receive('a'));
    await during(() => FakeWebSocket.last.end());
    expect(log).toEqual(['first open', 'second message', 'second error', 'second close 1006']);
    expect(FakeWebSocket.made.length).toBe(1);
  });

  it('closes when it is unmounted, and tells nothing any more', async () => {
    const onClose = vi.fn();
    const { unmount } = await mount(shown('ws://a', { onClose }));
    await during(() => FakeWebSocket.last.open());
    const { socket } = hook;
    await unmount();
    expect([FakeWebSocket.last.closedWith, socket?.state]).toEqual([[undefined], 'closing']);
    FakeWebSocket.last.end(1005);
    expect([onClose.mock.calls.length, socket?.state, FakeWebSocket.made.length]).toEqual([0, 'closed', 1]);
  });

  it('does not connect when it is gone at once', async () => {
    const Inner = () => {
      useWebSocket('ws://b', { WebSocket: FakeWebSocket });
      return null;
    };
    const { render } = await mount(null);
    await act(async () => {
      await render(createElement(Inner));
      await render(null);
    });
    const open = FakeWebSocket.made.filter(({ closedWith }) => closedWith.length === 0);
    expect(open).toEqual([]);
  });

  it('changes the connection with the URL, and has none with null', async () => {
    const { container, render } = await mount(shown(null));
    expect([container.textContent, hook.socket, FakeWebSocket.made.length]).toEqual(['closed null', null, 0]);
    expect(() => hook.send('a')).toThrow(expect.objectContaining({ name: 'InvalidStateError' }));
    hook.reconnect();
    await render(shown(new URL('ws://a/')));
    await during(() => FakeWebSocket.last.open());
    await during(() => FakeWebSocket.last.receive('1'));
    await render(shown('ws://b'));
    expect(FakeWebSocket.made.map(({ url, closedWith }) => [url, closedWith.length])).toEqual([
      ['ws://a/', 1],
      ['ws://b', 0],
    ]);
    expect(container.textContent).toBe('connecting null');
    await render(shown(null));
    expect([container.textContent, FakeWebSocket.last.closedWith.length]).toEqual(['closed null', 1]);
  });

  it('takes functions, the newest for each attempt', async () => {
    const { render } = await mount(shown(() => 'ws://a', { protocols: ['p1'] }));
    await render(shown(async () => 'ws://b', { protocols: async () => ['p2'] }));
    await during(() => hook.reconnect());
    await act(() => new Promise((resolve) => setImmediate(resolve)));
    expect(FakeWebSocket.made.map(({ url, offered }) => [url, offered])).toEqual([
      ['ws://a', ['p1']],
      ['ws://b', ['p2']],
    ]);
  });

  it('sends what a component sends as it is mounted', async () => {
    const Sender = () => {
      const { send } = useWebSocket('ws://a', { WebSocket: FakeWebSocket });
      useEffect(() => send('first'), [send]);
      return null;
    };
    await mount(createElement(Sender));
    await during(() => FakeWebSocket.last.open());
    // StrictMode runs the effect twice.
    expect(FakeWebSocket.last.sent).toEqual(['first', 'first']);
  });
});

describe('useWebSocket, on a server', () => {
  it('draws what the page will begin with, and connects to nothing', () => {
    expect(renderToString(shown('ws://a'))).toBe('<p>connecting null</p>');
    expect(renderToString(shown(null))).toBe('<p>closed null</p>');
    expect(FakeWebSocket.made).toEqual([]);
  });
});
