import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { type BinaryType, WebSocket } from '../../src/web/index.ts';
import { echo, startTestServer } from '../behaviour/engine.ts';
import { frame } from '../behaviour/raw-frames.ts';
import { serveRaw, upgradeResponse } from '../behaviour/raw-peer.ts';
import { makeCertificate } from '../e2e/certificate.ts';

/** A URL that no connection is made to: the port is blocked. */
const NOWHERE = 'ws://127.0.0.1:25/';

function nameOf(action: () => unknown): string | undefined {
  try {
    action();
  } catch (error) {
    return error instanceof DOMException ? error.name : String(error);
  }
  return undefined;
}

function eventOf(ws: WebSocket, type: string): Promise<Event> {
  return new Promise((resolve) => ws.addEventListener(type, resolve, { once: true }));
}

async function serveEcho(options: Parameters<typeof startTestServer>[0] = {}): Promise<string> {
  const server = await startTestServer(options);
  server.wss.on('connection', echo);
  return server.url;
}

async function openClient(url: string, ...rest: [protocols?: string[]]): Promise<WebSocket> {
  const ws = new WebSocket(url, ...rest);
  await eventOf(ws, 'open');
  return ws;
}

describe('the interface', () => {
  it('has constants on the class and its prototype', () => {
    for (const target of [WebSocket, WebSocket.prototype]) {
      ['CONNECTING', 'OPEN', 'CLOSING', 'CLOSED'].forEach((name, value) => {
        const descriptor = { value, enumerable: true, writable: false, configurable: false };
        expect(Object.getOwnPropertyDescriptor(target, name)).toEqual(descriptor);
      });
    }
  });

  it('has accessors that can be listed, and know their own', () => {
    const writable = ['onopen', 'onerror', 'onclose', 'onmessage', 'binaryType'];
    const readonly = ['url', 'readyState', 'bufferedAmount', 'extensions', 'protocol'];
    for (const name of [...writable, ...readonly]) {
      const { get, set, ...flags } = Object.getOwnPropertyDescriptor(WebSocket.prototype, name)!;
      expect(flags).toEqual({ enumerable: true, configurable: true });
      expect([get!.name, get!.length, set?.name]).toEqual([
        `get ${name}`,
        0,
        writable.includes(name) ? `set ${name}` : undefined,
      ]);
      expect(() => get!.call(new EventTarget())).toThrow(TypeError);
      if (set) expect(() => set.call(new EventTarget(), null)).toThrow(TypeError);
    }
  });

  it('has methods that can be listed, and know their own', () => {
    for (const [name, length] of [
      ['send', 1],
      ['close', 0],
    ] as const) {
      const { value, ...flags } = Object.getOwnPropertyDescriptor(WebSocket.prototype, name)!;
      expect(flags).toEqual({ enumerable: true, configurable: true, writable: true });
      expect([value.name, value.length]).toEqual([name, length]);
      expect(() => value.call(new EventTarget(), 'x')).toThrow(TypeError);
    }
  });

  it('is a class that extends EventTarget', () => {
    expect([WebSocket.name, WebSocket.length]).toEqual(['WebSocket', 1]);
    expect(Object.getPrototypeOf(WebSocket)).toBe(EventTarget);
    expect(() => (WebSocket as unknown as () => void)()).toThrow(TypeError);
    expect(String(new WebSocket(NOWHERE))).toBe('[object WebSocket]');
    expect(Object.keys(new WebSocket(NOWHERE))).toEqual([]);
  });
});

describe('the constructor', () => {
  it('begins in CONNECTING', () => {
    const ws = new WebSocket(NOWHERE);
    expect({ ...pick(ws) }).toEqual({
      url: NOWHERE,
      readyState: 0,
      bufferedAmount: 0,
      extensions: '',
      protocol: '',
      binaryType: 'blob',
      onopen: null,
      onerror: null,
      onclose: null,
      onmessage: null,
    });
  });

  it('converts its first argument to a string', () => {
    expect(new WebSocket(new URL(NOWHERE)).url).toBe(NOWHERE);
    expect(new WebSocket({ toString: () => 'http://127.0.0.1:25/x' } as unknown as string).url).toBe(
      `${NOWHERE}x`,
    );
    expect(new WebSocket(`${NOWHERE}\ud800`).url).toBe(`${NOWHERE}%EF%BF%BD`);
  });

  it('wants one argument', () => {
    expect(() => new (WebSocket as unknown as new () => WebSocket)()).toThrow(TypeError);
  });

  it.each(['/relative', 'ws://a/#f', 'ftp://a', ''])('refuses the URL %o', (url) => {
    expect(nameOf(() => new WebSocket(url))).toBe('SyntaxError');
  });

  it('resolves a relative URL where the environment has a location', () => {
    vi.stubGlobal('location', new URL('http://127.0.0.1:25/a/b'));
    onTestFinished(() => {
      vi.unstubAllGlobals();
    });
    expect(new WebSocket('c').url).toBe(`${NOWHERE}a/c`);
  });

  it('refuses an insecure connection of a secure page', () => {
    vi.stubGlobal('location', new URL('https://a.example'));
    onTestFinished(() => {
      vi.unstubAllGlobals();
    });
    expect(nameOf(() => new WebSocket('ws://b.example:25'))).toBe('SecurityError');
    expect(nameOf(() => new WebSocket(NOWHERE))).toBe(undefined);
  });

  it.each([[''], ['a b'], ['a,b'], ['ä'], ['a\u0000'], [['a', 'a']], [['echo', 'eCho']], [['a', '']]])(
    'refuses the subprotocols %o',
    (protocols) => {
      expect(nameOf(() => new WebSocket(NOWHERE, protocols))).toBe('SyntaxError');
    },
  );

  it('converts all arguments before it looks at them', () => {
    const failing = {
      [Symbol.iterator]() {
        throw new RangeError('mine');
      },
    };
    expect(() => new WebSocket('bad url', failing as unknown as string[])).toThrow(new RangeError('mine'));
  });
});

