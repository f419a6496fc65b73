import { spawnSync } from 'node:child_process';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { PerMessageDeflate } from '../../src/ws/permessage-deflate.ts';
import type { Receiver, ReceiverOptions } from '../../src/ws/receiver.ts';
import { bytes } from '../core/recorder.ts';
import { threeWays } from '../feed.ts';
import { difference } from './differences.ts';
import { compress, type ExportedClasses, hawser, IMPLEMENTATIONS } from './exported-classes.ts';
import { logOf, record } from './receiver-log.ts';

const SERVER = { isServer: true };
const FINISH = ['finish'];

function deflateOf(exported: ExportedClasses, parameters = {}, maxPayload = 0): PerMessageDeflate {
  const deflate = new exported.PerMessageDeflate({ maxPayload });
  onTestFinished(() => deflate.cleanup());
  deflate.accept([parameters]);
  return deflate;
}

/** A frame from a server, of at most 125 bytes. */
function frame(firstByte: number, payload: Uint8Array | string): Buffer {
  const data = Buffer.from(payload as Uint8Array);
  return Buffer.concat([Buffer.from([firstByte, data.length]), data]);
}

/** What is emitted for a fault, as {@link logOf} shows it. */
function fault(code: string, message: string): unknown[] {
  const isRangeError = code !== 'WS_ERR_INVALID_UTF8';
  return ['error', { name: isRangeError ? 'RangeError' : 'Error', message, code, isRangeError }];
}

function invalid(code: string, detail: string): unknown[] {
  return fault(code, `Invalid WebSocket frame: ${detail}`);
}

const TOO_LONG = fault('WS_ERR_UNSUPPORTED_MESSAGE_LENGTH', 'Max payload size exceeded');
const BAD_UTF8 = invalid('WS_ERR_INVALID_UTF8', 'invalid UTF-8 sequence');
const TOO_MANY_FRAGMENTS = fault('WS_ERR_TOO_MANY_BUFFERED_PARTS', 'Too many message fragments');
const TOO_MANY_CHUNKS = fault('WS_ERR_TOO_MANY_BUFFERED_PARTS', 'Too many buffered chunks');

