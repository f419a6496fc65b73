import { deepStrictEqual } from 'node:assert';
import { spawnSync } from 'node:child_process';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { PerMessageDeflate, PerMessageDeflateOptions } from '../../src/ws/permessage-deflate.ts';
import { outcome } from '../handshake/ws-oracle.ts';
import { type DifferenceId, difference } from './differences.ts';
import {
  compress,
  decompress,
  type ExportedClasses,
  hawser,
  IMPLEMENTATIONS,
  ws,
} from './exported-classes.ts';

const NONE = 'None of the extension offers can be accepted';

/** Makes one that has accepted `header`, an offer or a response. */
function accepted(
  exported: ExportedClasses,
  options: PerMessageDeflateOptions = {},
  header = 'permessage-deflate',
): PerMessageDeflate {
  const deflate = new exported.PerMessageDeflate(options);
  onTestFinished(() => deflate.cleanup());
  deflate.accept(configurations(exported, header));
  return deflate;
}

function configurations(exported: ExportedClasses, header: string) {
  return exported.extension.parse(header)['permessage-deflate']!;
}

/** What this Node's zlib says of bad data. */
function zlibMessage(data: Buffer): string {
  const result = outcome(() => inflateRawSync(data));
  return 'error' in result ? result.error.replace('Error: ', '') : '';
}

function inflated(error: unknown): unknown {
  const { name, message, code, errno } = error as NodeJS.ErrnoException;
  return { name, message, code, errno, isRangeError: error instanceof RangeError };
}

