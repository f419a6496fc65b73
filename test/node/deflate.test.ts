import { deflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { ProtocolError } from '../../src/core/index.ts';
import type { DeflateParameters } from '../../src/handshake/deflate-offer.ts';
import { type DeflateTuning, PerMessageDeflate } from '../../src/node/deflate.ts';
import { StreamClosedError } from '../../src/node/zlib-stream.ts';

const WITH_CONTEXT: DeflateParameters = {
  serverNoContextTakeover: false,
  clientNoContextTakeover: false,
  serverMaxWindowBits: 15,
  clientMaxWindowBits: 15,
};
const WITHOUT_CONTEXT = { ...WITH_CONTEXT, serverNoContextTakeover: true, clientNoContextTakeover: true };
const NO_LIMIT = Number.MAX_SAFE_INTEGER;

function create(
  role: 'client' | 'server',
  parameters: Partial<DeflateParameters> = {},
  tuning: DeflateTuning = {},
): PerMessageDeflate {
  const deflate = new PerMessageDeflate(role, { ...WITH_CONTEXT, ...parameters }, tuning);
  onTestFinished(() => deflate.close());
  return deflate;
}

function compress(deflate: PerMessageDeflate, data: Uint8Array, fin = true): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    deflate.compress(data, fin, (error, output) => (error ? reject(error) : resolve(output as Buffer)));
  });
}

function decompress(deflate: PerMessageDeflate, data: Uint8Array, limit = NO_LIMIT): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    deflate.inflate(data, true, limit, (error, output) =>
      error ? reject(error) : resolve(output as Buffer),
    );
  });
}

function inflate(deflate: PerMessageDeflate, data: Uint8Array, fin: boolean): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    deflate.inflate(data, fin, NO_LIMIT, (error, output) =>
      error ? reject(error) : resolve(output as Buffer),
    );
  });
}

function hex(text: string): Buffer {
  return Buffer.from(text.replaceAll(' ', ''), 'hex');
}

/** What comes out of zlib for a message, without the tail; BFINAL is not set. */
function bomb(size: number): Promise<Buffer> {
  return compress(create('client'), Buffer.alloc(size));
}

/** Compares whole: a deep comparison of long buffers takes seconds. */
function expectSame(actual: Buffer, expected: Uint8Array): void {
  expect(Buffer.compare(actual, expected)).toBe(0);
}

describe('the examples of RFC 7692 §7.2.3', () => {
  const HELLO = 'f2 48 cd c9 c9 07 00';

  it.each([
    ['a message in one block (§7.2.3.1)', HELLO],
    ['a block without compression (§7.2.3.3)', '00 05 00 fa ff 48 65 6c 6c 6f 00'],
    ['a block with BFINAL set (§7.2.3.4)', 'f3 48 cd c9 c9 07 00 00'],
    ['two blocks (§7.2.3.5)', 'f2 48 05 00 00 00 ff ff ca c9 c9 07 00'],
  ])('inflates %s', async (_name, bytes) => {
    expect(String(await decompress(create('server'), hex(bytes)))).toBe('Hello');
  });

  it('inflates a message that refers to the one before (§7.2.3.2)', async () => {
    const deflate = create('server');
    expect(String(await decompress(deflate, hex(HELLO)))).toBe('Hello');
    expect(String(await decompress(deflate, hex('f2 00 11 00 00')))).toBe('Hello');
  });

  it('makes the same bytes of the same messages', async () => {
    const deflate = create('client');
    expect(await compress(deflate, Buffer.from('Hello'))).toEqual(hex(HELLO));
    expect(await compress(deflate, Buffer.from('Hello'))).toEqual(hex('f2 00 11 00 00'));
  });
});