describe.each(IMPLEMENTATIONS)('Receiver of %s', (_name, exported) => {
  const log = (chunks: readonly Uint8Array[], options: ReceiverOptions = {}) =>
    logOf(exported, options, chunks);

  it.each<[string, string, ReceiverOptions, unknown[][]]>([
    ['a text', '81 05 48656c6c6f', {}, [['message', '<48656c6c6f>', false]]],
    ['a masked text', '81 85 37fa213d 7f9f4d5158', SERVER, [['message', '<48656c6c6f>', false]]],
    ['a binary message', '82 02 ff00', {}, [['message', '<ff00>', true]]],
    [
      'empty messages',
      '81 00 82 00',
      {},
      [
        ['message', '<>', false],
        ['message', '<>', true],
      ],
    ],
    ['a message in fragments', '01 02 4865 00 00 80 03 6c6c6f', {}, [['message', '<48656c6c6f>', false]]],
    [
      'control frames between fragments',
      '02 01 01 89 01 70 00 01 02 8a 01 71 80 01 03',
      {},
      [
        ['ping', '<70>'],
        ['pong', '<71>'],
        ['message', '<010203>', true],
      ],
    ],
    [
      'control frames without payload',
      '89 00 8a 00',
      {},
      [
        ['ping', '<>'],
        ['pong', '<>'],
      ],
    ],
    ['a 16 bit length', `82 7e 0080 ${'61'.repeat(128)}`, {}, [['message', `<${'61'.repeat(128)}>`, true]]],
    ['a close without payload', '88 00', {}, [['conclude', 1005, '<>']]],
    ['a close with a code', '88 02 03e8', {}, [['conclude', 1000, '<>']]],
    ['a masked close with a reason', '88 85 01020304 02ea61676e', SERVER, [['conclude', 1000, '<62636f>']]],
  ])('tells of %s', async (_what, stream, options, expected) => {
    const [whole, single] = threeWays(bytes(stream));
    for (const chunks of [whole!, single!]) {
      for (const allowSynchronousEvents of [true, false]) {
        expect(await log(chunks, { ...options, allowSynchronousEvents })).toEqual([...expected, FINISH]);
      }
    }
  });

  it.each([65_535, 65_536, 200 * 1024])('tells of a message of %i bytes, in two chunks', async (length) => {
    const payload = Buffer.alloc(length, 'abc');
    const whole = Buffer.concat(
      exported.Sender.frame(payload, { fin: true, opcode: 2, mask: true, readOnly: true }) as Uint8Array[],
    );
    const receiver = new exported.Receiver(SERVER);
    const received = new Promise<Buffer>((resolve) => receiver.on('message', resolve));
    receiver.write(whole.subarray(0, 3));
    receiver.write(whole.subarray(3));
    expect((await received).equals(payload)).toBe(true);
  });

  it('tells of thousands of frames in one chunk', async () => {
    const chunk = Buffer.alloc(40_000);
    for (let i = 0; i < chunk.length; i += 2) chunk[i] = 0x81;
    let count = 0;
    const receiver = new exported.Receiver();
    receiver.on('message', () => count++);
    receiver.write(chunk);
    expect(count).toBe(20_000);
  });

  it('tells at once, while bytes are written', () => {
    const receiver = new exported.Receiver();
    const told = record(receiver);
    receiver.write(frame(0x81, 'a'));
    expect(told).toEqual([['message', Buffer.from('a'), false]]);
  });

  it.each<[NonNullable<ReceiverOptions['binaryType']>, unknown, unknown, unknown]>([
    ['nodebuffer', '<0102>', '<010203>', '<>'],
    ['arraybuffer', 'ArrayBuffer <0102>', 'ArrayBuffer <010203>', 'ArrayBuffer <>'],
    ['fragments', ['<0102>'], ['<01>', '<0203>'], []],
    ['blob', 'Blob <0102>', 'Blob <010203>', 'Blob <>'],
  ])('hands binary messages over as %s', async (binaryType, whole, fragmented, empty) => {
    const stream = bytes('82 02 0102 02 01 01 00 00 80 02 0203 82 00 81 01 61');
    expect(await log([stream], { binaryType })).toEqual([
      ['message', whole, true],
      ['message', fragmented, true],
      ['message', empty, true],
      ['message', '<61>', false],
      FINISH,
    ]);
  });

  it('is done after a close frame: what comes with it is not looked at', async () => {
    expect(await log([bytes('88 00 83 00')])).toEqual([['conclude', 1005, '<>'], FINISH]);
    const receiver = new exported.Receiver();
    receiver.on('conclude', () => expect(receiver.writableEnded).toBe(false));
    receiver.write(bytes('88 00'));
    expect(receiver.writableEnded).toBe(true);
  });

  it('finishes in the middle of a frame without an error', async () => {
    expect(await log([bytes('82 05 01')])).toEqual([FINISH]);
  });

  it.each<[string, string, ReceiverOptions, unknown[]]>([
    ['RSV1 without an extension', 'c1 00', {}, invalid('WS_ERR_UNEXPECTED_RSV_1', 'RSV1 must be clear')],
    ['RSV2', 'a1 00', {}, invalid('WS_ERR_UNEXPECTED_RSV_2_3', 'RSV2 and RSV3 must be clear')],
    ['RSV3', '91 00', {}, invalid('WS_ERR_UNEXPECTED_RSV_2_3', 'RSV2 and RSV3 must be clear')],
    ['a continuation of nothing', '80 00', {}, invalid('WS_ERR_INVALID_OPCODE', 'invalid opcode 0')],
    ['a text in a text', '01 00 01 00', {}, invalid('WS_ERR_INVALID_OPCODE', 'invalid opcode 1')],
    ['a binary message in a text', '01 00 82 00', {}, invalid('WS_ERR_INVALID_OPCODE', 'invalid opcode 2')],
    ['opcode 3', '83 00', {}, invalid('WS_ERR_INVALID_OPCODE', 'invalid opcode 3')],
    ['opcode 11', '8b 00', {}, invalid('WS_ERR_INVALID_OPCODE', 'invalid opcode 11')],
    ['a ping in fragments', '09 00', {}, invalid('WS_ERR_EXPECTED_FIN', 'FIN must be set')],
    ['a mask of a server', '81 80 01020304', {}, invalid('WS_ERR_UNEXPECTED_MASK', 'MASK must be clear')],
    ['no mask of a client', '81 00', SERVER, invalid('WS_ERR_EXPECTED_MASK', 'MASK must be set')],
    [
      'a ping of 126 bytes',
      '89 7e',
      {},
      invalid('WS_ERR_INVALID_CONTROL_PAYLOAD_LENGTH', 'invalid payload length 126'),
    ],
    [
      'a close of one byte',
      '88 01 00',
      {},
      invalid('WS_ERR_INVALID_CONTROL_PAYLOAD_LENGTH', 'invalid payload length 1'),
    ],
    [
      'a length above 2^53 - 1',
      '82 7f 0020000000000000',
      {},
      fault(
        'WS_ERR_UNSUPPORTED_DATA_PAYLOAD_LENGTH',
        'Unsupported WebSocket frame: payload length > 2^53 - 1',
      ),
    ],
    ['close code 1006', '88 02 03ee', {}, invalid('WS_ERR_INVALID_CLOSE_CODE', 'invalid status code 1006')],
    ['close code 0', '88 02 0000', {}, invalid('WS_ERR_INVALID_CLOSE_CODE', 'invalid status code 0')],
    ['a text that is not UTF-8', '81 04 ceba e1bd', {}, BAD_UTF8],
    ['a text in fragments that is not', '01 02 ceba 80 02 e1bd', {}, BAD_UTF8],
    ['a close reason that is not', '88 06 03e8 ceba e1bd', {}, BAD_UTF8],
  ])('refuses %s', async (_what, stream, options, expected) => {
    const [whole, single, followed] = threeWays(bytes(stream));
    for (const chunks of [whole!, single!, followed!]) expect(await log(chunks, options)).toEqual([expected]);
  });

  it('tells what came before a fault, and destroys itself', async () => {
    expect(await log([bytes('81 01 61 83 00 81 01 62')])).toEqual([
      ['message', '<61>', false],
      invalid('WS_ERR_INVALID_OPCODE', 'invalid opcode 3'),
    ]);
    const receiver = new exported.Receiver();
    const closed = new Promise((resolve) => receiver.on('error', () => {}).on('close', resolve));
    receiver.write(bytes('83 00'));
    await closed;
    expect(receiver.destroyed).toBe(true);
  });

  it('passes on what is not UTF-8 with skipUTF8Validation', async () => {
    const options = { skipUTF8Validation: true };
    expect(await log([bytes('81 01 ff 88 03 03e8 ff')], options)).toEqual([
      ['message', '<ff>', false],
      ['conclude', 1000, '<ff>'],
      FINISH,
    ]);
  });

  it('counts the bytes of a message against maxPayload, not those of control frames', async () => {
    const options = { maxPayload: 5 };
    const five = '02 03 000000 89 06 000000000000 80 02 0000';
    expect((await log([bytes(`${five} ${five}`)], options)).map(([name]) => name)).toEqual([
      ...['ping', 'message', 'ping', 'message', 'finish'],
    ]);
    expect(await log([bytes('82 06')], options)).toEqual([TOO_LONG]);
    expect(await log([bytes('02 03 000000 80 03')], options)).toEqual([TOO_LONG]);
  });

  it.each([0, -1, undefined])('has no limits with %d', async (limit) => {
    const options = { maxPayload: limit, maxFragments: limit, maxBufferedChunks: limit };
    const [, single] = threeWays(bytes(`02 7e 0100 ${'00'.repeat(256)} ${'00 00'.repeat(20)} 80 00`));
    expect((await log(single!, options)).map(([name]) => name)).toEqual(['message', 'finish']);
  });

  it('counts the frames of a message against maxFragments, empty ones too', async () => {
    const options = { maxFragments: 2 };
    expect(await log([bytes('01 01 61 89 00 80 01 62 01 00 80 00 81 00')], options)).toEqual([
      ['ping', '<>'],
      ['message', '<6162>', false],
      ['message', '<>', false],
      ['message', '<>', false],
      FINISH,
    ]);
    expect(await log([bytes('01 00 00 00 80 00')], options)).toEqual([TOO_MANY_FRAGMENTS]);
  });

  it('counts compressed frames against maxFragments', async () => {
    const deflate = deflateOf(exported);
    const parts = [await compress(deflate, 'a', false), await compress(deflate, '', false)];
    const chunks = [frame(0x41, parts[0]!), frame(0, parts[1]!), frame(0, await compress(deflate, '', true))];
    const extensions = { 'permessage-deflate': deflate };
    expect(await log(chunks, { extensions, maxFragments: 2 })).toEqual([TOO_MANY_FRAGMENTS]);
  });

  it('counts the chunks of an incomplete payload against maxBufferedChunks', async () => {
    const options = { maxBufferedChunks: 3 };
    const inChunks = (count: number) => [bytes(`82 0${count} 00`), ...Array(count - 1).fill(Buffer.alloc(1))];
    expect(await log(inChunks(3), options)).toEqual([['message', '<000000>', true], FINISH]);
    expect(await log(inChunks(4), options)).toEqual([TOO_MANY_CHUNKS]);
  });

  it('lets the microtasks run after each event without allowSynchronousEvents', async () => {
    const receiver = new exported.Receiver({ allowSynchronousEvents: false });
    const order: string[] = [];
    const listener = (data: Buffer): void => {
      order.push(String(data));
      Promise.resolve()
        .then(() => order.push(`${data}, a microtask later`))
        .then(() => order.push(`${data}, two later`));
    };
    receiver.on('message', listener).on('ping', listener).on('pong', listener);
    const closed = new Promise((resolve) => receiver.on('close', resolve));
    receiver.end(bytes('81 01 31 89 01 32 8a 01 33 82 01 34'));
    expect(order).toEqual([]);
    await closed;
    await new Promise((resolve) => setImmediate(resolve));
    expect(order).toEqual(
      ['1', '2', '3', '4'].flatMap((text) => [text, `${text}, a microtask later`, `${text}, two later`]),
    );
  });

  it.each(['message', 'ping', 'conclude'])(
    'lets what a listener to %s throws go on to the writer',
    (name) => {
      const receiver: Receiver = new exported.Receiver();
      receiver.on(name, () => {
        throw new Error('from the listener');
      });
      const stream = { message: '81 00', ping: '89 00', conclude: '88 00' }[name]!;
      expect(() => receiver.write(bytes(stream))).toThrow('from the listener');
    },
  );

  describe('with permessage-deflate', () => {
    it('tells of compressed messages, whole and in fragments, in order with others', async () => {
      const deflate = deflateOf(exported);
      const chunks = [
        frame(0xc1, await compress(deflate, 'Hello')),
        frame(0x81, 'plain'),
        frame(0x42, await compress(deflate, 'Hel', false)),
        frame(0x89, 'ping'),
        frame(0x80, await compress(deflate, 'lo', true)),
        frame(0xc1, await compress(deflate, '')),
        frame(0x88, bytes('03e8')),
      ];
      const expected = [
        ['message', '<48656c6c6f>', false],
        ['message', '<706c61696e>', false],
        ['ping', '<70696e67>'],
        ['message', '<48656c6c6f>', true],
        ['message', '<>', false],
        ['conclude', 1000, '<>'],
        FINISH,
      ];
      for (const allowSynchronousEvents of [true, false]) {
        const options = { extensions: { 'permessage-deflate': deflateOf(exported) }, allowSynchronousEvents };
        expect(await log([Buffer.concat(chunks)], options)).toEqual(expected);
      }
    });

    it.each<[string, string]>([
      ['a continuation', '41 00 c0 00'],
      ['a continuation of an uncompressed message', '01 00 c0 00'],
      ['a ping', 'c9 00'],
    ])('refuses RSV1 on %s', async (_what, stream) => {
      const extensions = { 'permessage-deflate': deflateOf(exported) };
      expect(await log([bytes(stream)], { extensions })).toEqual([
        invalid('WS_ERR_UNEXPECTED_RSV_1', 'RSV1 must be clear'),
      ]);
    });

    it('tells zlib’s own error', async () => {
      const extensions = { 'permessage-deflate': deflateOf(exported) };
      const told = await log([frame(0xc1, Buffer.alloc(20, 0xff))], { extensions });
      expect(told).toEqual([
        ['error', expect.objectContaining({ name: 'Error', code: 'Z_DATA_ERROR', isRangeError: false })],
      ]);
    });

    it('refuses an inflated text that is not UTF-8', async () => {
      const deflate = deflateOf(exported);
      const chunk = frame(0xc1, await compress(deflate, bytes('ceba e1bd')));
      expect(await log([chunk], { extensions: { 'permessage-deflate': deflate } })).toEqual([BAD_UTF8]);
    });

    it.each([
      ['its own', 25, 0],
      ['that of the extension', 0, 25],
      ['both', 25, 25],
    ])('keeps maxPayload: %s', async (_whose, maxPayload, ofExtension) => {
      const peer = deflateOf(exported, { client_no_context_takeover: [true] });
      const [just, more] = [await compress(peer, Buffer.alloc(25)), await compress(peer, Buffer.alloc(26))];
      const extensions = () => ({ 'permessage-deflate': deflateOf(exported, {}, ofExtension) });
      expect(await log([frame(0xc2, just)], { extensions: extensions(), maxPayload })).toEqual([
        ['message', `<${'00'.repeat(25)}>`, true],
        FINISH,
      ]);
      expect(await log([frame(0xc2, more)], { extensions: extensions(), maxPayload })).toEqual([TOO_LONG]);
    });

    it('counts all fragments of a message against maxPayload', async () => {
      const deflate = deflateOf(exported);
      const chunks = [
        frame(0x42, await compress(deflate, Buffer.alloc(20), false)),
        frame(0x80, await compress(deflate, Buffer.alloc(20), true)),
      ];
      const extensions = { 'permessage-deflate': deflate };
      expect(await log(chunks, { extensions, maxPayload: 30 })).toEqual([TOO_LONG]);
    });
  });
});

