import { afterEach, expect, it, vi } from 'vitest';
import { ReconnectingWebSocket } from '../../src/client/index.ts';
import { FakeWebSocket } from './fake-websocket.ts';

afterEach(() => {
  FakeWebSocket.made = [];
  vi.useRealTimers();
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

const turn = () => new Promise((resolve) => setImmediate(resolve));

it.each(Array.from({ length: 12 }, (_, n) => n))(
  'leaves no connection behind when it is closed %i microtasks after it was made',
  async (microtasks) => {
    const ws = new ReconnectingWebSocket(() => 'ws://a', undefined, { WebSocket: FakeWebSocket });
    for (let n = 0; n < microtasks; n++) await null;
    ws.close();
    await turn();
    for (const socket of FakeWebSocket.made) expect(socket.closedWith).toEqual([undefined]);
    for (const socket of FakeWebSocket.made) socket.end();
    expect(ws.state).toBe('closed');
  },
);

it('keeps the order when somebody sends as soon as the state changes', () => {
  const ws = new ReconnectingWebSocket('ws://a', undefined, { WebSocket: FakeWebSocket });
  ws.send('first');
  ws.on('state', () => ws.state === 'connected' && ws.send('second'));
  FakeWebSocket.last.open();
  expect(FakeWebSocket.last.sent).toEqual(['first', 'second']);
  ws.close();
});

it.each(['state', 'open'])('tells of no connection that was given up while %s was told', (type) => {
  const ws = new ReconnectingWebSocket('ws://a', undefined, { WebSocket: FakeWebSocket });
  const log: string[] = [];
  for (const each of ['open', 'connected', 'close']) ws.addEventListener(each, () => log.push(each));
  ws.addEventListener(type, () => ws.readyState === ws.OPEN && ws.reconnect());
  FakeWebSocket.last.open();
  expect(log).not.toContain('connected');
  expect(log.at(-1)).toBe('close');
  ws.close();
});

it('hands over nothing more once close was called, as the standard has it', () => {
  const ws = new ReconnectingWebSocket('ws://a', undefined, { WebSocket: FakeWebSocket });
  FakeWebSocket.last.open();
  const got: unknown[] = [];
  ws.onmessage = ({ data }) => got.push(data);
  FakeWebSocket.last.receive('before');
  ws.close();
  FakeWebSocket.last.receive('after');
  expect(got).toEqual(['before']);
});

it('leaves a server the time that it asked for, also when the page is frozen meanwhile', async () => {
  const document = Object.assign(new EventTarget(), { visibilityState: 'visible' });
  vi.stubGlobal('document', document);
  vi.resetModules();
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  const { ReconnectingWebSocket: OnPage } = await import('../../src/client/index.ts');
  const ws = new OnPage('ws://a', undefined, { WebSocket: FakeWebSocket });
  FakeWebSocket.last.open();
  FakeWebSocket.last.end(1013);
  document.dispatchEvent(new Event('freeze'));
  document.dispatchEvent(new Event('resume'));
  expect(FakeWebSocket.made.length).toBe(1);
  vi.advanceTimersToNextTimer();
  expect(FakeWebSocket.made.length).toBe(2);
  ws.close();
});