describe('a round trip', () => {
  const messages = ['Hello', '', 'Hello', 'x'.repeat(100_000), 'Grüße'].map((text) => Buffer.from(text));

  it.each([
    ['with context takeover', WITH_CONTEXT],
    ['without', WITHOUT_CONTEXT],
  ])('keeps messages %s, in both directions', async (_name, parameters) => {
    const client = create('client', parameters);
    const server = create('server', parameters);
    for (const message of messages) {
      expectSame(await decompress(server, await compress(client, message)), message);
      expectSame(await decompress(client, await compress(server, message)), message);
    }
  });

  it.each([9, 10, 11, 12, 13, 14, 15])('keeps messages with windows of %i bits both ways', async (bits) => {
    const parameters = { serverMaxWindowBits: bits, clientMaxWindowBits: bits };
    const client = create('client', parameters);
    const server = create('server', parameters);
    const message = Buffer.from(Array.from({ length: 70_000 }, (_, i) => (i * i) >> 7));
    for (let i = 0; i < 2; i++) {
      expectSame(await decompress(server, await compress(client, message)), message);
      expectSame(await decompress(client, await compress(server, message)), message);
    }
  });

  it('inflates from a peer with a window of 8 bits', async () => {
    // Nothing as short as this refers farther back than 256 bytes.
    const message = Buffer.from('ab'.repeat(60));
    const compressed = await compress(create('client'), message);
    for (const [role, name] of [
      ['server', 'clientMaxWindowBits'],
      ['client', 'serverMaxWindowBits'],
    ] as const) {
      expectSame(await decompress(create(role, { [name]: 8 }), compressed), message);
    }
  });

  it('keeps messages that are compressed in fragments', async () => {
    for (const parameters of [WITH_CONTEXT, WITHOUT_CONTEXT]) {
      const client = create('client', parameters);
      const server = create('server', parameters);
      for (let i = 0; i < 2; i++) {
        const parts = [
          await compress(client, Buffer.from('one '), false),
          await compress(client, Buffer.alloc(0), false),
          await compress(client, Buffer.from('two'), true),
        ];
        expect(String(await decompress(server, Buffer.concat(parts)))).toBe('one two');
      }
    }
  });

  it('keeps whatever messages there are', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.uint8Array({ maxLength: 600 }), { maxLength: 5 }),
        fc.record({
          serverNoContextTakeover: fc.boolean(),
          clientNoContextTakeover: fc.boolean(),
          serverMaxWindowBits: fc.integer({ min: 9, max: 15 }),
          clientMaxWindowBits: fc.integer({ min: 9, max: 15 }),
        }),
        async (sent, parameters) => {
          const client = new PerMessageDeflate('client', parameters, {});
          const server = new PerMessageDeflate('server', parameters, {});
          try {
            for (const message of sent) {
              const there = await decompress(server, await compress(client, message));
              expectSame(await decompress(client, await compress(server, there)), message);
            }
          } finally {
            client.close();
            server.close();
          }
        },
      ),
      { numRuns: 50 },
    );
  });
});

describe('context takeover', () => {
  const message = Buffer.from('the quick brown fox jumps over the lazy dog');

  it('shortens the second copy of a message', async () => {
    const deflate = create('server');
    const first = await compress(deflate, message);
    expect((await compress(deflate, message)).length).toBeLessThan(first.length);
  });

  it.each([
    ['server', 'serverNoContextTakeover'],
    ['client', 'clientNoContextTakeover'],
  ] as const)('of the %s is off with its own parameter', async (role, name) => {
    const deflate = create(role, { [name]: true });
    const first = await compress(deflate, message);
    expect(await compress(deflate, message)).toEqual(first);
  });

  it('of the peer does not touch what is sent', async () => {
    const deflate = create('server', { clientNoContextTakeover: true });
    const first = await compress(deflate, message);
    expect((await compress(deflate, message)).length).toBeLessThan(first.length);
  });

  it('is refused to a peer that agreed to none', async () => {
    const deflate = create('server', { clientNoContextTakeover: true });
    await decompress(deflate, hex('f2 48 cd c9 c9 07 00'));
    await expect(decompress(deflate, hex('f2 00 11 00 00'))).rejects.toMatchObject({ code: 'Z_DATA_ERROR' });
  });
});

describe('worthwhile', () => {
  it('is any message when the context is kept', () => {
    expect(create('server', {}, { threshold: 5000 }).worthwhile(0)).toBe(true);
  });

  it('is one of 1024 bytes and more otherwise, or of the threshold', () => {
    const byDefault = create('server', WITHOUT_CONTEXT);
    expect([byDefault.worthwhile(1023), byDefault.worthwhile(1024)]).toEqual([false, true]);
    const tuned = create('server', WITHOUT_CONTEXT, { threshold: 3 });
    expect([tuned.worthwhile(2), tuned.worthwhile(3)]).toEqual([false, true]);
  });

  it('is none when the own window is of 8 bits, which zlib does not make', () => {
    const parameters = { serverMaxWindowBits: 8, clientMaxWindowBits: 15 };
    expect(create('server', parameters).worthwhile(100_000)).toBe(false);
    expect(create('client', parameters).worthwhile(100_000)).toBe(true);
  });
});