describe.each(IMPLEMENTATIONS)('PerMessageDeflate of %s', (_name, exported) => {
  const { PerMessageDeflate } = exported;

  it('is named as the extension, and keeps its name', () => {
    expect(PerMessageDeflate.extensionName).toBe('permessage-deflate');
    expect(new PerMessageDeflate(null).params).toBeNull();
  });

  it.each<[PerMessageDeflateOptions | undefined, object]>([
    [undefined, { client_max_window_bits: true }],
    [{}, { client_max_window_bits: true }],
    [{ clientMaxWindowBits: true }, { client_max_window_bits: true }],
    [{ clientMaxWindowBits: false }, {}],
    [
      {
        serverNoContextTakeover: true,
        clientNoContextTakeover: true,
        serverMaxWindowBits: 10,
        clientMaxWindowBits: 11,
      },
      {
        server_no_context_takeover: true,
        client_no_context_takeover: true,
        server_max_window_bits: 10,
        client_max_window_bits: 11,
      },
    ],
  ])('with %j offers %j', (options, offer) => {
    deepStrictEqual(new PerMessageDeflate(options).offer(), offer);
  });

  it.each<[PerMessageDeflateOptions, string, object]>([
    [{ isServer: true }, '', {}],
    [{}, '', {}],
    [
      { isServer: true },
      '; server_no_context_takeover; client_no_context_takeover; server_max_window_bits=10; client_max_window_bits=11',
      {
        server_no_context_takeover: true,
        client_no_context_takeover: true,
        server_max_window_bits: 10,
        client_max_window_bits: 11,
      },
    ],
    [{ isServer: true }, '; client_max_window_bits', {}],
    [{ isServer: true, clientMaxWindowBits: 8 }, '; client_max_window_bits', { client_max_window_bits: 8 }],
    [{ isServer: true, clientMaxWindowBits: false }, '; client_max_window_bits=9', {}],
    [
      {
        isServer: true,
        serverNoContextTakeover: true,
        clientNoContextTakeover: true,
        serverMaxWindowBits: 12,
        clientMaxWindowBits: 11,
      },
      '; server_max_window_bits=14; client_max_window_bits=13',
      {
        server_no_context_takeover: true,
        client_no_context_takeover: true,
        server_max_window_bits: 12,
        client_max_window_bits: 11,
      },
    ],
    [
      { isServer: true, serverMaxWindowBits: 11 },
      '; server_max_window_bits=8, permessage-deflate; server_max_window_bits="11"',
      { server_max_window_bits: 11 },
    ],
    [
      { isServer: true, serverNoContextTakeover: false },
      '; server_no_context_takeover, permessage-deflate',
      {},
    ],
    [{ clientMaxWindowBits: 10 }, '', { client_max_window_bits: 10 }],
    [{ clientMaxWindowBits: 10 }, '; client_max_window_bits=9', { client_max_window_bits: 9 }],
    [
      {},
      '; server_no_context_takeover; client_no_context_takeover; server_max_window_bits=10; client_max_window_bits=11',
      {
        server_no_context_takeover: true,
        client_no_context_takeover: true,
        server_max_window_bits: 10,
        client_max_window_bits: 11,
      },
    ],
  ])('with %j accepts "permessage-deflate%s"', (options, header, expected) => {
    const given = configurations(exported, `permessage-deflate${header}`);
    const deflate = new PerMessageDeflate(options);
    const params = deflate.accept(given);
    deepStrictEqual(params, Object.assign(Object.create(null), expected));
    expect(deflate.params).toBe(params);
    expect(given).toContain(params);
  });

  it('returns the caller’s own object', () => {
    const given = { server_max_window_bits: ['10'] };
    const params = new PerMessageDeflate({ isServer: true, clientNoContextTakeover: true }).accept([given]);
    expect(params).toBe(given);
    deepStrictEqual(params, { server_max_window_bits: 10, client_no_context_takeover: true });
  });

  it('takes numbers as window bits', () => {
    deepStrictEqual(new PerMessageDeflate().accept([{ client_max_window_bits: [12] }]), {
      client_max_window_bits: 12,
    });
  });

  it.each<[PerMessageDeflateOptions, string, Error]>([
    [{}, '; foo', new Error('Unknown parameter "foo"')],
    [{}, '; __proto__', new Error('Unknown parameter "__proto__"')],
    [
      {},
      '; server_no_context_takeover; server_no_context_takeover',
      new Error('Parameter "server_no_context_takeover" must have only a single value'),
    ],
    [
      {},
      '; server_no_context_takeover=10',
      new TypeError('Invalid value for parameter "server_no_context_takeover": 10'),
    ],
    [
      { isServer: true },
      '; client_no_context_takeover=10',
      new TypeError('Invalid value for parameter "client_no_context_takeover": 10'),
    ],
    [
      {},
      '; server_max_window_bits',
      new TypeError('Invalid value for parameter "server_max_window_bits": true'),
    ],
    [
      { isServer: true },
      '; server_max_window_bits=7',
      new TypeError('Invalid value for parameter "server_max_window_bits": 7'),
    ],
    [
      {},
      '; client_max_window_bits',
      new TypeError('Invalid value for parameter "client_max_window_bits": true'),
    ],
    [
      { isServer: true },
      '; client_max_window_bits=16',
      new TypeError('Invalid value for parameter "client_max_window_bits": 16'),
    ],
    [
      { isServer: true },
      '; client_max_window_bits=10.5',
      new TypeError('Invalid value for parameter "client_max_window_bits": 10.5'),
    ],
    [{ isServer: true, serverNoContextTakeover: false }, '; server_no_context_takeover', new Error(NONE)],
    [{ isServer: true, serverMaxWindowBits: false }, '; server_max_window_bits=10', new Error(NONE)],
    [{ isServer: true, serverMaxWindowBits: 11 }, '; server_max_window_bits=10', new Error(NONE)],
    [{ isServer: true, clientMaxWindowBits: 9 }, '', new Error(NONE)],
    [{ isServer: true, clientMaxWindowBits: 9 }, '; client_max_window_bits=8', new Error(NONE)],
    [
      { clientNoContextTakeover: false },
      '; client_no_context_takeover',
      new Error('Unexpected parameter "client_no_context_takeover"'),
    ],
    [
      { clientMaxWindowBits: false },
      '; client_max_window_bits=10',
      new Error('Unexpected or invalid parameter "client_max_window_bits"'),
    ],
    [
      { clientMaxWindowBits: 9 },
      '; client_max_window_bits=10',
      new Error('Unexpected or invalid parameter "client_max_window_bits"'),
    ],
  ])('with %j refuses "permessage-deflate%s": %s', (options, header, expected) => {
    const deflate = new PerMessageDeflate(options);
    const accept = () => deflate.accept(configurations(exported, `permessage-deflate${header}`));
    expect(accept).toThrow(expected);
    expect(accept).toThrow(expected.constructor as new () => Error);
    expect(deflate.params).toBeNull();
  });

  it('throws when nothing was accepted yet', () => {
    const deflate = new PerMessageDeflate();
    expect(() => deflate.compress(Buffer.from('a'), true, () => {})).toThrow(TypeError);
  });

  it('makes a round trip of bytes and of text, whole', async () => {
    const deflate = accepted(exported);
    for (const data of [Buffer.from([1, 2, 3, 4]), 'grün', Buffer.alloc(0), Buffer.alloc(100_000, 'ab')]) {
      const output = await decompress(deflate, await compress(deflate, data));
      expect(Buffer.isBuffer(output)).toBe(true);
      expect(output.equals(Buffer.from(data))).toBe(true);
    }
  });

  it('makes a round trip of fragments, one by one', async () => {
    for (const header of ['', '; client_no_context_takeover; server_no_context_takeover']) {
      const deflate = accepted(exported, {}, `permessage-deflate${header}`);
      for (let i = 0; i < 2; i++) {
        expect(String(await decompress(deflate, await compress(deflate, 'one ', false), false))).toBe('one ');
        expect(String(await decompress(deflate, await compress(deflate, '', false), false))).toBe('');
        expect(String(await decompress(deflate, await compress(deflate, 'two', true), true))).toBe('two');
      }
    }
  });

  it('calls back in the order of the calls', async () => {
    const deflate = accepted(exported);
    const sizes = [100_000, 1, 50_000, 0];
    const outputs = await Promise.all(sizes.map((size) => compress(deflate, Buffer.alloc(size))));
    const order: number[] = [];
    await Promise.all(
      outputs.map((output) => decompress(deflate, output).then(({ length }) => order.push(length))),
    );
    expect(order).toEqual(sizes);
  });

  it('shortens the second copy of a message by context takeover', async () => {
    const deflate = accepted(exported);
    const first = await compress(deflate, 'foofoo');
    expect((await compress(deflate, 'foofoo')).length).toBeLessThan(first.length);
  });

  it.each([
    [{}, 'client_no_context_takeover'],
    [{ isServer: true }, 'server_no_context_takeover'],
  ])('with %j does not when %s is agreed', async (options, parameter) => {
    const deflate = accepted(exported, options, `permessage-deflate; ${parameter}`);
    const first = await compress(deflate, 'foofoo');
    expect(await compress(deflate, 'foofoo')).toEqual(first);
  });

  it('gives zlib its options, and the window that was agreed', async () => {
    const data = Buffer.from(Array.from({ length: 10_000 }, (_, i) => (i * i) >> 5));
    const sizeWith = async (options: PerMessageDeflateOptions, header?: string) =>
      (await compress(accepted(exported, options, header), data)).length;
    expect(await sizeWith({ zlibDeflateOptions: { level: 0 } })).toBeGreaterThan(data.length);
    expect(await sizeWith({ zlibDeflateOptions: { level: 9 } })).toBe(
      deflateRawSync(data, { level: 9, finishFlush: 2 }).length - 4,
    );
    expect(await sizeWith({}, 'permessage-deflate; client_max_window_bits=9')).toBe(
      deflateRawSync(data, { windowBits: 9, finishFlush: 2 }).length - 4,
    );
  });

  it('inflates after a final block, which ends zlib’s stream', async () => {
    const deflate = accepted(exported);
    const final = Buffer.concat([deflateRawSync(Buffer.from('12345678')), Buffer.from([0])]);
    expect(String(await decompress(deflate, final))).toBe('12345678');
    expect(String(await decompress(deflate, final))).toBe('12345678');
  });

  it('tells zlib’s own error of bad data, and inflates what comes after', async () => {
    const deflate = accepted(exported);
    const bad = decompress(deflate, Buffer.from('something invalid')).catch(inflated);
    expect(await bad).toEqual({
      name: 'Error',
      message: zlibMessage(Buffer.from('something invalid')),
      code: 'Z_DATA_ERROR',
      errno: -3,
      isRangeError: false,
    });
    expect(String(await decompress(deflate, await compress(deflate, 'good')))).toBe('good');
  });

  it.each([10, 1_000_000])('stops at maxPayload, in %i bytes too many', async (more) => {
    const deflate = accepted(exported, { maxPayload: 25 });
    const compressed = await compress(deflate, Buffer.alloc(25 + more, 'a'));
    expect(await decompress(deflate, compressed).catch(inflated)).toEqual({
      name: 'RangeError',
      message: 'Max payload size exceeded',
      code: 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH',
      errno: undefined,
      isRangeError: true,
    });
  });

  it('accepts just maxPayload, in each fragment', async () => {
    const deflate = accepted(exported, { maxPayload: 25 });
    for (const fin of [false, true]) {
      const compressed = await compress(deflate, Buffer.alloc(25), fin);
      expect(await decompress(deflate, compressed, fin)).toHaveLength(25);
    }
  });

  it.each([0, -1, undefined, 2 ** 32])('has no limit with %d', async (maxPayload) => {
    const deflate = accepted(exported, { maxPayload });
    expect(await decompress(deflate, await compress(deflate, Buffer.alloc(1000)))).toHaveLength(1000);
  });

  it('ends what is being compressed with an error when it is cleaned up', async () => {
    const deflate = accepted(exported);
    const pending = compress(deflate, Buffer.alloc(1_000_000)).catch(String);
    deflate.cleanup();
    deflate.cleanup();
    expect(await pending).toBe('Error: The deflate stream was closed while data was being processed');
  });

  it('begins anew after a cleanup', async () => {
    const deflate = accepted(exported);
    const first = await compress(deflate, 'foofoo');
    await decompress(deflate, first);
    deflate.cleanup();
    expect(await compress(deflate, 'foofoo')).toEqual(first);
    expect(String(await decompress(deflate, first))).toBe('foofoo');
  });
});