describe('differences', () => {
  /** What each package tells of the same, without the finish. */
  async function both(
    chunksOf: (exported: ExportedClasses) => Promise<Uint8Array[]> | Uint8Array[],
    optionsOf: (exported: ExportedClasses) => ReceiverOptions = () => ({}),
  ): Promise<{ ws: unknown[][]; hawser: unknown[][] }> {
    const [theirs, ours] = await Promise.all(
      IMPLEMENTATIONS.map(async ([, exported]) => {
        const told = await logOf(exported, optionsOf(exported), await chunksOf(exported));
        return told.filter(([name]) => name !== 'finish');
      }),
    );
    return { ws: theirs!, hawser: ours! };
  }

  it(difference('length-not-minimal'), async () => {
    expect(await both(() => [bytes('81 7e 0001 61')])).toEqual({
      ws: [['message', '<61>', false]],
      hawser: [invalid('WS_ERR_NON_MINIMAL_PAYLOAD_LENGTH', 'payload length is not in its shortest form')],
    });
  });

  it(difference('utf8-at-the-bad-byte'), async () => {
    expect(await both(() => [bytes('01 01 ff 89 00')])).toEqual({ ws: [['ping', '<>']], hawser: [BAD_UTF8] });
  });

  it.each([
    ['83', invalid('WS_ERR_INVALID_OPCODE', 'invalid opcode 3')],
    ['a1', invalid('WS_ERR_UNEXPECTED_RSV_2_3', 'RSV2 and RSV3 must be clear')],
    ['c1', invalid('WS_ERR_UNEXPECTED_RSV_1', 'RSV1 must be clear')],
    ['09', invalid('WS_ERR_EXPECTED_FIN', 'FIN must be set')],
    [
      '82 7f 80',
      fault(
        'WS_ERR_UNSUPPORTED_DATA_PAYLOAD_LENGTH',
        'Unsupported WebSocket frame: payload length > 2^53 - 1',
      ),
    ],
  ])(`${difference('fault-at-its-first-byte')}: %s`, async (stream, expected) => {
    expect(await both(() => [bytes(stream)])).toEqual({ ws: [], hawser: [expected] });
  });

  it(difference('too-many-fragments-at-the-header'), async () => {
    const limited = await both(
      () => [bytes('01 00 80 05 61')],
      () => ({ maxFragments: 1 }),
    );
    expect(limited).toEqual({ ws: [], hawser: [TOO_MANY_FRAGMENTS] });
  });

  it(difference('chunks-of-a-header'), async () => {
    const [, single] = threeWays(bytes('82 7f 0000000000010000'));
    expect(
      await both(
        () => single!,
        () => ({ maxBufferedChunks: 7 }),
      ),
    ).toEqual({
      ws: [TOO_MANY_CHUNKS],
      hawser: [],
    });
  });

  it(difference('compressed-message-inflated-whole'), async () => {
    const optionsOf = (exported: ExportedClasses): ReceiverOptions => ({
      extensions: { 'permessage-deflate': deflateOf(exported) },
      binaryType: 'fragments',
    });
    const good = async (exported: ExportedClasses) => {
      const deflate = deflateOf(exported);
      return [
        frame(0x42, await compress(deflate, 'a', false)),
        frame(0x80, await compress(deflate, 'b', true)),
      ];
    };
    expect(await both(good, optionsOf)).toEqual({
      ws: [['message', ['<61>', '<62>'], true]],
      hawser: [['message', ['<6162>'], true]],
    });
    const zlibError = ['error', expect.objectContaining({ code: 'Z_DATA_ERROR' })];
    const bad = [frame(0x42, Buffer.alloc(20, 0xff)), frame(0x89, ''), frame(0x80, '')];
    expect(await both(() => bad, optionsOf)).toEqual({
      ws: [zlibError],
      hawser: [['ping', '<>'], zlibError],
    });
  });

  it(difference('fault-while-chunks-wait'), async () => {
    const options = { isServer: true, allowSynchronousEvents: false, maxFragments: 1 };
    const chunks = ['81 80 00000001', '01 80 00000001 80 81 00000001 00', '00'];
    expect(await logOf(hawser, options, chunks.map(bytes))).toEqual([
      ['message', '<>', false],
      TOO_MANY_FRAGMENTS,
    ]);
    // In a process of its own, which ends by it.
    const program = `
      const receiver = new (require('ws').Receiver)(${JSON.stringify(options)});
      receiver.on('error', () => {});
      for (const chunk of ${JSON.stringify(chunks)}) receiver.write(Buffer.from(chunk.replaceAll(' ', ''), 'hex'));`;
    const { stderr } = spawnSync(process.execPath, ['-e', program], { encoding: 'utf8' });
    expect(stderr).toContain('TypeError: Cannot read properties of undefined');
  });
});
