import { EventEmitter } from 'node:events';
import { describe, expect, it } from 'vitest';
import * as wsNamespace from 'ws';
import * as hawserNamespace from '../../src/index.ts';
import { connect, decided, idleAgent, serveScript } from './client-peers.ts';
import { ENGINES } from './engines.ts';

const NAMESPACES = { ws: wsNamespace, hawser: hawserNamespace };

/** What Hawser has and `ws` has not. */
const BEYOND_WS = ['PreparedMessage'];

describe.each(ENGINES)('the module $name', (engine) => {
  const { module, WebSocket, WebSocketServer } = engine;
  const exported = (name: string): unknown => Reflect.get(module, name);
  const idle = () => connect(engine, 'ws://localhost', { agent: idleAgent().agent });

  it('is the class WebSocket', () => {
    expect(module).toBeTypeOf('function');
    expect(module.name).toBe('WebSocket');
    expect(connect(engine, 'ws://localhost', { agent: idleAgent().agent })).toBeInstanceOf(module);
  });

  it('has itself as WebSocket', () => {
    expect(exported('WebSocket')).toBe(module);
  });

  it('has WebSocketServer, as Server too', () => {
    expect(exported('WebSocketServer')).toBeTypeOf('function');
    expect(exported('Server')).toBe(exported('WebSocketServer'));
    expect(WebSocketServer.name).toBe('WebSocketServer');
  });

  it.each(['createWebSocketStream', 'Receiver', 'Sender', 'PerMessageDeflate'])('has %s', (name) => {
    expect(exported(name)).toBeTypeOf('function');
    expect(exported(name)).toHaveProperty('name', name);
  });

  it('has extension and subprotocol', () => {
    expect(exported('extension')).toEqual({ parse: expect.any(Function), format: expect.any(Function) });
    expect(exported('subprotocol')).toEqual({ parse: expect.any(Function) });
  });

  it('has these as named exports, and WebSocket as the default', () => {
    const namespace: Readonly<Record<string, unknown>> = { ...NAMESPACES[engine.name] };
    const names = Object.keys(namespace).filter(
      (name) => name !== 'module.exports' && !BEYOND_WS.includes(name),
    );
    expect(names.sort()).toEqual([
      'PerMessageDeflate',
      'Receiver',
      'Sender',
      'WebSocket',
      'WebSocketServer',
      'createWebSocketStream',
      'default',
      'extension',
      'subprotocol',
    ]);
    expect(namespace.default).toBe(WebSocket);
    for (const name of names) if (name !== 'default') expect(namespace[name]).toBe(exported(name));
  });

  it('has classes that need new', () => {
    expect(() => Reflect.apply(WebSocket, undefined, ['ws://localhost'])).toThrow(TypeError);
    expect(() => Reflect.apply(WebSocketServer, undefined, [{ noServer: true }])).toThrow(TypeError);
  });

  it('has classes to extend', async () => {
    class Mine extends WebSocket {
      readonly mine = true;
    }
    class MyServer extends WebSocketServer {
      readonly mine = true;
    }
    const { url } = await serveScript();
    const ws = connect({ ...engine, WebSocket: Mine }, url);
    expect(ws).toBeInstanceOf(Mine);
    expect(ws).toBeInstanceOf(WebSocket);
    expect(ws).toMatchObject({ mine: true, url });
    expect(await decided(ws)).toBe('open');
    const wss = new MyServer({ noServer: true });
    expect(wss).toBeInstanceOf(WebSocketServer);
    expect(wss.mine).toBe(true);
    wss.close();
  });

  describe.each([
    ['WebSocket', idle],
    ['WebSocketServer', () => new WebSocketServer({ noServer: true })],
  ])('%s', (_, create) => {
    it('is an EventEmitter', () => {
      const emitter: EventEmitter = create();
      expect(emitter).toBeInstanceOf(EventEmitter);
      expect(emitter.eventNames()).toEqual([]);
    });

    it('takes and drops listeners', () => {
      const emitter: EventEmitter = create();
      const seen: unknown[][] = [];
      const listener = (...args: unknown[]) => seen.push(args);
      expect(emitter.on('foo', listener)).toBe(emitter);
      expect(emitter.once('foo', listener)).toBe(emitter);
      expect(emitter.listenerCount('foo')).toBe(2);
      expect(emitter.listeners('foo')).toEqual([listener, listener]);
      expect(emitter.emit('foo', 1, 2)).toBe(true);
      expect(seen).toEqual([
        [1, 2],
        [1, 2],
      ]);
      expect(emitter.listeners('foo')).toEqual([listener]);
      expect(emitter.off('foo', listener)).toBe(emitter);
      expect(emitter.emit('foo')).toBe(false);
      emitter.prependListener('foo', listener).removeListener('foo', listener);
      emitter.on('foo', listener).removeAllListeners('foo');
      expect(emitter.eventNames()).toEqual([]);
    });

    it('calls listeners on itself', () => {
      const emitter: EventEmitter = create();
      const callers: unknown[] = [];
      emitter.on('foo', function (this: unknown) {
        callers.push(this);
      });
      emitter.emit('foo');
      expect(callers).toEqual([emitter]);
      expect(callers[0]).toBe(emitter);
    });

    it('throws an error that nobody listens for, when it is emitted from outside', () => {
      expect(() => create().emit('error', new Error('nobody'))).toThrow('nobody');
    });
  });

  describe('emit from outside', () => {
    it("gives 'message' to listeners of every kind", () => {
      const ws = idle();
      const seen: unknown[] = [];
      ws.on('message', (data, isBinary) => seen.push([data, isBinary]));
      ws.addEventListener('message', ({ data, type, target }) => seen.push([data, type, target === ws]));
      ws.onmessage = ({ data }) => seen.push(data);
      ws.emit('message', Buffer.from('foo'), false);
      expect(seen).toEqual([[Buffer.from('foo'), false], ['foo', 'message', true], 'foo']);
    });

    it("gives a binary 'message' as it is", () => {
      const ws = idle();
      const seen: unknown[] = [];
      ws.addEventListener('message', ({ data }) => seen.push(data));
      const data = Buffer.from('foo');
      ws.emit('message', data, true);
      expect(seen[0]).toBe(data);
    });

    it("gives 'error' to listeners of every kind", () => {
      const ws = idle();
      const seen: unknown[] = [];
      const error = new Error('mine');
      ws.on('error', (given) => seen.push(given));
      ws.addEventListener('error', (event) => seen.push([event.error, event.message, event.type]));
      ws.onerror = (event) => seen.push(event.error);
      ws.emit('error', error);
      expect(seen).toEqual([error, [error, 'mine', 'error'], error]);
    });

    it("gives 'close' to listeners of every kind", () => {
      const ws = idle();
      const seen: unknown[] = [];
      ws.on('close', (code, reason) => seen.push([code, reason]));
      ws.addEventListener('close', ({ code, reason, wasClean, type }) =>
        seen.push([code, reason, wasClean, type]),
      );
      ws.onclose = ({ code }) => seen.push(code);
      ws.emit('close', 1000, Buffer.from('why'));
      expect(seen).toEqual([[1000, Buffer.from('why')], [1000, 'why', false, 'close'], 1000]);
    });

    it("gives 'open' to listeners of every kind, and changes no state", () => {
      const ws = idle();
      const seen: unknown[] = [];
      ws.on('open', () => seen.push('on'));
      ws.addEventListener('open', ({ type, target }) => seen.push([type, target === ws]));
      ws.onopen = () => seen.push('onopen');
      ws.emit('open');
      expect(seen).toEqual(['on', ['open', true], 'onopen']);
      expect(ws.readyState).toBe(WebSocket.CONNECTING);
    });
  });
});