describe('both', () => {
  const bits = fc.oneof(fc.integer({ min: 8, max: 15 }), fc.boolean());
  const options = fc.record(
    {
      isServer: fc.boolean(),
      serverNoContextTakeover: fc.boolean(),
      clientNoContextTakeover: fc.boolean(),
      // Two differences are listed for it: `true` in an offer, a number on a client.
      serverMaxWindowBits: fc.constant(false as const),
      clientMaxWindowBits: bits,
    },
    { requiredKeys: [] },
  );
  const serverOptions = options.chain((given) =>
    bits.map((serverMaxWindowBits) => ({ ...given, serverMaxWindowBits, isServer: true })),
  );
  const windowBits = fc.constantFrom('7', '8', '10', '15', '16', '-8', '8.5', 'a');
  const parameters = fc.dictionary(
    fc.constantFrom(
      ...['server_no_context_takeover', 'client_no_context_takeover', 'server_max_window_bits'],
      ...['client_max_window_bits', 'client_max_window_bits', 'foo'],
    ),
    fc.array(fc.oneof(fc.constant(true as const), windowBits), { minLength: 1, maxLength: 2 }),
    { maxKeys: 4, noNullPrototype: false },
  );

  it('accept and refuse the same, and leave the same in what they are given', () => {
    fc.assert(
      fc.property(
        fc.oneof(options, serverOptions),
        fc.array(parameters, { minLength: 1, maxLength: 3 }),
        (given, list) => {
          const [mine, theirs] = [structuredClone(list), structuredClone(list)];
          const ours = outcome(() => new hawser.PerMessageDeflate(given).accept(mine));
          deepStrictEqual(
            ours,
            outcome(() => new ws.PerMessageDeflate(given).accept(theirs)),
          );
          if ('value' in ours) deepStrictEqual(mine, theirs);
        },
      ),
      { numRuns: 3000 },
    );
  });

  it('make the same bytes of the same messages, and read each other’s', async () => {
    const pieces = fc.array(fc.tuple(fc.uint8Array({ maxLength: 400 }), fc.boolean()), { maxLength: 6 });
    const header = fc.constantFrom('', '; client_no_context_takeover', '; client_max_window_bits=9');
    await fc.assert(
      fc.asyncProperty(pieces, header, async (list, parameter) => {
        const [mine, theirs] = [hawser, ws].map((exported) => {
          const deflate = new exported.PerMessageDeflate();
          deflate.accept(configurations(exported, `permessage-deflate${parameter}`));
          return deflate;
        }) as [PerMessageDeflate, PerMessageDeflate];
        for (const [data, fin] of list) {
          const compressed = await compress(mine, data, fin);
          expect(compressed.equals(await compress(theirs, data, fin))).toBe(true);
          expect((await decompress(theirs, compressed, fin)).equals(data)).toBe(true);
          expect((await decompress(mine, compressed, fin)).equals(data)).toBe(true);
        }
        mine.cleanup();
        theirs.cleanup();
      }),
      { numRuns: 100 },
    );
  });
});