describe('events', () => {
  it('come from the engine: open, message, close', async () => {
    const ws = new WebSocket(await serveEcho({ handleProtocols: () => 'b' }), ['a', 'b']);
    const open = await eventOf(ws, 'open');
    expect([open.constructor, open.type, open.bubbles, open.cancelable]).toEqual([
      Event,
      'open',
      false,
      false,
    ]);
    expect([ws.readyState, ws.protocol, ws.extensions]).toEqual([1, 'b', '']);
    ws.send('text');
    const message = (await eventOf(ws, 'message')) as MessageEvent;
    expect(message).toBeInstanceOf(MessageEvent);
    expect([message.data, message.origin, message.lastEventId, message.source]).toEqual([
      'text',
      new URL(ws.url).origin,
      '',
      null,
    ]);
    ws.close(1000, 'done');
    const close = await eventOf(ws, 'close');
    expect(close).toMatchObject({ type: 'close', wasClean: true, code: 1000, reason: 'done' });
    expect(ws.readyState).toBe(3);
  });

  it('come over TLS, with options that are not of the standard', async () => {
    const { key, cert } = makeCertificate();
    const url = (await serveEcho({ tls: { key, cert } })).replace('ws:', 'wss:');
    const trusting = new WebSocket(url, { tls: { ca: cert } });
    expect((await eventOf(trusting, 'open')).type).toBe('open');
    expect(await eventOf(new WebSocket(url), 'close')).toMatchObject({ code: 1006 });
  });

  it('say which extensions the server accepted', async () => {
    const ws = await openClient(await serveEcho({ perMessageDeflate: true }));
    expect(ws.extensions).toMatch(/^permessage-deflate/);
    ws.send('x'.repeat(5000));
    expect((await eventOf(ws, 'message')) as MessageEvent).toMatchObject({ data: 'x'.repeat(5000) });
  });

  it('are an error and a close, in CLOSED, when the connection fails', async () => {
    const ws = new WebSocket(NOWHERE);
    const log: unknown[] = [];
    ws.onerror = (event) => log.push(event.constructor, ws.readyState);
    ws.onclose = ({ code, reason, wasClean }) => log.push(code, reason, wasClean);
    ws.onopen = () => log.push('open');
    await eventOf(ws, 'close');
    expect(log).toEqual([Event, 3, 1006, '', false]);
  });

  it('go to handlers and listeners in the order in which they were added', async () => {
    const ws = new WebSocket(NOWHERE);
    const log: number[] = [];
    ws.addEventListener('error', () => log.push(1));
    ws.onerror = () => log.push(0);
    ws.addEventListener('error', () => log.push(3));
    ws.onerror = function (this: unknown, event) {
      log.push(this === ws && event.target === ws ? 2 : -1);
    };
    await eventOf(ws, 'close');
    expect(log).toEqual([1, 2, 3]);
  });

  it('come one in a task: each message finds the handler that the one before has set', async () => {
    const server = await serveRaw((peer, head) => {
      const messages = ['a', 'b', 'c'].map((text) => frame(0x81, text, false));
      peer.socket.write(Buffer.concat([Buffer.from(upgradeResponse(head)), ...messages]));
    });
    onTestFinished(() => server.close());
    const ws = new WebSocket(server.url);
    const received: unknown[] = [];
    await eventOf(ws, 'open');
    for (let i = 0; i < 3; i++) received.push(((await eventOf(ws, 'message')) as MessageEvent).data);
    expect(received).toEqual(['a', 'b', 'c']);
  });

  it('do not depend on what a page puts in place of the attributes and methods', async () => {
    const ws = new WebSocket(NOWHERE);
    const closed = eventOf(ws, 'close');
    Object.defineProperty(ws, 'readyState', { get: () => 'mine' });
    Object.defineProperty(ws, 'dispatchEvent', { value: () => {} });
    expect((await closed).type).toBe('close');
  });
});

describe('binaryType', () => {
  it('takes its two values, and ignores others', () => {
    const ws = new WebSocket(NOWHERE);
    for (const [value, result] of [
      ['arraybuffer', 'arraybuffer'],
      ['nodebuffer', 'arraybuffer'],
      [{ toString: () => 'blob' }, 'blob'],
      ['Blob', 'blob'],
      [null, 'blob'],
    ] as const) {
      ws.binaryType = value as BinaryType;
      expect(ws.binaryType).toBe(result);
    }
  });

  it('counts when the message is handed over', async () => {
    const ws = await openClient(await serveEcho());
    ws.send(new Uint8Array([1, 2]));
    ws.send(new Uint8Array([3]));
    const first = (await eventOf(ws, 'message')) as MessageEvent;
    ws.binaryType = 'arraybuffer';
    const second = (await eventOf(ws, 'message')) as MessageEvent;
    expect(first.data).toBeInstanceOf(Blob);
    expect(new Uint8Array(await first.data.arrayBuffer())).toEqual(new Uint8Array([1, 2]));
    expect(second.data).toBeInstanceOf(ArrayBuffer);
    expect(new Uint8Array(second.data)).toEqual(new Uint8Array([3]));
  });
});

function pick(ws: WebSocket) {
  const { url, readyState, bufferedAmount, extensions, protocol, binaryType } = ws;
  const { onopen, onerror, onclose, onmessage } = ws;
  return {
    url,
    readyState,
    bufferedAmount,
    extensions,
    protocol,
    binaryType,
    onopen,
    onerror,
    onclose,
    onmessage,
  };
}
