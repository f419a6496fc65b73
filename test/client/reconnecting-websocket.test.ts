import { afterEach, beforeEach, describe, expect, expectTypeOf, it, vi } from 'vitest';
import type { ProvidedUrl } from '../../src/client/attempt.ts';
import {
  type FamiliarOptions,
  type ReconnectingOptions,
  ReconnectingWebSocket,
} from '../../src/client/index.ts';
import { FakeWebSocket } from './fake-websocket.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  vi.spyOn(Math, 'random').mockReturnValue(1);
});
afterEach(() => {
  FakeWebSocket.made = [];
  vi.useRealTimers();
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

const TYPES = [
  'open',
  'message',
  'error',
  'close',
  'connected',
  'disconnected',
  'reconnecting',
  'maxRetriesReached',
  'dropped',
] as const;

function create(options: ReconnectingOptions & FamiliarOptions = {}, url: ProvidedUrl = 'ws://a') {
  const ws = new ReconnectingWebSocket(url, undefined, { WebSocket: FakeWebSocket, ...options });
  const log: string[] = [];
  for (const type of TYPES) ws.addEventListener(type, () => log.push(type));
  return { ws, log };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('a connection', () => {
  it('is that of the standard', () => {
    const { ws, log } = create({}, new URL('ws://a/'));
    expect([ws.readyState, ws.state, ws.url, ws.protocol, ws.extensions]).toEqual([
      ws.CONNECTING,
      'connecting',
      'ws://a/',
      '',
      '',
    ]);
    FakeWebSocket.last.open('chat');
    expect([ws.readyState, ws.state, ws.protocol]).toEqual([ReconnectingWebSocket.OPEN, 'connected', 'chat']);
    const got: unknown[] = [];
    ws.onmessage = ({ data, origin }) => got.push(data, origin);
    FakeWebSocket.last.receive('hello');
    expect(got).toEqual(['hello', 'ws://test']);
    ws.send('there');
    expect(FakeWebSocket.last.sent).toEqual(['there']);
    ws.close(4000, 'done');
    expect([ws.readyState, ws.state]).toEqual([ws.CLOSING, 'closing']);
    ws.onclose = ({ code, reason, wasClean }) => got.push(code, reason, wasClean);
    FakeWebSocket.last.end(4000, 'done');
    expect(got.slice(2)).toEqual([4000, 'done', true]);
    expect([ws.readyState, ws.state]).toEqual([ws.CLOSED, 'closed']);
    expect(log).toEqual(['open', 'connected', 'message', 'close', 'disconnected']);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('refuses what the WebSocket refuses', () => {
    expect(() => create({}, 'http:')).toThrow(expect.objectContaining({ name: 'SyntaxError' }));
    const { ws } = create();
    FakeWebSocket.last.open();
    expect(() => ws.close(1)).toThrow(expect.objectContaining({ name: 'InvalidAccessError' }));
    expect(ws.state).toBe('connected');
  });

  it('has its binaryType on each WebSocket', () => {
    const { ws } = create();
    expect(ws.binaryType).toBe('blob');
    FakeWebSocket.last.open();
    ws.binaryType = 'arraybuffer';
    expect(FakeWebSocket.last.binaryType).toBe('arraybuffer');
    ws.reconnect();
    FakeWebSocket.last.open();
    expect([ws.binaryType, FakeWebSocket.last.binaryType]).toEqual(['arraybuffer', 'arraybuffer']);
  });

  it('may wait to be asked for', () => {
    const { ws } = create({ startClosed: true });
    expect([ws.state, ws.readyState, FakeWebSocket.made.length]).toEqual(['idle', ws.CLOSED, 0]);
    ws.send('early');
    ws.reconnect();
    expect(ws.state).toBe('connecting');
    FakeWebSocket.last.open();
    expect(FakeWebSocket.last.sent).toEqual(['early']);
  });
});

describe('after a loss', () => {
  it('comes back with growing delays, says when, and calls for the URL afresh', async () => {
    let token = 0;
    const delays: unknown[] = [];
    const { ws, log } = create({}, async () => `ws://a/${++token}`);
    expect(ws.url).toBe('');
    ws.on('reconnecting', ({ attempt, delayMs }) => delays.push([attempt, delayMs]));
    await turn();
    FakeWebSocket.last.open();
    FakeWebSocket.last.end();
    expect([ws.state, ws.readyState]).toEqual(['reconnecting', ws.CONNECTING]);
    for (const delay of [1000, 2000, 4000]) {
      vi.advanceTimersByTime(delay);
      await turn();
      FakeWebSocket.last.end();
    }
    expect(FakeWebSocket.made.map(({ url }) => url)).toEqual([
      'ws://a/1',
      'ws://a/2',
      'ws://a/3',
      'ws://a/4',
    ]);
    expect(delays).toEqual([
      [1, 1000],
      [2, 2000],
      [3, 4000],
      [4, 8000],
    ]);
    expect(ws.retryCount).toBe(4);
    expect(log.slice(0, 8)).toEqual([
      'open',
      'connected',
      'error',
      'close',
      'disconnected',
      'reconnecting',
      'error',
      'close',
    ]);
    ws.close();
  });

  it('gives up after ten retries, and goes on when it is asked', () => {
    const { ws, log } = create();
    const attempts: number[] = [];
    ws.on('maxRetriesReached', (event) => attempts.push(event.attempts));
    for (let n = 0; n <= 10; n++) {
      FakeWebSocket.last.end();
      vi.advanceTimersByTime(30_000);
    }
    expect([attempts, FakeWebSocket.made.length, ws.state]).toEqual([[10], 11, 'closed']);
    expect(log.at(-1)).toBe('maxRetriesReached');
    ws.send('kept');
    ws.reconnect();
    FakeWebSocket.last.open();
    expect([ws.retryCount, FakeWebSocket.last.sent]).toEqual([0, ['kept']]);
  });

  it('counts anew only when a connection has held', () => {
    const { ws } = create();
    FakeWebSocket.last.open();
    vi.advanceTimersByTime(4999);
    FakeWebSocket.last.end();
    vi.advanceTimersByTime(1000);
    FakeWebSocket.last.open();
    FakeWebSocket.last.end();
    expect(ws.retryCount).toBe(2);
    vi.advanceTimersByTime(2000);
    FakeWebSocket.last.open();
    vi.advanceTimersByTime(5000);
    FakeWebSocket.last.end();
    expect(ws.retryCount).toBe(1);
    ws.close();
  });

  it.each([1000, 1008, 4400, 4401, 4403, 4409])('does not come back after %i', (code) => {
    const { ws } = create();
    const ends: unknown[] = [];
    ws.on('disconnected', ({ willReconnect }) => ends.push(willReconnect));
    FakeWebSocket.last.open();
    FakeWebSocket.last.end(code);
    expect([ws.state, ends, vi.getTimerCount()]).toEqual(['closed', [false], 0]);
  });

  it('heeds who decides otherwise while it is told', () => {
    const { ws, log } = create();
    ws.onclose = () => ws.close();
    FakeWebSocket.last.end();
    expect([ws.state, log.includes('reconnecting'), vi.getTimerCount()]).toEqual(['closed', false, 0]);
  });

  it('counts a WebSocket that cannot be made as a failure, once there was one', () => {
    class Scarce extends FakeWebSocket {
      constructor(url: string, protocols?: string | string[]) {
        if (FakeWebSocket.made.length > 0) throw new Error('no more of them');
        super(url, protocols);
      }
    }
    const { ws } = create({ WebSocket: Scarce });
    FakeWebSocket.last.end();
    const errors: unknown[] = [];
    ws.onerror = ({ error }) => errors.push((error as Error).message);
    vi.advanceTimersByTime(1000);
    expect([errors, ws.state, ws.retryCount]).toEqual([['no more of them'], 'reconnecting', 2]);
    ws.close();
  });

  it('does not wait longer than an attempt may take', () => {
    const { ws } = create({ connectTimeoutMs: 50 });
    vi.advanceTimersByTime(50);
    expect(ws.state).toBe('reconnecting');
    ws.close();
  });
});

describe('the queue', () => {
  it('is sent in order when there is a connection, before anybody is told', () => {
    const { ws } = create();
    ws.onopen = () => ws.send('c');
    ws.send('a');
    ws.send(Uint8Array.of(1));
    expect(ws.bufferedAmount).toBe(2);
    FakeWebSocket.last.open();
    expect(FakeWebSocket.last.sent).toEqual(['a', Uint8Array.of(1), 'c']);
    FakeWebSocket.last.bufferedAmount = 5;
    expect(ws.bufferedAmount).toBe(5);
  });

  it('takes what is sent while the other end closes', () => {
    const { ws } = create();
    FakeWebSocket.last.open();
    FakeWebSocket.last.readyState = 2;
    expect(ws.readyState).toBe(ws.CLOSING);
    ws.send('late');
    FakeWebSocket.last.end(1001);
    vi.advanceTimersByTime(1000);
    FakeWebSocket.last.open();
    expect(FakeWebSocket.last.sent).toEqual(['late']);
  });

  it('has a bound, and a policy', () => {
    const strict = create({ maxEnqueuedMessages: 1 });
    strict.ws.send('a');
    expect(() => strict.ws.send('b')).toThrow(expect.objectContaining({ name: 'QuotaExceededError' }));
    const lax = create({ queue: { maxMessages: 1, overflow: 'drop-oldest' } });
    const dropped: unknown[] = [];
    lax.ws.on('dropped', ({ data }) => dropped.push(data));
    lax.ws.send('a');
    lax.ws.send('b');
    FakeWebSocket.last.open();
    expect([dropped, FakeWebSocket.last.sent]).toEqual([['a'], ['b']]);
  });

  it('is thrown away by close(), as is what comes behind', () => {
    const { ws } = create();
    ws.send('a');
    ws.close();
    ws.send('b');
    FakeWebSocket.last.end();
    ws.send('c');
    ws.reconnect();
    FakeWebSocket.last.open();
    expect(FakeWebSocket.last.sent).toEqual([]);
  });
});

describe('close()', () => {
  it('ends the waiting, and says so', async () => {
    const { ws, log } = create();
    FakeWebSocket.last.end();
    log.length = 0;
    const closes: unknown[] = [];
    ws.onclose = ({ code, reason }) => closes.push([code, reason]);
    ws.close(3000, 'enough');
    expect([ws.state, vi.getTimerCount()]).toEqual(['closed', 0]);
    await turn();
    expect([log, closes]).toEqual([['close'], [[3000, 'enough']]]);
  });

  it('ends an attempt whose URL is still unknown', async () => {
    const { ws, log } = create({}, () => new Promise(() => {}));
    ws.close();
    await turn();
    expect([ws.state, log]).toEqual(['closed', ['close']]);
  });

  it('by the function that is asked for the URL is final, whatever that throws then', async () => {
    const { ws, log } = create({}, async () => {
      await turn();
      ws.close();
      throw new Error('signed out');
    });
    await turn();
    await turn();
    expect([ws.state, vi.getTimerCount()]).toEqual(['closed', 0]);
    expect(log.at(-1)).toBe('close');
    expect(FakeWebSocket.made).toEqual([]);
  });

  it('is final where it had given up, and without effect before', () => {
    const { ws } = create({ maxRetries: 0 });
    FakeWebSocket.last.end();
    ws.close();
    ws.close();
    ws.send('lost');
    expect([ws.state, ws.bufferedAmount]).toEqual(['closed', 0]);
    const idle = create({ startClosed: true }).ws;
    idle.close();
    expect(idle.state).toBe('idle');
  });
});

describe('reconnect()', () => {
  it('replaces a connection', () => {
    const { ws, log } = create();
    FakeWebSocket.last.open();
    const [first] = FakeWebSocket.made;
    log.length = 0;
    ws.reconnect();
    expect([first!.closedWith, ws.state, log]).toEqual([[4499], 'reconnecting', ['close', 'disconnected']]);
    first!.end();
    FakeWebSocket.last.open();
    expect([ws.state, FakeWebSocket.made.length]).toEqual(['connected', 2]);
  });

  it('ends the waiting', () => {
    const { ws } = create();
    FakeWebSocket.last.end();
    ws.reconnect();
    expect([FakeWebSocket.made.length, ws.retryCount]).toEqual([2, 0]);
    vi.advanceTimersByTime(1000);
    expect(FakeWebSocket.made.length).toBe(2);
  });
});

describe('the signal', () => {
  it('closes for good', () => {
    const stop = new AbortController();
    const { ws } = create({ signal: stop.signal });
    FakeWebSocket.last.open();
    stop.abort();
    expect(ws.state).toBe('closing');
    FakeWebSocket.last.end(1005);
    ws.reconnect();
    expect([ws.state, FakeWebSocket.made.length]).toEqual(['closed', 1]);
  });

  it('keeps from beginning', () => {
    expect(create({ signal: AbortSignal.abort() }).ws.state).toBe('closed');
    expect(FakeWebSocket.made).toEqual([]);
  });
});

describe('the heartbeat', () => {
  it('finds a connection that is dead', () => {
    const { ws, log } = create({ heartbeat: { intervalMs: 100, timeoutMs: 10, message: 'ping' } });
    FakeWebSocket.last.open();
    vi.advanceTimersByTime(100);
    FakeWebSocket.last.receive('pong');
    vi.advanceTimersByTime(110);
    expect(FakeWebSocket.last.sent).toEqual(['ping', 'ping']);
    expect([ws.state, log.slice(-3)]).toEqual(['connected', ['open', 'connected', 'message']]);
    vi.advanceTimersByTime(10);
    expect([ws.state, log.slice(-3)]).toEqual(['reconnecting', ['close', 'disconnected', 'reconnecting']]);
    expect(FakeWebSocket.last.closedWith).toEqual([4499]);
    ws.close();
  });
});

describe('messages by type', () => {
  type Messages = { chat: { text: string }; toString: { n: number } };

  it('reach who listens to them, typed', () => {
    const ws = new ReconnectingWebSocket<Messages>('ws://a', [], { WebSocket: FakeWebSocket });
    FakeWebSocket.last.open();
    const texts: string[] = [];
    const stop = ws.on('chat', (message) => {
      expectTypeOf(message.text).toBeString();
      expectTypeOf(message.type).toEqualTypeOf<'chat'>();
      texts.push(message.text);
    });
    // @ts-expect-error There is no such message.
    ws.on('other', () => {});
    for (const text of [
      '{"type":"chat","text":"a"}',
      'no JSON',
      'null',
      '{"type":7}',
      '{"type":"toString"}',
    ]) {
      FakeWebSocket.last.receive(text);
    }
    FakeWebSocket.last.receive(new ArrayBuffer(1));
    stop();
    FakeWebSocket.last.receive('{"type":"chat","text":"b"}');
    expect(texts).toEqual(['a']);
  });

  it('can’t be taken for what happens to the connection', () => {
    const { ws } = create();
    const onDisconnected = vi.fn();
    const stop = ws.on('disconnected', onDisconnected);
    ws.on('chat', () => {});
    FakeWebSocket.last.open();
    FakeWebSocket.last.receive('{"type":"disconnected"}');
    expect(onDisconnected).not.toHaveBeenCalled();
    FakeWebSocket.last.end(1001);
    expect(onDisconnected).toHaveBeenCalledOnce();
    stop();
    ws.close();
  });
});

describe('in a page', () => {
  const page = new EventTarget();
  const document = Object.assign(new EventTarget(), { visibilityState: 'visible' });
  const navigator = { onLine: true };
  const happen = (target: EventTarget, type: string) =>
    target.dispatchEvent(Object.assign(new Event(type), { persisted: true }));

  async function createInPage(options: ReconnectingOptions = {}) {
    vi.stubGlobal('addEventListener', page.addEventListener.bind(page));
    vi.stubGlobal('document', document);
    vi.stubGlobal('navigator', navigator);
    vi.resetModules();
    const { ReconnectingWebSocket: InPage } = await import('../../src/client/index.ts');
    return new InPage('ws://a', [], { WebSocket: FakeWebSocket, ...options });
  }

  it('comes back with the network, and does not count meanwhile', async () => {
    const ws = await createInPage({ maxRetries: 1 });
    const delays: unknown[] = [];
    ws.on('reconnecting', ({ attempt, delayMs }) => delays.push([attempt, delayMs]));
    FakeWebSocket.last.open();
    navigator.onLine = false;
    FakeWebSocket.last.end();
    vi.advanceTimersByTime(30_000);
    FakeWebSocket.last.end();
    navigator.onLine = true;
    happen(page, 'online');
    expect([delays, FakeWebSocket.made.length]).toEqual([
      [
        [0, 30_000],
        [0, 30_000],
      ],
      3,
    ]);
    ws.close();
  });

  it('keeps no connection while the page is put away', async () => {
    const ws = await createInPage();
    FakeWebSocket.last.open();
    happen(page, 'pagehide');
    expect([ws.state, FakeWebSocket.last.closedWith, vi.getTimerCount()]).toEqual([
      'reconnecting',
      [4499],
      0,
    ]);
    happen(document, 'freeze');
    happen(page, 'pageshow');
    FakeWebSocket.last.open();
    expect([ws.state, FakeWebSocket.made.length]).toEqual(['connected', 2]);
    happen(document, 'freeze');
    ws.close();
    expect(ws.state).toBe('closed');
    happen(document, 'resume');
    expect(FakeWebSocket.made.length).toBe(2);
  });

  it('does not wait on when the page is looked at, unless the server asked for time', async () => {
    const ws = await createInPage();
    FakeWebSocket.last.end();
    happen(document, 'visibilitychange');
    expect(FakeWebSocket.made.length).toBe(2);
    FakeWebSocket.last.open();
    FakeWebSocket.last.end(1013);
    happen(document, 'visibilitychange');
    happen(page, 'online');
    expect(FakeWebSocket.made.length).toBe(2);
    ws.close();
  });

  it('asks for a sign of life when the page is back, or the network is gone', async () => {
    const ws = await createInPage({ heartbeat: { message: 'ping' } });
    FakeWebSocket.last.open();
    happen(document, 'visibilitychange');
    expect(FakeWebSocket.last.sent).toEqual(['ping']);
    FakeWebSocket.last.receive('pong');
    vi.advanceTimersByTime(10_000);
    happen(page, 'offline');
    expect(FakeWebSocket.last.sent).toEqual(['ping', 'ping']);
    ws.close();
  });

  it('heeds none of it where it should not', async () => {
    const ws = await createInPage({ followPage: false });
    FakeWebSocket.last.open();
    happen(page, 'pagehide');
    expect(ws.state).toBe('connected');
    ws.close();
  });
});
