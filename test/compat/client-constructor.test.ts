import { describe, expect, it } from 'vitest';
import { connect, idleAgent, requested } from './client-peers.ts';
import { difference } from './differences.ts';
import { ENGINES } from './engines.ts';

const BAD_SCHEME = 'The URL\'s protocol must be one of "ws:", "wss:", "http:", "https:", or "ws+unix:"';

describe.each(ENGINES)('the constructor of $name', (engine) => {
  const { WebSocket } = engine;
  /** A client that never connects. */
  const idle = (address: unknown, protocols?: unknown, options: object = {}) =>
    connect(engine, address, protocols, { ...options, agent: idleAgent().agent });

  it('names its three arguments in its length', () => {
    expect(WebSocket.length).toBe(3);
  });

  describe('address', () => {
    it.each([
      ['ws://localhost', 'ws://localhost/'],
      ['ws://localhost/', 'ws://localhost/'],
      ['http://localhost/', 'ws://localhost/'],
      ['http://localhost:8080/a?b=c', 'ws://localhost:8080/a?b=c'],
      ['WS://LOCALHOST/Path', 'ws://localhost/Path'],
      ['ws://localhost:80/', 'ws://localhost/'],
      ['http://localhost:443', 'ws://localhost:443/'],
      ['ws://[::1]:8080', 'ws://[::1]:8080/'],
      ['ws://user:pass@localhost/', 'ws://user:pass@localhost/'],
      ['ws://localhost/a b?c d', 'ws://localhost/a%20b?c%20d'],
      ['ws://localhost/ä', 'ws://localhost/%C3%A4'],
      ['ws://localhost/?', 'ws://localhost/?'],
      ['ws://localhost/#', 'ws://localhost/#'],
      ['  ws://localhost/  ', 'ws://localhost/'],
      ['ws:localhost', 'ws://localhost/'],
      ['ws+unix:/tmp/x.sock', 'ws+unix:/tmp/x.sock'],
      ['ws+unix:/tmp/x.sock:/a?b', 'ws+unix:/tmp/x.sock:/a?b'],
      ['ws+unix:///tmp/x.sock:/', 'ws+unix:///tmp/x.sock:/'],
    ])('%s has the url %s', (address, url) => {
      expect(idle(address).url).toBe(url);
      expect(idle(new URL(address)).url).toBe(url);
    });

    it.each([
      ['wss://localhost', 'wss://localhost/'],
      ['https://localhost', 'wss://localhost/'],
      ['https://localhost:80/', 'wss://localhost:80/'],
      ['https://localhost:443/', 'wss://localhost/'],
    ])('%s has the url %s', (address, url) => {
      const { agent } = idleAgent({ secure: true });
      expect(connect(engine, address, { agent }).url).toBe(url);
      expect(connect(engine, new URL(address), { agent }).url).toBe(url);
    });

    it.each(['http://localhost/a', 'ws://localhost/a', 'ws+unix:/tmp/x.sock:/a'])(
      'leaves a URL object of %s as it is',
      (address) => {
        const url = new URL(address);
        idle(url);
        expect(url.href).toBe(address);
      },
    );

    it('may be an object that reads as an address', () => {
      expect(idle({ toString: () => 'ws://localhost/a' }).url).toBe('ws://localhost/a');
    });

    it.each([
      ['foo', 'Invalid URL: foo'],
      ['', 'Invalid URL: '],
      ['/path', 'Invalid URL: /path'],
      ['localhost', 'Invalid URL: localhost'],
      ['ws://', 'Invalid URL: ws://'],
      ['ws://localhost:99999', 'Invalid URL: ws://localhost:99999'],
      ['ws://a b/', 'Invalid URL: ws://a b/'],
      [undefined, 'Invalid URL: undefined'],
      [42, 'Invalid URL: 42'],
      [{}, 'Invalid URL: [object Object]'],
      ['bad-scheme://localhost', BAD_SCHEME],
      ['ftp://localhost', BAD_SCHEME],
      ['localhost:8080', BAD_SCHEME],
      ['file:///tmp/x', BAD_SCHEME],
      ['bad-scheme://localhost#fragment', BAD_SCHEME],
      ['ws+unix:', "The URL's pathname is empty"],
      ['ws+unix:?a', "The URL's pathname is empty"],
      ['ws+unix://localhost', "The URL's pathname is empty"],
      ['ws+unix:#fragment', "The URL's pathname is empty"],
      ['ws://localhost/#fragment', 'The URL contains a fragment identifier'],
      ['wss://localhost/a?b#c', 'The URL contains a fragment identifier'],
      ['https://localhost/#foo', 'The URL contains a fragment identifier'],
      ['http://localhost/#foo', 'The URL contains a fragment identifier'],
      ['ws+unix:/tmp/x.sock#foo', 'The URL contains a fragment identifier'],
    ])('%o throws a SyntaxError: %s', (address, message) => {
      const error = thrownBy(() => connect(engine, address));
      expect(error).toBeInstanceOf(SyntaxError);
      expect(error).toMatchObject({ name: 'SyntaxError', message });
    });

    it.each(['foo://localhost', 'ws+unix:', 'ws://localhost/#foo'])(
      'throws for a URL object of %s as for the string',
      (address) => {
        const { message } = thrownBy(() => connect(engine, address));
        expect(thrownBy(() => connect(engine, new URL(address)))).toMatchObject({
          name: 'SyntaxError',
          message,
        });
      },
    );
  });

  describe('protocols', () => {
    it.each([
      ['undefined', undefined, undefined],
      ['an empty array', [], undefined],
      ['a string', 'foo', 'foo'],
      ['an array of one', ['foo'], 'foo'],
      ['an array of several', ['foo', 'bar', 'BAR'], 'foo,bar,BAR'],
      ['every character of a token', "!#$%&'*+-.^_`|~09azAZ", "!#$%&'*+-.^_`|~09azAZ"],
    ])('%s', (_, protocols, header) => {
      const { req } = requested(engine, 'ws://localhost', protocols);
      expect(req.getHeader('Sec-WebSocket-Protocol')).toBe(header);
      expect(req.hasHeader('Sec-WebSocket-Protocol')).toBe(header !== undefined);
    });

    it.each([
      ['null', null],
      ["''", ''],
      ["['']", ['']],
      ["'a,b'", 'a,b'],
      ["['a,b']", ['a,b']],
      ["'a b'", 'a b'],
      ["'a;b'", 'a;b'],
      ["'(a)'", '(a)'],
      ["'a/b'", 'a/b'],
      ["'a\\r\\nb'", 'a\r\nb'],
      ["'ä'", 'ä'],
      ['[null]', [null]],
      ['[undefined]', [undefined]],
      ['[42]', [42]],
      ['42', 42],
      ['true', true],
      ['a duplicate', ['foo', 'bar', 'foo']],
      ["['foo', ['bar']]", ['foo', ['bar']]],
    ])('%s throws a SyntaxError', (_, protocols) => {
      const error = thrownBy(() => idle('ws://localhost', protocols));
      expect(error).toBeInstanceOf(SyntaxError);
      expect(error).toMatchObject({
        name: 'SyntaxError',
        message: 'An invalid or duplicated subprotocol was specified',
      });
    });

    it('may be options', () => {
      const { agent, requests } = idleAgent();
      connect(engine, 'ws://localhost', { agent, headers: { foo: 'bar' } });
      expect(requests).toHaveLength(1);
      expect(requests[0]!.req.getHeader('foo')).toBe('bar');
      expect(requests[0]!.req.hasHeader('Sec-WebSocket-Protocol')).toBe(false);
    });

    it('as options win over the third argument', () => {
      const { agent, requests } = idleAgent();
      connect(engine, 'ws://localhost', { agent, headers: { foo: 'second' } }, { headers: { foo: 'third' } });
      expect(requests[0]!.req.getHeader('foo')).toBe('second');
    });

    it('may be without options', () => {
      expect(() => connect(engine, 'ws://127.0.0.1:1', [], null)).not.toThrow();
      expect(() => connect(engine, 'ws://127.0.0.1:1', [], undefined)).not.toThrow();
    });
  });

  describe('options.protocols', () => {
    const protocolHeader = (...args: unknown[]) => {
      const { agent, requests } = idleAgent();
      const withAgent = args.map((arg) => (isOptions(arg) ? { ...arg, agent } : arg));
      connect(engine, 'ws://localhost', ...withAgent);
      return requests[0]!.req.getHeader('Sec-WebSocket-Protocol');
    };

    it.each([
      ['a string, with options as second argument', [{ protocols: 'foo' }], 'foo'],
      ['an array, with options as second argument', [{ protocols: ['foo', 'bar'] }], 'foo,bar'],
      ['an empty array', [{ protocols: [] }], undefined],
      ['undefined', [{ protocols: undefined }], undefined],
      ['a string, where the second argument is undefined', [undefined, { protocols: 'foo' }], 'foo'],
      ['an array, where the second argument is undefined', [undefined, { protocols: ['a', 'b'] }], 'a,b'],
      ['nothing, where the second argument is a string', ['foo', { protocols: 'bar' }], 'foo'],
      ['nothing, where the second argument is an array', [['foo'], { protocols: 'bar' }], 'foo'],
      ['nothing, where the second argument is empty', [[], { protocols: 'bar' }], undefined],
    ])('gives %s', (_, args, header) => {
      expect(protocolHeader(...args)).toBe(header);
    });

    it.each([
      ['null', null],
      ["''", ''],
      ["'a,b'", 'a,b'],
      ['a duplicate', ['a', 'a']],
      ['an object', {}],
    ])('%s throws', (_, protocols) => {
      const message = 'An invalid or duplicated subprotocol was specified';
      expect(() => protocolHeader({ protocols })).toThrow(new SyntaxError(message));
      expect(() => protocolHeader(undefined, { protocols })).toThrow(new SyntaxError(message));
    });
  });

  describe('protocolVersion', () => {
    it(difference('client-undefined-options'), () => {
      const create = () => requested(engine, 'ws://localhost', [], { protocolVersion: undefined });
      if (engine.name === 'ws') expect(create).toThrow(RangeError);
      else expect(create().req.getHeader('Sec-WebSocket-Version')).toBe(13);
    });

    it.each([8, 13])('may be %i', (protocolVersion) => {
      const { req } = requested(engine, 'ws://localhost', [], { protocolVersion });
      expect(req.getHeader('Sec-WebSocket-Version')).toBe(protocolVersion);
    });

    it('is 13 by default', () => {
      const { req } = requested(engine, 'ws://localhost');
      expect(req.getHeader('Sec-WebSocket-Version')).toBe(13);
    });

    it.each([
      [1000, '1000'],
      [7, '7'],
      [0, '0'],
      [-1, '-1'],
      [13.5, '13.5'],
      ['13', '13'],
      [null, 'null'],
      [Number.NaN, 'NaN'],
    ])('%o throws a RangeError', (protocolVersion, name) => {
      const message = `Unsupported protocol version: ${name} (supported versions: 8, 13)`;
      const error = thrownBy(() => idle('ws://localhost', [], { protocolVersion }));
      expect(error).toBeInstanceOf(RangeError);
      expect(error).toMatchObject({ name: 'RangeError', message });
    });

    it('is looked at before the address, and the address before the subprotocols', () => {
      expect(() => idle('foo', 'a,b', { protocolVersion: 1 })).toThrow(RangeError);
      expect(() => idle('foo', 'a,b')).toThrow('Invalid URL: foo');
    });
  });

  it('is in CONNECTING, with nothing negotiated', () => {
    const ws = idle('ws://localhost', 'foo');
    expect(ws).toMatchObject({
      readyState: WebSocket.CONNECTING,
      protocol: '',
      extensions: '',
      bufferedAmount: 0,
      binaryType: 'nodebuffer',
      isPaused: false,
    });
  });

  it('is in CONNECTING without a url for the address null', () => {
    const ws: InstanceType<typeof WebSocket> = Reflect.construct(WebSocket, [null, undefined, {}]);
    expect(ws.readyState).toBe(WebSocket.CONNECTING);
    expect(ws.url).toBeUndefined();
  });
});

function isOptions(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function thrownBy(run: () => unknown): Error {
  try {
    run();
  } catch (error) {
    return error as Error;
  }
  throw new Error('Nothing was thrown');
}
