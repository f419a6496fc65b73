import { describe, expect, it } from 'vitest';
import type { FrameOptions } from '../../src/ws/frame-list.ts';
import type { Sender, SenderData } from '../../src/ws/sender.ts';
import { difference } from './differences.ts';
import { compress, decompress, hawser, IMPLEMENTATIONS, ws } from './exported-classes.ts';
import { called, deflateOf, fillKey, KEY, senderOf } from './sender-setup.ts';

function shown(list: ReadonlyArray<Uint8Array | string>): string[] {
  return list.map((piece) =>
    typeof piece === 'string' ? JSON.stringify(piece) : Buffer.from(piece).toString('hex'),
  );
}

/** A Blob that can't be read. */
class UnreadableBlob extends Blob {
  override arrayBuffer(): Promise<ArrayBuffer> {
    return Promise.reject(new Error('The blob could not be read'));
  }
}

describe.each(IMPLEMENTATIONS)('Sender.frame of %s', (_name, { Sender }) => {
  const masked = { mask: true, generateMask: fillKey };

  it.each<[string, Uint8Array | string, FrameOptions, string[]]>([
    ['bytes', Buffer.from('abc'), { fin: true, opcode: 2 }, ['8203', '616263']],
    ['a string, as bytes', '€', { fin: true, opcode: 1 }, ['8103', 'e282ac']],
    ['a fragment', Buffer.from('a'), { opcode: 1 }, ['0101', '61']],
    ['RSV1', Buffer.from('a'), { fin: true, rsv1: true, opcode: 1 }, ['c101', '61']],
    ['nothing', Buffer.alloc(0), { fin: true, opcode: 9 }, ['8900']],
    ['an empty string', '', { fin: true, opcode: 1 }, ['8100']],
    ['nothing, masked', Buffer.alloc(0), { fin: true, opcode: 9, ...masked }, ['898001020304']],
    ['bytes, masked', Buffer.from('abc'), { fin: true, opcode: 2, ...masked }, ['828301020304', '606060']],
    ['a string, masked', 'abc', { fin: true, opcode: 1, ...masked }, ['818301020304', '606060']],
    [
      'bytes to be left alone, masked',
      Buffer.from('abc'),
      { fin: true, opcode: 2, readOnly: true, ...masked },
      ['828301020304606060'],
    ],
    [
      'bytes under a key of zeros',
      Buffer.from('abc'),
      { fin: true, opcode: 2, readOnly: true, mask: true, generateMask: (key: Buffer) => key.fill(0) },
      ['828300000000', '616263'],
    ],
  ])('makes a frame of %s', (_of, data, options, expected) => {
    expect(shown(Sender.frame(data, options))).toEqual(expected);
  });

  it.each([
    [125, '827d'],
    [126, '827e007e'],
    [65_535, '827effff'],
    [65_536, '827f0000000000010000'],
  ])('writes the length %i', (length, header) => {
    const [first, payload] = Sender.frame(Buffer.alloc(length), { fin: true, opcode: 2 });
    expect(shown([first!])).toEqual([header]);
    expect(payload).toHaveLength(length);
  });

  it('passes the data on, and masks them where they lie', () => {
    const data = Buffer.from('abc');
    expect(Sender.frame(data, { fin: true, opcode: 2, ...masked })[1]).toBe(data);
    expect(data.toString('hex')).toBe('606060');
  });

  it('leaves read-only data alone', () => {
    const data = Buffer.from([1, 2, 3, 4, 5]);
    Sender.frame(data, { fin: true, opcode: 2, mask: true, readOnly: true });
    expect(data).toEqual(Buffer.from([1, 2, 3, 4, 5]));
  });

  it('masks with random keys by default', () => {
    const keys = new Set(
      Array.from({ length: 100 }, () => shown(Sender.frame('', { opcode: 1, mask: true }))[0]),
    );
    expect(keys.size).toBeGreaterThan(95);
  });

  it('leaves the key in the mask buffer', () => {
    const maskBuffer = Buffer.alloc(4);
    const [header] = Sender.frame('', { opcode: 1, mask: true, maskBuffer });
    expect(maskBuffer).toEqual(Buffer.from(header as Uint8Array).subarray(2));
    Sender.frame('', { opcode: 1, maskBuffer, ...masked });
    expect(maskBuffer).toEqual(KEY);
  });
});

