import { afterEach, expect, it, vi } from 'vitest';
import { ReconnectingWebSocket } from '../../src/client/index.ts';
import { readMessage, SocketStore } from '../../src/react/socket-store.ts';
import { FakeWebSocket } from '../client/fake-websocket.ts';

afterEach(() => {
  FakeWebSocket.made = [];
});

it('has a new snapshot for each change, and the same one otherwise', () => {
  const socket = new ReconnectingWebSocket('ws://a', [], { WebSocket: FakeWebSocket, startClosed: true });
  const store = new SocketStore(socket);
  const onChange = vi.fn();
  const unsubscribe = store.subscribe(onChange);
  const first = store.snapshot();
  expect([first, store.snapshot() === first]).toEqual([{ status: 'connecting', lastMessage: null }, true]);
  socket.reconnect();
  FakeWebSocket.last.open();
  FakeWebSocket.last.receive('[1]');
  expect(store.snapshot()).toEqual({ status: 'connected', lastMessage: [1] });
  const { length } = onChange.mock.calls;
  unsubscribe();
  FakeWebSocket.last.receive('[1]');
  expect(onChange.mock.calls.length).toBe(length);
});

it('reads JSON, and leaves the rest', () => {
  const bytes = new ArrayBuffer(1);
  expect(['{"a":1}', '"b"', 'c', '', bytes].map(readMessage)).toEqual([{ a: 1 }, 'b', 'c', '', bytes]);
});
