import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { ReconnectingWebSocket } from '../../src/client/index.ts';

/** A WebSocket of React Native's shape: a third parameter, events that are bare objects, no `extensions`. */
class NativeWebSocket {
  static made: NativeWebSocket[] = [];
  readonly sent: unknown[] = [];
  readonly url: string;
  readonly arguments: unknown[];
  readyState = 0;
  protocol = undefined;
  bufferedAmount = undefined;
  binaryType = '';
  onopen: unknown = null;
  onmessage: unknown = null;
  onerror: unknown = null;
  onclose: unknown = null;

  constructor(url: string, protocols?: string | string[], options?: { headers?: object }) {
    NativeWebSocket.made.push(this);
    this.url = url;
    this.arguments = [protocols, options];
  }

  send(data: unknown): void {
    this.sent.push(data);
  }

  close(): void {
    this.readyState = 2;
  }

  tell(type: 'open' | 'message' | 'error' | 'close', event: object): void {
    (this[`on${type}`] as (event: object) => void)({ type, ...event });
  }
}

/** Its Blob takes strings and Blobs only. */
class NativeBlob extends Blob {
  constructor(parts: unknown[] = []) {
    if (parts.some((part) => typeof part !== 'string' && !(part instanceof Blob))) {
      throw new Error("Creating blobs from 'ArrayBuffer' and 'ArrayBufferView' are not supported");
    }
    super(parts as string[]);
  }
}

beforeEach(() => {
  vi.stubGlobal('WebSocket', NativeWebSocket);
  vi.stubGlobal('Blob', NativeBlob);
  vi.stubGlobal('MessageEvent', undefined);
  vi.stubGlobal('CloseEvent', undefined);
  vi.stubGlobal('navigator', { product: 'ReactNative' });
});
afterEach(() => {
  NativeWebSocket.made = [];
  vi.unstubAllGlobals();
});

it('keeps text and bytes for the connection, and has what the standard has', () => {
  const ws = new ReconnectingWebSocket('ws://a');
  ws.send('ä');
  ws.send(Uint8Array.of(1, 2, 3));
  ws.send(new ArrayBuffer(4));
  ws.send(new Blob(['b']));
  expect(ws.bufferedAmount).toBe(2 + 3 + 4 + 1);
  const [socket] = NativeWebSocket.made;
  expect(socket!.arguments).toEqual([[], undefined]);
  socket!.readyState = 1;
  socket!.tell('open', {});
  expect(socket!.sent).toEqual(['ä', Uint8Array.of(1, 2, 3), new Uint8Array(4), new Blob(['b'])]);
  expect([ws.protocol, ws.extensions, ws.bufferedAmount]).toEqual(['', '', 0]);
  const got: unknown[] = [];
  ws.onmessage = ({ data }) => got.push(data);
  socket!.tell('message', { data: 'hello' });
  expect(got).toEqual(['hello']);
  ws.close();
});

it.each([
  [1006, false],
  [1000, true],
])('says whether %i was clean, which is not said there', (code, isClean) => {
  const ws = new ReconnectingWebSocket('ws://a', [], { shouldReconnect: () => false });
  const [socket] = NativeWebSocket.made;
  socket!.readyState = 1;
  socket!.tell('open', {});
  const got: unknown[] = [];
  ws.addEventListener('close', (event) => got.push(event.code, event.reason, event.wasClean));
  ws.on('disconnected', ({ wasClean }) => got.push(wasClean));
  socket!.readyState = 3;
  socket!.tell('close', { code });
  expect(got).toEqual([code, '', isClean, isClean]);
});