describe.each(IMPLEMENTATIONS)('Sender of %s', (_name, exported) => {
  const WHOLE = { fin: true };

  it('writes the header and the payload, corked, and a string as it is', () => {
    const { socket, sender } = senderOf(exported);
    sender.send('€', WHOLE);
    expect(socket.log).toEqual(['cork', '8103', '"€"', 'uncork']);
  });

  it('writes a frame without payload in one', () => {
    const { socket, sender } = senderOf(exported);
    sender.send('', WHOLE);
    sender.send(Buffer.alloc(0), { fin: true, binary: true });
    expect(socket.log).toEqual(['8100', '8200']);
  });

  it('takes every type of data', async () => {
    const { socket, sender } = senderOf(exported);
    const bytes = Uint8Array.from([0, 0x68, 0x69, 0]);
    const view = new DataView(bytes.buffer, 1, 2);
    for (const data of [
      view,
      bytes.subarray(1, 3),
      bytes.buffer.slice(1, 3),
      [0x68, 0x69],
      Buffer.from('hi'),
      'hi',
    ]) {
      sender.send(data, { fin: true, binary: true });
    }
    await called((callback) => sender.send(new Blob(['hi']), { fin: true, binary: true }, callback));
    const frame = ['8202', '6869'];
    expect(socket.written).toEqual([...Array(5).fill(frame).flat(), '8202', '"hi"', ...frame]);
  });

  it.each([5, null, undefined, {}, true])('throws over %o', (data) => {
    const { socket, sender } = senderOf(exported);
    expect(() => sender.send(data as unknown as SenderData, WHOLE)).toThrow(TypeError);
    expect(() => sender.ping(data as unknown as SenderData)).toThrow(TypeError);
    expect(socket.log).toEqual([]);
  });

  it('masks, and leaves the caller’s bytes alone', () => {
    const { socket, sender } = senderOf(exported, undefined, fillKey);
    const data = Buffer.from('abc');
    sender.send(data, { fin: true, binary: true, mask: true });
    sender.send('abc', { fin: true, mask: true });
    sender.ping(data, true);
    sender.close(1000, data, true);
    expect(data).toEqual(Buffer.from('abc'));
    expect(socket.written).toEqual([
      '828301020304606060',
      '818301020304',
      '606060',
      '898301020304606060',
      '888501020304',
      '02ea626662',
    ]);
  });

  it('goes on with a fragmented message, whatever the binary option', () => {
    const { socket, sender } = senderOf(exported);
    sender.send('a', { fin: false });
    sender.ping('p');
    sender.send('b', { binary: true });
    sender.send('c', { fin: true });
    sender.send('d', { fin: true, binary: true });
    expect(socket.written).toEqual([
      '0101',
      '"a"',
      '8901',
      '"p"',
      '0001',
      '"b"',
      '8001',
      '"c"',
      '8201',
      '"d"',
    ]);
  });

  it('calls back when it is written', async () => {
    const { sender } = senderOf(exported);
    expect(await called((callback) => sender.send('a', WHOLE, callback))).toBeUndefined();
    expect(await called((callback) => sender.ping('a', false, callback))).toBeUndefined();
    expect(await called((callback) => sender.pong('', false, callback))).toBeUndefined();
    expect(await called((callback) => sender.close(1000, '', false, callback))).toBeUndefined();
  });

  it.each(['ping', 'pong'] as const)('sends a %s of every type of data', async (name) => {
    const { socket, sender } = senderOf(exported);
    const bytes = Uint8Array.from([0x68, 0x69]);
    sender[name](bytes.buffer, false);
    sender[name](bytes, false);
    sender[name]('hi', false);
    await called((callback) => sender[name](new Blob(['hi']), false, callback));
    const header = name === 'ping' ? '8902' : '8a02';
    expect(socket.written).toEqual([header, '6869', header, '6869', header, '"hi"', header, '6869']);
  });

  it.each(['ping', 'pong'] as const)('sends a %s of at most 125 bytes', (name) => {
    const { socket, sender } = senderOf(exported);
    const expected = new RangeError('The data size must not be greater than 125 bytes');
    for (const data of [Buffer.alloc(126), '€'.repeat(42), new Blob(['a'.repeat(126)])]) {
      expect(() => sender[name](data)).toThrow(expected);
    }
    sender[name](Buffer.alloc(125));
    expect(socket.written).toHaveLength(2);
  });

  it.each<[Parameters<Sender['close']>, string[]]>([
    [[], ['8800']],
    [[undefined, 'ignored'], ['8800']],
    [[1000], ['8802', '03e8']],
    [
      [1000, ''],
      ['8802', '03e8'],
    ],
    [
      [4999, 'bye €'],
      ['8809', '138762796520e282ac'],
    ],
    [
      [1001, Buffer.from('a')],
      ['8803', '03e961'],
    ],
    [
      [1000, 5 as unknown as string],
      ['8802', '03e8'],
    ],
  ])('closes with %j', (given, expected) => {
    const { socket, sender } = senderOf(exported);
    sender.close(...given);
    expect(socket.written).toEqual(expected);
  });

  it.each<[unknown[], Error]>([
    [['error'], new TypeError('First argument must be a valid error code number')],
    [['1000'], new TypeError('First argument must be a valid error code number')],
    [[1004, {}], new TypeError('First argument must be a valid error code number')],
    [[999], new TypeError('First argument must be a valid error code number')],
    [[1005], new TypeError('First argument must be a valid error code number')],
    [[5000], new TypeError('First argument must be a valid error code number')],
    [[1000, 'a'.repeat(124)], new RangeError('The message must not be greater than 123 bytes')],
    [[1000, '€'.repeat(42)], new RangeError('The message must not be greater than 123 bytes')],
    [[1000, new Int16Array(1)], new TypeError('Second argument must be a string or a Uint8Array')],
  ])('does not close with %j', (given, expected) => {
    const { socket, sender } = senderOf(exported);
    const close = () => sender.close(...(given as Parameters<Sender['close']>));
    expect(close).toThrow(expected);
    expect(close).toThrow(expected.constructor as new () => Error);
    expect(socket.log).toEqual([]);
  });

  it('writes a frame that was made before', async () => {
    const { socket, sender } = senderOf(exported);
    sender.sendFrame(exported.Sender.frame('a', { fin: true, opcode: 1 }));
    await called((callback) => sender.sendFrame([Buffer.from('8100', 'hex')], callback));
    expect(socket.log).toEqual(['cork', '8101', '61', 'uncork', '8100']);
  });

  describe('with permessage-deflate', () => {
    const COMPRESSED = { fin: true, compress: true };

    it('compresses, with RSV1 on the first frame', async () => {
      const deflate = deflateOf(exported);
      const { socket, sender } = senderOf(exported, deflate);
      sender.send('one ', { compress: true });
      sender.send('two', { compress: false });
      await called((callback) => sender.send('', { fin: true }, callback));
      const headers = socket.written.filter((_entry, i) => i % 2 === 0).map((entry) => entry.slice(0, 2));
      expect(headers).toEqual(['41', '00', '80']);
      const payloads = socket.written.filter((_entry, i) => i % 2 === 1);
      const inflated = await decompress(deflate, Buffer.from(payloads.join(''), 'hex'));
      expect(String(inflated)).toBe('one two');
    });

    it('compresses what is asked for only', async () => {
      const { socket, sender } = senderOf(exported, deflateOf(exported));
      sender.send('hi', { fin: true });
      sender.send('hi', { fin: true, compress: false });
      expect(socket.written).toEqual(['8102', '"hi"', '8102', '"hi"']);
    });

    it.each([
      ['client_no_context_takeover', {}],
      ['server_no_context_takeover', { isServer: true }],
    ])('keeps small messages as they are under %s', async (parameter, options) => {
      const deflate = deflateOf(exported, { [parameter]: [true] }, { threshold: 3, ...options });
      const { socket, sender } = senderOf(exported, deflate);
      sender.send('hi', COMPRESSED);
      await called((callback) => sender.send('foo', COMPRESSED, callback));
      expect(socket.written.slice(0, 2)).toEqual(['8102', '"hi"']);
      expect(socket.written[2]).toMatch(/^c1/);
    });

    it.each([
      [
        ['foo', 'ba'],
        ['41', '80'],
      ],
      [
        ['ba', 'foo'],
        ['01', '80'],
      ],
      [
        ['', 'foo'],
        ['01', '80'],
      ],
    ])('lets the first of the fragments %j decide', async (parts, firstBytes) => {
      const deflate = deflateOf(exported, { client_no_context_takeover: [true] }, { threshold: 3 });
      const { socket, sender } = senderOf(exported, deflate);
      sender.send(parts[0]!, { compress: true });
      await called((callback) => sender.send(parts[1]!, COMPRESSED, callback));
      const headers = socket.written.filter((entry) => /^[0-9a-f]{4}$/.test(entry));
      expect(headers.map((entry) => entry.slice(0, 2))).toEqual(firstBytes);
    });

    it.each([
      ['foo', ''],
      ['', 'foo'],
      ['', ''],
    ])('compresses the fragments %j and %j', async (first, last) => {
      const deflate = deflateOf(exported, { client_no_context_takeover: [true] }, { threshold: 0 });
      const { socket, sender } = senderOf(exported, deflate);
      sender.send(first, { compress: true });
      await called((callback) => sender.send(last, COMPRESSED, callback));
      const twin = deflateOf(exported, { client_no_context_takeover: [true] });
      const expected = [await compress(twin, first, false), await compress(twin, last, true)].map((output) =>
        output.toString('hex'),
      );
      expect([socket.written[1], socket.written[3]]).toEqual(expected);
    });

    it('keeps everything in order, and calls back in order', async () => {
      const { socket, sender } = senderOf(exported, deflateOf(exported));
      const told: string[] = [];
      sender.send('a'.repeat(1000), COMPRESSED, () => told.push('text'));
      sender.ping('p', false, () => told.push('ping'));
      sender.send(new Blob(['blob']), { fin: true, binary: true }, () => told.push('blob'));
      sender.send(new Blob(['blob']), { ...COMPRESSED, binary: true }, () => told.push('compressed blob'));
      sender.pong('q', false, () => told.push('pong'));
      sender.ping(new Blob(['r']), false, () => told.push('ping of a blob'));
      sender.send('b', { fin: true }, () => told.push('plain'));
      expect(socket.log).toEqual([]);
      await called((callback) => sender.close(1000, undefined, false, callback));
      expect(told).toEqual(['text', 'ping', 'blob', 'compressed blob', 'pong', 'ping of a blob', 'plain']);
      const headers = socket.written.filter((_entry, i) => i % 2 === 0).map((entry) => entry.slice(0, 2));
      expect(headers).toEqual(['c1', '89', '82', 'c2', '8a', '89', '81', '88']);
    });

    it('tells everybody when the socket closes while it compresses', async () => {
      const deflate = deflateOf(exported);
      const { socket, sender } = senderOf(exported, deflate);
      const told: string[] = [];
      sender.send('a'.repeat(1000), COMPRESSED, (error) => told.push(`message: ${error?.message}`));
      sender.ping('p', false, (error) => told.push(`ping: ${error?.message}`));
      const closed = called((callback) => sender.close(1000, undefined, false, callback));
      socket.destroyed = true;
      const message = 'The socket was closed while data was being compressed';
      expect((await closed)?.message).toBe(message);
      expect(told).toEqual([`message: ${message}`, `ping: ${message}`]);
      expect(socket.log).toEqual([]);
    });
  });

  it('tells everybody when the socket closes while a Blob is read', async () => {
    const { socket, sender } = senderOf(exported);
    const told: string[] = [];
    sender.onerror = () => told.push('onerror');
    sender.send(new Blob(['blob']), WHOLE, (error) => told.push(`blob: ${error?.message}`));
    const closed = called((callback) => sender.close(1000, undefined, false, callback));
    socket.destroyed = true;
    const message = 'The socket was closed while the blob was being read';
    expect((await closed)?.message).toBe(message);
    expect(told).toEqual([`blob: ${message}`]);
    expect(socket.log).toEqual([]);
  });

  it('tells everybody, and then onerror, when a Blob can’t be read', async () => {
    const { socket, sender } = senderOf(exported);
    const told: string[] = [];
    sender.send(new UnreadableBlob(['blob']), WHOLE, (error) => told.push(`blob: ${error?.message}`));
    sender.send('after', WHOLE, (error) => told.push(`after: ${error?.message}`));
    const error = await new Promise<Error>((resolve) => {
      sender.onerror = resolve;
    });
    const message = 'The blob could not be read';
    expect(error.message).toBe(message);
    expect(told).toEqual([`blob: ${message}`, `after: ${message}`]);
    expect(socket.log).toEqual([]);
  });
});