describe('differences', () => {
  const accept = (exported: ExportedClasses, options: PerMessageDeflateOptions, header: string) =>
    outcome(() => new exported.PerMessageDeflate(options).accept(configurations(exported, header)));
  const shows = (id: DifferenceId, show: () => unknown) => it(difference(id), show as () => void);

  shows('offer-server-window-without-size', () => {
    const options = { serverMaxWindowBits: true, clientMaxWindowBits: false };
    deepStrictEqual(new ws.PerMessageDeflate(options).offer(), { server_max_window_bits: true });
    deepStrictEqual(new hawser.PerMessageDeflate(options).offer(), {});
  });

  shows('server-window-above-offer', () => {
    const given = [{ serverMaxWindowBits: 10 }, 'permessage-deflate; server_max_window_bits=11'] as const;
    expect(accept(ws, ...given)).toHaveProperty('value.server_max_window_bits', 11);
    expect(accept(hawser, ...given)).toEqual({
      error: 'Error: Unexpected or invalid parameter "server_max_window_bits"',
    });
  });

  shows('window-bits-spelled-otherwise', () => {
    const given = [{}, 'permessage-deflate; server_max_window_bits=0xa'] as const;
    expect(accept(ws, ...given)).toHaveProperty('value.server_max_window_bits', 10);
    expect(accept(hawser, ...given)).toEqual({
      error: 'TypeError: Invalid value for parameter "server_max_window_bits": 0xa',
    });
  });

  shows('cleanup-while-inflating', async () => {
    const deflate = accepted(hawser);
    const compressed = await compress(deflate, Buffer.alloc(1_000_000));
    const pending = decompress(deflate, compressed).catch(String);
    deflate.cleanup();
    expect(await pending).toBe('Error: The deflate stream was closed while data was being processed');

    // In a process of its own, which ends by it.
    const program = `
      const deflate = new (require('ws').PerMessageDeflate)();
      deflate.accept([{}]);
      deflate.decompress(Buffer.from('${compressed.toString('base64')}', 'base64'), true, () => {});
      deflate.cleanup();`;
    const { stderr } = spawnSync(process.execPath, ['-e', program], { encoding: 'utf8' });
    expect(stderr).toContain('TypeError: Cannot read properties of null');
  });
});
