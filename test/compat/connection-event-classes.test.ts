import { describe, expect, it } from 'vitest';
import { type CompatSocket, ENGINES, type Engine, openPair } from './connection-pair.ts';

type Fields = Record<string, unknown>;
type EventClass = (new (type?: unknown, init?: object) => Fields) & { readonly prototype: object };

/** What a listener for `type` gets when the arguments are emitted. */
function eventOf(engine: Engine, type: string, ...emitted: unknown[]): Fields {
  const socket = new engine.WebSocket(null, undefined, {});
  return eventAt(socket, type, () => socket.emit(type, ...emitted))!;
}

function eventAt(socket: CompatSocket, type: string, run: () => void): Fields | undefined {
  let event: Fields | undefined;
  socket.addEventListener(type, (told: Fields) => {
    event = told;
  });
  run();
  return event;
}

/** The classes are exported by neither, but every event knows its own. */
function classesOf(engine: Engine): Record<'open' | 'message' | 'close' | 'error', EventClass> {
  const classOf = (event: Fields) => event.constructor as EventClass;
  return {
    open: classOf(eventOf(engine, 'open')),
    message: classOf(eventOf(engine, 'message', Buffer.alloc(0), true)),
    close: classOf(eventOf(engine, 'close', 1000, Buffer.alloc(0))),
    error: classOf(eventOf(engine, 'error', new Error('broken'))),
  };
}

/** Resolves with the next event of a type. */
function told(socket: CompatSocket, type: string): Promise<Fields> {
  return new Promise((resolve) => socket.addEventListener(type, resolve, { once: true }));
}

