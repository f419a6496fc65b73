import { afterEach, describe, expect, it, vi } from 'vitest';
import { type Close, type ReconnectingOptions, ReconnectingWebSocket } from '../../src/client/index.ts';
import { FakeWebSocket } from './fake-websocket.ts';

afterEach(() => {
  FakeWebSocket.made = [];
});

/** A WebSocket that takes any code and reason, as that of React Native, and any `binaryType`. */
class LaxWebSocket extends FakeWebSocket {
  override close(): void {
    super.close();
  }
}

const options: ReconnectingOptions = { WebSocket: LaxWebSocket, maxRetries: 0 };
const connecting = () => new ReconnectingWebSocket('ws://a', [], options);

/** One in each state that there is. */
const STATES: Array<[string, () => ReconnectingWebSocket]> = [
  ['idle', () => new ReconnectingWebSocket('ws://a', [], { ...options, startClosed: true })],
  ['connecting', connecting],
  ['connecting', () => new ReconnectingWebSocket(() => new Promise(() => {}), [], options)],
  [
    'connected',
    () => {
      const ws = connecting();
      FakeWebSocket.last.open();
      return ws;
    },
  ],
  [
    'reconnecting',
    () => {
      const ws = new ReconnectingWebSocket('ws://a', [], { ...options, maxRetries: 1 });
      FakeWebSocket.last.end();
      return ws;
    },
  ],
  [
    'closing',
    () => {
      const ws = connecting();
      ws.close();
      return ws;
    },
  ],
  [
    'closed',
    () => {
      const ws = connecting();
      FakeWebSocket.last.end();
      return ws;
    },
  ],
];

describe.each(STATES)('close() of one that is %s', (state, create) => {
  it.each([
    [1001, undefined, 'InvalidAccessError'],
    [2999, 'r', 'InvalidAccessError'],
    [5000, undefined, 'InvalidAccessError'],
    [4000, 'ä'.repeat(62), 'SyntaxError'],
    [undefined, 'a'.repeat(124), 'SyntaxError'],
  ])('refuses %s and %s', (code, reason, name) => {
    const ws = create();
    expect(() => ws.close(code, reason)).toThrow(expect.objectContaining({ name }));
    expect(ws.state).toBe(state);
    ws.close();
  });

  it('takes what may be sent', () => {
    const ws = create();
    ws.close(4000, 'ä'.repeat(61));
    expect(ws.readyState).toBeGreaterThanOrEqual(ws.CLOSING);
  });
});

it('tells what it was closed with while it waited', async () => {
  const ws = new ReconnectingWebSocket('ws://a', [], { WebSocket: FakeWebSocket });
  FakeWebSocket.last.end();
  const closed = new Promise<Close>((resolve) => {
    ws.onclose = resolve;
  });
  ws.close(4000, 'done');
  const { code, reason, wasClean } = await closed;
  expect([code, reason, wasClean]).toEqual([4000, 'done', true]);
});

it('ignores a binaryType that there is not, as the standard has it', () => {
  const ws = connecting();
  ws.binaryType = 'nodebuffer' as 'blob';
  expect([ws.binaryType, FakeWebSocket.last.binaryType]).toEqual(['blob', 'blob']);
  ws.binaryType = 'arraybuffer';
  for (const value of ['', 'Blob', 'fragments', null]) ws.binaryType = value as 'blob';
  FakeWebSocket.last.open();
  expect([ws.binaryType, FakeWebSocket.last.binaryType]).toEqual(['arraybuffer', 'arraybuffer']);
  ws.close();
});

it('gives a connection up with the code for that, so that nobody takes it for an end', () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  try {
    const ws = new ReconnectingWebSocket('ws://a', [], {
      WebSocket: FakeWebSocket,
      heartbeat: { message: 'ping' },
    });
    ws.reconnect();
    FakeWebSocket.last.open();
    vi.advanceTimersByTime(35_000);
    expect(ws.state).toBe('reconnecting');
    expect(FakeWebSocket.made.map(({ closedWith }) => closedWith)).toEqual([[4499], [4499]]);
    ws.close();
  } finally {
    vi.useRealTimers();
  }
});
