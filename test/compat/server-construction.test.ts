import { EventEmitter, once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, createServer as createNetServer } from 'node:net';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { ServerOptions } from 'ws';
import { difference } from './differences.ts';
import { ENGINES } from './engines.ts';
import { attempt, serve, stop } from './served.ts';

const MODES = 'One and only one of the "port", "server", or "noServer" options must be specified';

/** What is refused with a window that zlib does not have. */
const WINDOWS: ServerOptions['perMessageDeflate'][] = [
  { serverMaxWindowBits: 7 },
  { serverMaxWindowBits: 16 },
  { clientMaxWindowBits: 7 },
  { clientMaxWindowBits: 8.5 },
];

describe.each(ENGINES)('new WebSocketServer of $name', ({ name, WebSocket, WebSocketServer }) => {
  it.each<[string, ServerOptions | undefined]>([
    ['no argument', undefined],
    ['no options', {}],
    ['nothing of it on', { noServer: false, server: undefined, port: undefined }],
    ['port and server', { port: 0, server: createServer() }],
    ['port and noServer', { port: 0, noServer: true }],
    ['server and noServer', { server: createServer(), noServer: true }],
    ['all three', { port: 0, server: createServer(), noServer: true }],
    ['port null', { port: null as never }],
  ])('throws for %s', (_what, options) => {
    expect(() => new WebSocketServer(options)).toThrow(new TypeError(MODES));
  });

  it('is an EventEmitter, and the class has its other names', () => {
    const wss = new WebSocketServer({ noServer: true });
    expect(wss).toBeInstanceOf(EventEmitter);
    const statics = WebSocket as unknown as Record<string, unknown>;
    expect(statics.Server).toBe(WebSocketServer);
    expect(statics.WebSocketServer).toBe(WebSocketServer);
    expect(WebSocketServer.name).toBe('WebSocketServer');
    const listener = vi.fn();
    wss.on('connection', listener);
    wss.emit('connection', 'a', 'b');
    expect(listener).toHaveBeenCalledExactlyOnceWith('a', 'b');
  });

  it('shows its options, and leaves those that it was given alone', () => {
    const given: ServerOptions = { noServer: true, path: '/chat', maxPayload: 5 };
    const copy = { ...given };
    const wss = new WebSocketServer(given);
    expect(given).toEqual(copy);
    expect(wss.options).not.toBe(given);
    expect(wss.options).toMatchObject(given);
  });

  it(`has the options that were not given; ${difference('fragment-limits')}`, () => {
    const options = new WebSocketServer({ noServer: true }).options as Record<string, unknown>;
    expect(options).toMatchObject({
      allowSynchronousEvents: true,
      autoPong: true,
      clientTracking: true,
      closeTimeout: 30_000,
      maxPayload: 100 * 1024 * 1024,
      maxPendingAutoPongs: 60,
      perMessageDeflate: false,
      skipUTF8Validation: false,
      WebSocket,
    });
    for (const off of ['backlog', 'handleProtocols', 'host', 'path', 'port', 'server', 'verifyClient']) {
      expect(options[off] ?? null).toBeNull();
    }
    const limits = name === 'ws' ? [262_144, 16_384] : [0, 0];
    expect([options.maxBufferedChunks, options.maxFragments]).toEqual(limits);
  });

  it('shows perMessageDeflate as an object where it is on', () => {
    const given = { threshold: 5 };
    expect(
      new WebSocketServer({ noServer: true, perMessageDeflate: true }).options.perMessageDeflate,
    ).toEqual({});
    expect(new WebSocketServer({ noServer: true, perMessageDeflate: given }).options.perMessageDeflate).toBe(
      given,
    );
  });

  it.each(WINDOWS)(`${difference('deflate-window')}: %j`, (perMessageDeflate) => {
    const create = () => new WebSocketServer({ noServer: true, perMessageDeflate });
    if (name === 'ws') expect(create).not.toThrow();
    else expect(create).toThrow(RangeError);
  });

  it(difference('undefined-options'), () => {
    const wss = new WebSocketServer({ noServer: true, clientTracking: undefined });
    if (name === 'ws') expect(wss.clients).toBeUndefined();
    else expect(wss.clients).toEqual(new Set());
  });

  it('has no clients at first', () => {
    expect(new WebSocketServer({ noServer: true }).clients).toEqual(new Set());
    expect(new WebSocketServer({ noServer: true, clientTracking: false }).clients).toBeUndefined();
  });

  it('calls back when its own server listens, before the listeners of "listening"', async () => {
    const order: string[] = [];
    const wss = new WebSocketServer({ port: 0, host: '127.0.0.1' }, () => order.push('callback'));
    onTestFinished(() => stop(wss));
    wss.on('listening', () => order.push('listening'));
    expect(order).toEqual([]);
    await once(wss, 'listening');
    expect(order).toEqual(['callback', 'listening']);
    expect(wss.clients.size).toBe(0);
  });

  it.each(['server', 'noServer'] as const)('does not call back with %s', async (mode) => {
    const callback = vi.fn();
    const http = createServer();
    const wss = new WebSocketServer(mode === 'server' ? { server: http } : { noServer: true }, callback);
    onTestFinished(() => stop(wss, http));
    http.listen(0, '127.0.0.1');
    await once(http, 'listening');
    expect(callback).not.toHaveBeenCalled();
  });

  it('listens on all addresses by default, and on a port as a string too', async () => {
    const wss = new WebSocketServer({ port: '0' as unknown as number });
    onTestFinished(() => stop(wss));
    await once(wss, 'listening');
    const address = wss.address() as AddressInfo;
    expect(['::', '0.0.0.0']).toContain(address.address);
    expect(await attempt(`ws://127.0.0.1:${address.port}`)).toEqual(['open', '']);
  });

  it('listens on the host and with the backlog that are given', async () => {
    const listen = vi.spyOn(createNetServer().constructor.prototype, 'listen');
    onTestFinished(() => void listen.mockRestore());
    const wss = new WebSocketServer({ port: 0, host: '127.0.0.1', backlog: 7 });
    onTestFinished(() => stop(wss));
    expect(listen.mock.calls[0]!.slice(0, 3)).toEqual([0, '127.0.0.1', 7]);
    await once(wss, 'listening');
    expect(wss.address()).toMatchObject({ address: '127.0.0.1', family: 'IPv4' });
  });

  it.each([65_536, -1, 1.5])('throws for the port %d', (port) => {
    expect(() => new WebSocketServer({ port })).toThrow(
      expect.objectContaining({ name: 'RangeError', code: 'ERR_SOCKET_BAD_PORT' }),
    );
  });

  it('emits "error" when its port is taken, and does not call back', async () => {
    const taken = createNetServer().listen(0, '127.0.0.1');
    onTestFinished(() => void taken.close());
    await once(taken, 'listening');
    const { port } = taken.address() as AddressInfo;
    const callback = vi.fn();
    const wss = new WebSocketServer({ port, host: '127.0.0.1' }, callback);
    const [error] = await once(wss, 'error');
    expect(error).toMatchObject({ code: 'EADDRINUSE', port });
    expect(callback).not.toHaveBeenCalled();
    expect(wss.address()).toBeNull();
    const closed = new Promise<unknown[]>((resolve) => wss.close((...args) => resolve(args)));
    expect(await closed).toEqual([]);
  });
});

describe.each(ENGINES)('address() of $name', (engine) => {
  const { WebSocketServer } = engine;

  it('is that of its own server, from "listening" to close()', async () => {
    const { wss, port } = await serve(engine);
    expect(wss.address()).toEqual({ address: '127.0.0.1', family: 'IPv4', port });
    const closed = once(wss, 'close');
    wss.close();
    expect(wss.address()).toBeNull();
    await closed;
    expect(wss.address()).toBeNull();
  });

  it('is that of the given server, and null after close(), though the server goes on', async () => {
    const { wss, http } = await serve(engine, {}, 'server');
    expect(wss.address()).toEqual(http!.address());
    wss.close();
    expect(wss.address()).toBeNull();
    expect(http!.address()).not.toBeNull();
  });

  it('is null as long as the given server does not listen', () => {
    expect(new WebSocketServer({ server: createServer() }).address()).toBeNull();
  });

  it('throws with noServer, also after close()', async () => {
    const wss = new WebSocketServer({ noServer: true });
    const message = 'The server is operating in "noServer" mode';
    expect(() => wss.address()).toThrow(new Error(message));
    await new Promise((resolve) => wss.close(resolve));
    expect(() => wss.address()).toThrow(new Error(message));
  });
});
