import { EventEmitter } from 'node:events';
import { describe, expect, it } from 'vitest';
import { type CompatSocket, ENGINES, type Engine } from './connection-pair.ts';

const TYPES = ['open', 'error', 'close', 'message'] as const;
type Type = (typeof TYPES)[number];

/** What a connection emits. */
const EMITTED: Record<Type, unknown[]> = {
  open: [],
  error: [new Error('broken')],
  close: [1000, Buffer.from('bye')],
  message: [Buffer.from('hello'), false],
};

/** An instance without a connection: the tests emit by hand. */
function detached({ WebSocket }: Engine): CompatSocket {
  return new WebSocket(null, undefined, {});
}

function fire(socket: CompatSocket, type: Type): void {
  socket.emit(type, ...EMITTED[type]);
}

describe.each(ENGINES)('$name', (engine) => {
  describe.each(TYPES)('on%s', (type) => {
    const attribute = `on${type}` as const;

    it('is null by default', () => {
      expect(detached(engine)[attribute]).toBeNull();
    });

    it('is the function that was set', () => {
      const socket = detached(engine);
      const handler = () => {};
      socket[attribute] = handler;
      expect(socket[attribute]).toBe(handler);
      expect(socket.listenerCount(type)).toBe(1);
    });

    it('replaces the former', () => {
      const socket = detached(engine);
      const calls: string[] = [];
      socket[attribute] = () => calls.push('first');
      socket[attribute] = () => calls.push('second');
      fire(socket, type);
      expect(calls).toEqual(['second']);
      expect(socket.listenerCount(type)).toBe(1);
    });

    it('comes behind the listeners that were there when it replaces another', () => {
      const socket = detached(engine);
      const calls: string[] = [];
      socket[attribute] = () => calls.push('first');
      socket.on(type, () => calls.push('listener'));
      socket[attribute] = () => calls.push('second');
      fire(socket, type);
      expect(calls).toEqual(['listener', 'second']);
    });

    it.each([null, undefined, 'foo', 1, {}, { handleEvent() {} }])('is cleared by %j', (value) => {
      const socket = detached(engine);
      socket[attribute] = () => {};
      socket[attribute] = value;
      expect(socket[attribute]).toBeNull();
      expect(socket.listenerCount(type)).toBe(0);
    });

    it('is not what on() or addEventListener() added', () => {
      const socket = detached(engine);
      socket.on(type, () => {});
      socket.addEventListener(type, () => {});
      expect(socket[attribute]).toBeNull();
    });

    it('leaves what on() and addEventListener() added', () => {
      const socket = detached(engine);
      const calls: string[] = [];
      socket.on(type, () => calls.push('on'));
      socket.addEventListener(type, () => calls.push('addEventListener'));
      socket[attribute] = () => calls.push('handler');
      socket[attribute] = null;
      fire(socket, type);
      expect(calls).toEqual(['on', 'addEventListener']);
    });

    it('is called with the socket as this', () => {
      const socket = detached(engine);
      const seen: unknown[] = [];
      socket[attribute] = function (this: unknown) {
        seen.push(this);
      };
      fire(socket, type);
      expect(seen).toEqual([socket]);
      expect(seen[0]).toBe(socket);
    });

    it('can be set while its event is told, for the next time', () => {
      const socket = detached(engine);
      const calls: string[] = [];
      socket[attribute] = () => {
        calls.push('first');
        socket[attribute] = () => calls.push('second');
      };
      fire(socket, type);
      fire(socket, type);
      expect(calls).toEqual(['first', 'second']);
    });

    it.each([true, false])(
      'is another listener than the same function added (handler first: %s)',
      (first) => {
        const socket = detached(engine);
        let calls = 0;
        const listener = () => {
          calls++;
        };
        if (first) socket[attribute] = listener;
        socket.addEventListener(type, listener);
        if (!first) socket[attribute] = listener;
        fire(socket, type);
        expect([calls, socket.listenerCount(type), socket[attribute]]).toEqual([2, 2, listener]);
      },
    );
  });

  describe.each(TYPES)('addEventListener(%j)', (type) => {
    it('adds the same listener once', () => {
      const socket = detached(engine);
      const listener = () => {};
      socket.addEventListener(type, listener);
      socket.addEventListener(type, listener);
      socket.addEventListener(type, listener, { once: true });
      expect(socket.listenerCount(type)).toBe(1);
    });

    it('adds the same object once, and another beside it', () => {
      const socket = detached(engine);
      const listener = { handleEvent() {} };
      socket.addEventListener(type, listener);
      socket.addEventListener(type, listener);
      socket.addEventListener(type, { handleEvent() {} });
      expect(socket.listenerCount(type)).toBe(2);
    });

    it('adds a listener that on() has added too', () => {
      const socket = detached(engine);
      const listener = () => {};
      socket.on(type, listener);
      socket.addEventListener(type, listener);
      expect(socket.listenerCount(type)).toBe(2);
    });

    it('calls a function with the socket as this', () => {
      const socket = detached(engine);
      const seen: unknown[] = [];
      socket.addEventListener(type, function (this: unknown) {
        seen.push(this);
      });
      fire(socket, type);
      expect(seen[0]).toBe(socket);
    });

    it('calls handleEvent with the object as this, as it is by then', () => {
      const socket = detached(engine);
      const seen: unknown[] = [];
      const listener = { handleEvent: (): unknown => seen.push('the first') };
      socket.addEventListener(type, listener);
      listener.handleEvent = function (this: unknown) {
        return seen.push(this);
      };
      fire(socket, type);
      expect(seen).toHaveLength(1);
      expect(seen[0]).toBe(listener);
    });

    it.each(['function', 'object'])('with once has removed a %s by the time it runs', (kind) => {
      const socket = detached(engine);
      const counts: number[] = [];
      const count = () => counts.push(socket.listenerCount(type));
      socket.addEventListener(type, kind === 'function' ? count : { handleEvent: count }, { once: true });
      expect(socket.listenerCount(type)).toBe(1);
      fire(socket, type);
      // An 'error' without listeners would be thrown.
      socket.on(type, () => {});
      fire(socket, type);
      expect(counts).toEqual([0]);
    });

    it('takes once for any value that is true', () => {
      const socket = detached(engine);
      let calls = 0;
      socket.on(type, () => {});
      socket.addEventListener(type, () => calls++, { once: 1 as unknown as boolean });
      fire(socket, type);
      fire(socket, type);
      expect(calls).toBe(1);
    });

    it('calls listeners of all kinds in the order in which they came', () => {
      const socket = detached(engine);
      const calls: number[] = [];
      socket.addEventListener(type, () => calls.push(1));
      socket.on(type, () => calls.push(2));
      socket[`on${type}`] = () => calls.push(3);
      socket.addEventListener(type, { handleEvent: () => calls.push(4) });
      socket.prependListener(type, () => calls.push(0));
      fire(socket, type);
      expect(calls).toEqual([0, 1, 2, 3, 4]);
    });
  });

  it.each(['ping', 'pong', 'upgrade', 'redirect', 'unexpected-response', 'foo', 'toString'])(
    'addEventListener adds nothing for %s',
    (type) => {
      const socket = detached(engine);
      socket.addEventListener(type, () => {});
      expect(socket.listenerCount(type)).toBe(0);
    },
  );

  it('addEventListener tells newListener as on() does', () => {
    const socket = detached(engine);
    const types: string[] = [];
    socket.on('newListener', (type) => types.push(type));
    socket.addEventListener('open', () => {});
    socket.onmessage = () => {};
    expect(types).toEqual(['open', 'message']);
  });

  describe.each(TYPES)('removeEventListener(%j)', (type) => {
    it.each([false, true])('removes what addEventListener added (once: %s)', (once) => {
      const socket = detached(engine);
      const listener = () => {};
      const other = { handleEvent() {} };
      socket.addEventListener(type, listener, { once });
      socket.addEventListener(type, other, { once });
      socket.removeEventListener(type, listener);
      expect(socket.listenerCount(type)).toBe(1);
      socket.removeEventListener(type, other);
      expect(socket.listenerCount(type)).toBe(0);
    });

    it('leaves what on() added, and the handler', () => {
      const socket = detached(engine);
      const listener = () => {};
      socket.on(type, listener);
      socket[`on${type}`] = listener;
      socket.addEventListener(type, listener);
      socket.removeEventListener(type, listener);
      socket.removeEventListener(type, listener);
      expect(socket.listeners(type)).toHaveLength(2);
      expect(socket.listeners(type)[0]).toBe(listener);
      expect(socket[`on${type}`]).toBe(listener);
    });

    it('has no effect on what was never added', () => {
      const socket = detached(engine);
      socket.addEventListener(type, () => {});
      socket.removeEventListener(type, () => {});
      socket.removeEventListener('ping', () => {});
      expect(socket.listenerCount(type)).toBe(1);
    });

    it('lets a listener be added again', () => {
      const socket = detached(engine);
      const listener = () => {};
      socket.addEventListener(type, listener);
      socket.removeEventListener(type, listener);
      socket.addEventListener(type, listener);
      expect(socket.listenerCount(type)).toBe(1);
    });
  });

  describe('as an EventEmitter', () => {
    it('is one', () => {
      expect(detached(engine)).toBeInstanceOf(EventEmitter);
    });

    it('has the functions of on() and once() themselves in listeners()', () => {
      const socket = detached(engine);
      const listener = () => {};
      const another = () => {};
      socket.on('open', listener);
      socket.once('open', another);
      expect(socket.listeners('open')).toEqual([listener, another]);
    });

    it('has listeners of all kinds in listeners()', () => {
      const socket = detached(engine);
      socket.on('message', () => {});
      socket.onmessage = () => {};
      socket.addEventListener('message', () => {});
      expect(socket.listeners('message')).toHaveLength(3);
    });

    it('removes listeners of all kinds by removeAllListeners()', () => {
      const socket = detached(engine);
      socket.onclose = () => {};
      socket.addEventListener('close', () => {});
      socket.removeAllListeners('close');
      expect(socket.onclose).toBeNull();
      expect(socket.listenerCount('close')).toBe(0);
    });

    it('throws an error that nobody listens to, when it is emitted from outside', () => {
      const error = new Error('broken');
      expect(() => detached(engine).emit('error', error)).toThrow(error);
    });
  });
});