describe.each(ENGINES)('$name', (engine) => {
  const classes = classesOf(engine);

  describe('the classes', () => {
    it.each(['message', 'close', 'error'] as const)('of %s inherits from that of open', (type) => {
      expect(Object.getPrototypeOf(classes[type])).toBe(classes.open);
      expect(classes[type].prototype).toBeInstanceOf(classes.open);
    });

    it('are called as in browsers', () => {
      expect(Object.values(classes).map(({ name }) => name)).toEqual([
        'Event',
        'MessageEvent',
        'CloseEvent',
        'ErrorEvent',
      ]);
    });

    it.each([
      ['open', 'target'],
      ['open', 'type'],
      ['message', 'data'],
      ['close', 'code'],
      ['close', 'reason'],
      ['close', 'wasClean'],
      ['error', 'error'],
      ['error', 'message'],
    ] as const)('has for %s the getter %s', (type, property) => {
      expect(Object.getOwnPropertyDescriptor(classes[type].prototype, property)).toEqual({
        get: expect.any(Function),
        set: undefined,
        enumerable: true,
        configurable: true,
      });
    });

    it.each([
      ['open', {}],
      ['message', { data: null }],
      ['close', { code: 0, reason: '', wasClean: false }],
      ['error', { error: null, message: '' }],
    ] as const)('has the defaults of %s', (type, defaults) => {
      const expected = { type: 'foo', target: null, ...defaults };
      expect(new classes[type]('foo')).toMatchObject(expected);
      expect(new classes[type]('foo', {})).toMatchObject(expected);
      const unset = Object.fromEntries(Object.keys(defaults).map((key) => [key, undefined]));
      expect(new classes[type]('foo', unset)).toMatchObject(expected);
    });

    it.each([
      ['message', { data: 'hello' }],
      ['message', { data: undefined }, { data: null }],
      ['close', { code: 4000, reason: 'bye', wasClean: true }],
      ['error', { error: new Error('a'), message: 'b' }],
      ['error', { error: 'not an error', message: '' }],
    ] as const)('makes %s of %o', (type, init, expected: object = init) => {
      expect(new classes[type](type, init)).toMatchObject(expected);
    });

    it('do not take the target, nor the fields of others', () => {
      const event = new classes.open('open', { target: 1, data: 2 });
      expect([event.target, event.data]).toEqual([null, undefined]);
    });
  });

  describe('an event', () => {
    it.each([
      ['open', []],
      ['message', [Buffer.alloc(0), true]],
      ['close', [1000, Buffer.alloc(0)]],
      ['error', [new Error('broken')]],
    ])('of %s has its type and the socket', (type, emitted) => {
      const socket = new engine.WebSocket(null, undefined, {});
      const event = eventAt(socket, type, () => socket.emit(type, ...emitted))!;
      expect(event.type).toBe(type);
      expect(event.target).toBe(socket);
    });

    it('cannot be changed', () => {
      const event = eventOf(engine, 'close', 1000, Buffer.alloc(0));
      for (const name of ['type', 'target', 'code', 'reason', 'wasClean']) {
        expect(() => Object.assign(event, { [name]: 1 })).toThrow(TypeError);
      }
    });

    it.each([Buffer.from('a'), new ArrayBuffer(2), [Buffer.from('a')], new Blob(['a'])])(
      'of a binary message has the data themselves: %o',
      (data) => {
        expect(eventOf(engine, 'message', data, true).data).toBe(data);
      },
    );

    it('of a text message has a string', () => {
      expect(eventOf(engine, 'message', Buffer.from('grüße'), false).data).toBe('grüße');
    });

    it('of an end has code, and reason as a string', () => {
      expect(eventOf(engine, 'close', 4000, Buffer.from('tschüß'))).toMatchObject({
        code: 4000,
        reason: 'tschüß',
        wasClean: false,
      });
    });

    it('of an error has it, and its message', () => {
      const error = new Error('broken');
      expect(eventOf(engine, 'error', error)).toMatchObject({ error, message: 'broken' });
    });

    it('of an error without a message has an empty one', () => {
      expect(eventOf(engine, 'error', {})).toMatchObject({ error: {}, message: '' });
    });
  });

  describe('on a connection', () => {
    it('open tells the socket', async () => {
      const { client } = await openPair(engine);
      // 'open' of the pair is over; the next client's is listened to.
      const another = new engine.WebSocket(client.url!);
      const event = await told(another, 'open');
      expect(event.target).toBe(another);
      expect(event.constructor.name).toBe('Event');
    });

    it.each(['nodebuffer', 'arraybuffer', 'fragments', 'blob'])('text is a string with %s', async (type) => {
      const { client, server } = await openPair(engine);
      client.binaryType = type;
      const message = told(client, 'message');
      server.send('hello');
      expect((await message).data).toBe('hello');
    });

    it.each([
      ['nodebuffer', Buffer],
      ['arraybuffer', ArrayBuffer],
      ['fragments', Array],
      ['blob', Blob],
    ])('binary is of the type %s', async (type, expected) => {
      const { client, server } = await openPair(engine);
      client.binaryType = type;
      const message = told(client, 'message');
      server.send(Buffer.from('hello'));
      expect((await message).data).toBeInstanceOf(expected);
    });

    it.each([
      [[], { code: 1005, reason: '', wasClean: true }],
      [[1000], { code: 1000, reason: '', wasClean: true }],
      [[4000, 'some reason'], { code: 4000, reason: 'some reason', wasClean: true }],
    ])('a close(...%j) is clean on both sides', async (args, expected) => {
      const { client, server } = await openPair(engine);
      const ends = Promise.all([told(client, 'close'), told(server, 'close')]);
      client.close(...args);
      for (const event of await ends) expect(event).toMatchObject(expected);
    });

    it('a terminate() is not clean, on both sides', async () => {
      const { client, server } = await openPair(engine);
      const ends = Promise.all([told(client, 'close'), told(server, 'close')]);
      client.terminate();
      for (const event of await ends) {
        expect(event).toMatchObject({ code: 1006, reason: '', wasClean: false });
      }
    });

    it('an error tells its event, and the close is not clean', async () => {
      const { client, server } = await openPair(engine);
      const fault = told(server, 'error');
      const end = told(server, 'close');
      client.on('close', () => {});
      client._socket.write(Buffer.from([0x85, 0x80, 0, 0, 0, 0]));
      const { error, message } = await fault;
      expect(message).toBe('Invalid WebSocket frame: invalid opcode 5');
      expect(error).toHaveProperty('code', 'WS_ERR_INVALID_OPCODE');
      expect(await end).toMatchObject({ code: 1006, wasClean: false });
    });

    it('a close that the peer began, and terminate() cut short, is not clean', async () => {
      const deflate = { perMessageDeflate: { threshold: 0 } };
      const { client, server } = await openPair(engine, { server: deflate, client: deflate });
      const end = told(server, 'close');
      // The echo of the close frame waits behind a message that is being compressed.
      server.on('message', () => {
        server.send(Buffer.alloc(1 << 20));
        server.terminate();
      });
      client._socket.cork();
      client.send('now', { compress: false });
      client.close(1000, 'bye');
      client._socket.uncork();
      const { code, wasClean } = await end;
      expect([code, wasClean]).toEqual([1000, false]);
    });
  });
});