describe('differences', () => {
  it(difference('send-after-failure'), async () => {
    const told: string[] = [];
    for (const [name, exported] of IMPLEMENTATIONS) {
      const { socket, sender } = senderOf(exported);
      await new Promise((resolve) => {
        sender.onerror = resolve;
        sender.send(new UnreadableBlob(['blob']), { fin: true });
      });
      sender.send('after', { fin: true }, (error) => told.push(`${name}: ${error?.message}`));
      await new Promise((resolve) => setImmediate(resolve));
      expect(socket.log).toEqual([]);
    }
    expect(told).toEqual(['hawser: The blob could not be read']);
  });

  it(difference('compress-without-extension'), () => {
    const { socket, sender } = senderOf(hawser);
    sender.send('a', { fin: true, compress: true });
    expect(socket.written).toEqual(['8101', '"a"']);
    expect(() => senderOf(ws).sender.send('a', { fin: true, compress: true })).toThrow(TypeError);
  });

  it(difference('window-of-8-bits'), async () => {
    const firstBytes: string[] = [];
    for (const [, exported] of IMPLEMENTATIONS) {
      const { socket, sender } = senderOf(exported, deflateOf(exported, { client_max_window_bits: ['8'] }));
      await called((callback) => sender.send('a'.repeat(600), { fin: true, compress: true }, callback));
      firstBytes.push(socket.written[0]!.slice(0, 2));
    }
    expect(firstBytes).toEqual(['c1', '81']);
  });
});