describe('the limit', () => {
  it('accepts a message of just that length', async () => {
    expect(await decompress(create('server'), await bomb(10_000), 10_000)).toHaveLength(10_000);
  });

  it('refuses one byte more', async () => {
    const error = await decompress(create('server'), await bomb(10_001), 10_000).catch((reason) => reason);
    expect(error).toBeInstanceOf(ProtocolError);
    expect(error).toMatchObject({
      code: 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH',
      message: 'Max payload size exceeded',
      closeCode: 1009,
    });
  });

  it('refuses a message that inflates to a thousand times its length', async () => {
    const compressed = await bomb(32 * 1024 * 1024);
    expect(compressed.length).toBeLessThan(34_000);
    await expect(decompress(create('server'), compressed, 100_000)).rejects.toMatchObject({
      code: 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH',
    });
  });
});

describe('bad data', () => {
  it('is an error of zlib with close code 1007', async () => {
    const error = await decompress(create('server'), Buffer.alloc(20, 0xff)).catch((reason) => reason);
    expect(error).toBeInstanceOf(ProtocolError);
    expect(error).toMatchObject({ code: 'Z_DATA_ERROR', closeCode: 1007 });
    expect(error.cause).toMatchObject({ code: 'Z_DATA_ERROR', errno: -3 });
  });
});

describe('a final block', () => {
  it.each([
    ['with', WITH_CONTEXT],
    ['without', WITHOUT_CONTEXT],
  ])('does not end the connection: further messages are inflated %s context', async (_name, parameters) => {
    const server = create('server', parameters);
    for (const text of ['one', 'two', 'three']) {
      const final = Buffer.concat([deflateRawSync(Buffer.from(text)), Buffer.from([0])]);
      expect(String(await decompress(server, final))).toBe(text);
    }
    expect(String(await decompress(server, hex('f2 48 cd c9 c9 07 00')))).toBe('Hello');
  });
});

describe('options of zlib', () => {
  it('reach deflate', async () => {
    const stored = await compress(
      create('server', {}, { zlibDeflateOptions: { level: 0 } }),
      Buffer.from('Hello'),
    );
    expect(stored.includes('Hello')).toBe(true);
  });

  it('reach inflate, but for the window, which is what was agreed', async () => {
    const server = create('server', {}, { zlibInflateOptions: { chunkSize: 64, windowBits: 9 } });
    const noise = Buffer.from(Array.from({ length: 5000 }, (_, i) => (i * 2654435761) >>> 24));
    const message = Buffer.concat([noise, noise]);
    expectSame(await decompress(server, await compress(create('client'), message)), message);
  });
});

describe('inflate', () => {
  it('gives each fragment as it comes', async () => {
    for (const parameters of [WITH_CONTEXT, WITHOUT_CONTEXT]) {
      const client = create('client', parameters);
      const server = create('server', parameters);
      for (const [text, fin] of [
        ['one ', false],
        ['', false],
        ['two', true],
        ['one two', true],
      ] as const) {
        const compressed = await compress(client, Buffer.from(text), fin);
        expect(String(await inflate(server, compressed, fin))).toBe(text);
      }
    }
  });

  it('keeps the context between the fragments of a message, whatever was agreed', async () => {
    const server = create('server', WITHOUT_CONTEXT);
    expect(String(await inflate(server, hex('f2 48 cd c9 c9 07 00 00 00 ff ff'), false))).toBe('Hello');
    expect(String(await inflate(server, hex('f2 00 11 00 00'), true))).toBe('Hello');
  });
});

describe('close', () => {
  it('ends what comes after with an error, and leaves room for others', async () => {
    const closed = create('server');
    closed.close();
    const errors: unknown[] = [];
    for (let i = 0; i < 20; i++) {
      closed.compress(Buffer.from('late'), true, (error) => errors.push(error));
      closed.inflate(hex('f2 48 cd c9 c9 07 00'), true, NO_LIMIT, (error) => errors.push(error));
    }
    expect(String(await decompress(create('server'), hex('f2 48 cd c9 c9 07 00')))).toBe('Hello');
    expect(errors).toEqual(Array.from({ length: 40 }, () => new StreamClosedError()));
  });

  it.each([
    ['deflated', (deflate: PerMessageDeflate) => compress(deflate, Buffer.alloc(1_000_000))],
    [
      'inflated',
      (deflate: PerMessageDeflate) => decompress(deflate, deflateRawSync(Buffer.alloc(1_000_000))),
    ],
  ])('ends what is being %s with an error that is not the peer’s', async (_name, begin) => {
    const deflate = create('server');
    const pending = begin(deflate);
    deflate.close();
    await expect(pending).rejects.toBeInstanceOf(StreamClosedError);
  });
});
