import { constants, deflateRawSync, inflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Compression,
  type CompressionCallback,
  Protocol,
  ProtocolError,
  type ProtocolOptions,
  type Role,
  serializeFrame,
} from '../../src/core/index.ts';
import { threeWays } from '../feed.ts';
import { bytes, hex, RecordedEvents, RecordedTransport } from './recorder.ts';

const allocate = (length: number): Uint8Array => new Uint8Array(length);
const NO_BYTES = new Uint8Array(0);
const TAIL = bytes('0000ffff');

/** permessage-deflate in one go, without context takeover but for `history`. */
class ZlibCompression implements Compression {
  #history = NO_BYTES;

  constructor(readonly keepsContext = false) {}

  worthwhile(): boolean {
    return true;
  }

  compress(payload: Uint8Array, fin: boolean, callback: CompressionCallback): void {
    const output = deflateRawSync(payload, { finishFlush: constants.Z_SYNC_FLUSH });
    callback(null, fin ? output.subarray(0, -4) : output);
  }

  inflate(payload: Uint8Array, _fin: boolean, maxLength: number, callback: CompressionCallback): void {
    callback(...this.#inflate(payload, maxLength));
  }

  #inflate(payload: Uint8Array, maxOutputLength: number): [Error | null, Uint8Array?] {
    try {
      const finishFlush = constants.Z_SYNC_FLUSH;
      const options = { finishFlush, maxOutputLength, dictionary: this.#history };
      const output = inflateRawSync(Buffer.concat([payload, TAIL]), options);
      if (this.keepsContext) this.#history = Buffer.concat([this.#history, output]);
      return [null, output];
    } catch (error) {
      return [new ProtocolError('Z_DATA_ERROR', (error as Error).message)];
    }
  }
}

/** Holds every call until it is answered by hand. */
class HeldCompression implements Compression {
  readonly compressing: CompressionCallback[] = [];
  readonly decompressing: CompressionCallback[] = [];

  worthwhile(): boolean {
    return true;
  }

  compress(_payload: Uint8Array, _fin: boolean, callback: CompressionCallback): void {
    this.compressing.push(callback);
  }

  inflate(_payload: Uint8Array, _fin: boolean, _maxLength: number, callback: CompressionCallback): void {
    this.decompressing.push(callback);
  }
}

function setUp(role: Role, options: Partial<ProtocolOptions> = {}, holdCallbacks = false) {
  const events = new RecordedEvents();
  const transport = new RecordedTransport(holdCallbacks);
  const protocol = new Protocol(
    role,
    {
      maxPayload: 1 << 20,
      checkUtf8: true,
      autoPong: true,
      generateMaskingKey: () => 0,
      allocate,
      ...options,
    },
    transport,
    events,
  );
  transport.flush = () => protocol.flush();
  return { protocol, events, transport };
}

/** A frame from a client, with a masking key of zeros. */
function masked(firstByte: number, payload: string): Uint8Array {
  return serializeFrame(firstByte, bytes(payload), 0, allocate);
}

function clientStream(...frames: Array<[number, string]>): Uint8Array {
  return Buffer.concat(frames.map(([firstByte, payload]) => masked(firstByte, payload)));
}

const HELLO = '48656c6c6f';
const message = (payload: string, isBinary: boolean): unknown[] => ['message', payload, isBinary];

describe('what comes in', () => {
  const vectors: Array<[string, Role, string, unknown[][], Compression?]> = [
    ['§5.7: an unmasked text', 'client', '81 05 48 65 6c 6c 6f', [message(HELLO, false)]],
    ['§5.7: a masked text', 'server', '81 85 37 fa 21 3d 7f 9f 4d 51 58', [message(HELLO, false)]],
    ['§5.7: a text in fragments', 'client', '01 03 48 65 6c 80 02 6c 6f', [message(HELLO, false)]],
    ['§5.7: a ping', 'client', '89 05 48 65 6c 6c 6f', [['ping', HELLO]]],
    ['§5.7: a masked pong', 'server', '8a 85 37 fa 21 3d 7f 9f 4d 51 58', [['pong', HELLO]]],
    ['§5.7: 256 bytes', 'client', `82 7e 01 00 ${'ab'.repeat(256)}`, [message('ab'.repeat(256), true)]],
    [
      '§5.7: 64 KiB',
      'client',
      `82 7f 00 00 00 00 00 01 00 00 ${'cd'.repeat(65536)}`,
      [message('cd'.repeat(65536), true)],
    ],
    ['an empty message', 'client', '82 00', [message('', true)]],
    [
      'a ping between fragments (§5.4)',
      'client',
      '01 01 48 89 01 aa 80 01 69',
      [['ping', 'aa'], message('4869', false)],
    ],
    ['a Close frame without a code', 'client', '88 00', [['close', 1005, '']]],
    ['a Close frame with a reason', 'client', '88 05 03 e8 62 79 65', [['close', 1000, '627965']]],
    [
      'RFC 7692 §7.2.3.1: one block',
      'client',
      'c1 07 f2 48 cd c9 c9 07 00',
      [message(HELLO, false)],
      new ZlibCompression(),
    ],
    [
      'RFC 7692 §7.2.3.1: in fragments',
      'client',
      '41 03 f2 48 cd 80 04 c9 c9 07 00',
      [message(HELLO, false)],
      new ZlibCompression(),
    ],
    [
      'RFC 7692 §7.2.3.3: no compression',
      'client',
      'c1 0b 00 05 00 fa ff 48 65 6c 6c 6f 00',
      [message(HELLO, false)],
      new ZlibCompression(),
    ],
    [
      'RFC 7692 §7.2.3.4: BFINAL',
      'client',
      'c1 08 f3 48 cd c9 c9 07 00 00',
      [message(HELLO, false)],
      new ZlibCompression(),
    ],
    [
      'RFC 7692 §7.2.3.5: two blocks',
      'client',
      'c1 0d f2 48 05 00 00 00 ff ff ca c9 c9 07 00',
      [message(HELLO, false)],
      new ZlibCompression(),
    ],
  ];

  it.each(vectors)('is told: %s', (_, role, text, expected, compression) => {
    for (const chunks of threeWays(bytes(text))) {
      const { protocol, events } = setUp(role, { compression });
      for (const chunk of chunks) protocol.receive(chunk);
      expect(events.log).toEqual(expected);
    }
  });

  it('may refer to the message before: RFC 7692 §7.2.3.2', () => {
    for (const chunks of threeWays(bytes('c1 07 f2 48 cd c9 c9 07 00 c1 05 f2 00 11 00 00'))) {
      const { protocol, events } = setUp('client', { compression: new ZlibCompression(true) });
      for (const chunk of chunks) protocol.receive(chunk);
      expect(events.log).toEqual([message(HELLO, false), message(HELLO, false)]);
    }
  });

  it('is the application’s own: nothing of the chunk is held', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.constantFrom(0x82, 0x89, 0x8a), fc.uint8Array({ maxLength: 125 }))),
        fc.integer({ min: 1, max: 60 }),
        (frames, size) => {
          const { protocol, events } = setUp('server');
          const stream = clientStream(
            ...frames.map(([first, payload]): [number, string] => [first, hex(payload)]),
          );
          for (let start = 0; start < stream.length; start += size) {
            const chunk = Uint8Array.prototype.slice.call(stream, start, start + size);
            protocol.receive(chunk);
            chunk.fill(0xee);
          }
          expect(events.log.map((entry) => entry[1])).toEqual(frames.map(([, payload]) => hex(payload)));
        },
      ),
    );
  });

  it('is not delivered once the connection failed', () => {
    const { protocol, events } = setUp('server');
    protocol.receive(Buffer.concat([masked(0x83, ''), masked(0x82, '01')]));
    protocol.receive(masked(0x82, '02'));
    expect(events.log).toEqual([['error', 'WS_ERR_INVALID_OPCODE']]);
  });

  it.each([
    ['text that is not UTF-8, before it is whole', '81 85 00000000 ff', 'WS_ERR_INVALID_UTF8', '880203ef'],
    ['a Close frame with a bad code', '88 82 00000000 03ed', 'WS_ERR_INVALID_CLOSE_CODE', '880203ea'],
    ['too long a message', '82 ff 00 00 00 00 00 10 00 01', 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH', '880203f1'],
    ['no mask', '82 00', 'WS_ERR_EXPECTED_MASK', '880203ea'],
  ])('fails the connection: %s', (_, text, code, close) => {
    for (const chunks of threeWays(bytes(text))) {
      const { protocol, events, transport } = setUp('server');
      for (const chunk of chunks) protocol.receive(chunk);
      expect(events.log).toEqual([['error', code]]);
      expect(transport.written).toBe(close);
      expect(transport.log.at(-1)).toBe('end');
      expect([protocol.open, protocol.doneReading]).toEqual([false, true]);
    }
  });

  it('counts maxPayload over fragments: the limit passes, one byte more does not', () => {
    const exact = setUp('server', { maxPayload: 4 });
    exact.protocol.receive(clientStream([0x02, '0102'], [0x89, 'ffffffffff'], [0x80, '0304']));
    expect(exact.events.log).toEqual([['ping', 'ffffffffff'], message('01020304', true)]);
    const over = setUp('server', { maxPayload: 4 });
    over.protocol.receive(clientStream([0x02, '0102'], [0x80, '030405']));
    expect(over.events.log).toEqual([['error', 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH']]);
  });

  it('lets an exception of the receiver surface', () => {
    const { protocol, events } = setUp('client');
    events.onMessage = () => {
      throw new Error('of the application');
    };
    expect(() => protocol.receive(bytes('82 00'))).toThrow('of the application');
    const inflated = setUp('client', { compression: new ZlibCompression() });
    inflated.events.onMessage = events.onMessage;
    expect(() => inflated.protocol.receive(bytes('c2 07 f2 48 cd c9 c9 07 00'))).toThrow(
      'of the application',
    );
  });
});

describe('inflating', () => {
  const compressed = bytes('c1 02 aa bb');

  it('holds back what comes meanwhile, and goes on in order', () => {
    const compression = new HeldCompression();
    const { protocol, events, transport } = setUp('client', { compression });
    protocol.receive(Buffer.concat([compressed, bytes('82 01 01'), compressed]));
    protocol.receive(bytes('82 01 02'));
    expect([events.log, protocol.holding, transport.log]).toEqual([[], true, ['pause']]);
    let received = false;
    protocol.whenReceived(() => {
      received = true;
    });
    compression.decompressing.shift()!(null, bytes('61'));
    expect(events.log).toEqual([message('61', false), message('01', true)]);
    expect(received).toBe(false);
    compression.decompressing.shift()!(null, bytes('62'));
    expect(events.log.slice(2)).toEqual([message('62', false), message('02', true)]);
    expect([received, protocol.holding]).toEqual([true, false]);
    expect(transport.log.at(-1)).toBe('resume');
  });

  it('is not disturbed by who reads on behind a message that was held', () => {
    const compression = new HeldCompression();
    const { protocol, events, transport } = setUp('client', { compression });
    protocol.receive(Buffer.concat([compressed, compressed, bytes('82 01 01')]));
    protocol.readOn();
    expect(compression.decompressing).toHaveLength(1);
    expect([events.log, protocol.holding, transport.log]).toEqual([[], true, ['pause']]);
    compression.decompressing.shift()!(null, bytes('61'));
    protocol.readOn();
    expect(compression.decompressing).toHaveLength(1);
    compression.decompressing.shift()!(null, bytes('62'));
    expect(events.log).toEqual([message('61', false), message('62', false), message('01', true)]);
  });

  it('fails when the data is bad, or the text is not UTF-8', () => {
    for (const answer of [
      (callback: CompressionCallback) => callback(new ProtocolError('Z_DATA_ERROR', 'bad')),
      (callback: CompressionCallback) => callback(null, bytes('ff')),
    ]) {
      const compression = new HeldCompression();
      const { protocol, events, transport } = setUp('client', { compression });
      protocol.receive(Buffer.concat([compressed, bytes('82 01 01')]));
      answer(compression.decompressing[0]!);
      expect(events.log).toHaveLength(1);
      expect(events.log[0]![0]).toBe('error');
      expect(transport.written).toBe('88820000000003ef');
    }
  });

  it('tells a Close frame before it tells that all was received', () => {
    const compression = new HeldCompression();
    const { protocol, events } = setUp('client', { compression });
    protocol.receive(Buffer.concat([compressed, bytes('88 02 03 e8')]));
    protocol.whenReceived(() => events.log.push(['received']));
    compression.decompressing[0]!(null, bytes('61'));
    expect(events.log).toEqual([message('61', false), ['close', 1000, ''], ['received']]);
  });

  it('does not go on when the connection failed meanwhile', () => {
    const compression = new HeldCompression();
    const { protocol, events, transport } = setUp('client', { compression });
    protocol.receive(compressed);
    let received = false;
    protocol.whenReceived(() => {
      received = true;
    });
    protocol.fail(new Error('of our own'));
    compression.decompressing[0]!(null, bytes('61'));
    expect(events.log).toEqual([['error', 'of our own']]);
    expect(transport.written).toBe('88820000000003f3');
    expect([received, transport.log.includes('resume')]).toEqual([true, true]);
  });
});

it('tells which end it is', () => {
  expect((['client', 'server'] as const).map((role) => setUp(role).protocol.role)).toEqual([
    'client',
    'server',
  ]);
});

describe('what goes out', () => {
  const options = { fin: true, compress: false, mask: false };

  it('are messages, pings and pongs', () => {
    const { protocol, transport } = setUp('server');
    protocol.sendMessage(1, bytes('61'), options);
    protocol.sendPing(bytes('62'), false);
    protocol.sendPong(bytes('63'), false);
    expect(transport.written).toBe('810161' + '890162' + '8a0163');
    expect(protocol.queuedBytes).toBe(0);
  });

  it('answers pings, masked by a client, unless told not to or closing (§5.5.2)', () => {
    const client = setUp('client');
    client.protocol.receive(bytes('89 01 aa'));
    expect(client.transport.written).toBe('8a8100000000aa');
    const server = setUp('server');
    server.protocol.receive(masked(0x89, 'aa'));
    expect(server.transport.written).toBe('8a01aa');
    const silent = setUp('server', { autoPong: false });
    silent.protocol.receive(masked(0x89, 'aa'));
    expect([silent.transport.written, silent.events.log]).toEqual(['', [['ping', 'aa']]]);
    const closing = setUp('server');
    closing.protocol.close(1000, NO_BYTES);
    closing.protocol.receive(masked(0x89, 'aa'));
    expect(closing.transport.written).toBe('880203e8');
  });

  it('fails when compressing does', () => {
    const compression = new HeldCompression();
    const { protocol, events, transport } = setUp('server', { compression });
    protocol.sendMessage(1, bytes('61'), { ...options, compress: true });
    compression.compressing[0]!(new Error('no memory'));
    expect(events.log).toEqual([['error', 'no memory']]);
    expect(transport.log).toEqual(['end']);
  });
});

describe('the closing handshake (§7)', () => {
  it('is answered with the same code, or without one, and ends the stream', () => {
    for (const [frame, answer] of [
      ['88 05 03 e8 62 79 65', '880503e8627965'],
      ['88 00', '8800'],
    ] as const) {
      const { protocol, transport } = setUp('server');
      protocol.receive(masked(0x88, frame.slice(6).replaceAll(' ', '')));
      expect(transport.written).toBe(answer);
      expect(transport.log).toEqual(['write', 'end']);
    }
  });

  it('ends when the peer answers ours', () => {
    const { protocol, events, transport } = setUp('server');
    protocol.close(4000, bytes('61'));
    protocol.close(1000, NO_BYTES);
    expect([transport.written, transport.log, protocol.open]).toEqual(['88030fa061', ['write'], false]);
    protocol.receive(masked(0x88, '0fa061'));
    expect(events.log).toEqual([['close', 4000, '61']]);
    expect(transport.log).toEqual(['write', 'end']);
  });

  it('ends only when our Close frame is out', () => {
    const { protocol, transport } = setUp('server', {}, true);
    protocol.close(undefined, NO_BYTES);
    protocol.receive(masked(0x88, ''));
    expect(transport.log).toEqual(['write']);
    transport.heldCallbacks[0]!();
    expect(transport.log).toEqual(['write', 'end']);
  });

  it('waits for messages that are being compressed', () => {
    const compression = new HeldCompression();
    const { protocol, transport } = setUp('server', { compression });
    protocol.sendMessage(1, bytes('61'), { fin: true, compress: true, mask: false });
    protocol.close(1000, NO_BYTES);
    protocol.receive(masked(0x88, '03e8'));
    expect(transport.log).toEqual([]);
    compression.compressing[0]!(null, bytes('62'));
    expect(transport.written).toBe('c10162' + '880203e8');
    expect(transport.log.at(-1)).toBe('end');
  });

  it('does not begin with arguments that may not be sent', () => {
    const { protocol, transport } = setUp('server');
    expect(() => protocol.close(1006, NO_BYTES)).toThrow(TypeError);
    expect([protocol.open, transport.written]).toEqual([true, '']);
  });

  it('fails once', () => {
    const { protocol, events } = setUp('server');
    protocol.fail(new ProtocolError('WS_ERR_INVALID_UTF8', 'first'));
    protocol.fail(new Error('second'));
    expect(events.log).toEqual([['error', 'WS_ERR_INVALID_UTF8']]);
  });

  it('takes nothing when the transport is gone before anything was sent', () => {
    const { protocol, transport } = setUp('server');
    protocol.abort();
    const errors: Array<string | undefined> = [];
    protocol.sendPing(NO_BYTES, false, (error) => errors.push(error?.message));
    protocol.sendPong(NO_BYTES, false, (error) => errors.push(error?.message));
    expect([errors.length, errors.includes(undefined), transport.written]).toEqual([2, false, '']);
  });

  it('is over when the transport is gone', () => {
    const { protocol, transport } = setUp('server');
    protocol.abort(new Error('gone'));
    let error: Error | null | undefined;
    protocol.sendPing(NO_BYTES, false, (result) => {
      error = result;
    });
    expect([error?.message, protocol.open, transport.written]).toEqual(['gone', false, '']);
    let received = false;
    protocol.whenReceived(() => {
      received = true;
    });
    expect(received).toBe(true);
  });
});

it('two of them understand each other', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.constantFrom<1 | 2>(1, 2), fc.string({ maxLength: 200 }))),
      (messages) => {
        const server = setUp('server', { compression: new ZlibCompression() });
        const client = setUp('client', {
          compression: new ZlibCompression(),
          generateMaskingKey: () => 0x12345678,
        });
        for (const [opcode, text] of messages) {
          const options = { fin: true, compress: true, mask: true };
          client.protocol.sendMessage(opcode, new TextEncoder().encode(text), options);
        }
        server.protocol.receive(bytes(client.transport.written));
        expect(server.events.log).toEqual(
          messages.map(([opcode, text]) => message(Buffer.from(text).toString('hex'), opcode === 2)),
        );
      },
    ),
  );
});

describe('what is held', () => {
  it('is read when the listener is ready: frames behind the message, and what came meanwhile', () => {
    const { protocol, events, transport } = setUp('server');
    const { onMessage } = events;
    events.onMessage = (...args) => {
      onMessage.apply(events, args);
      protocol.hold();
    };
    protocol.receive(clientStream([0x82, '01'], [0x89, '']));
    protocol.receive(clientStream([0x82, '02']));
    expect([events.log, transport.log]).toEqual([[message('01', true)], ['pause']]);
    events.onMessage = onMessage;
    protocol.readOn();
    expect(events.log).toEqual([message('01', true), ['ping', ''], message('02', true)]);
    expect(transport.log.at(-1)).toBe('resume');
    protocol.readOn();
  });

  it('is not when the connection failed', () => {
    const { protocol, events } = setUp('server');
    protocol.fail(new Error('over'));
    protocol.hold();
    expect(protocol.holding).toBe(false);
    protocol.readOn();
    protocol.receive(clientStream([0x82, '01']));
    expect(events.log).toEqual([['error', 'over']]);
  });
});

describe('a transport that is full', () => {
  it('has the end of what was sent told when it has room', () => {
    const { protocol, transport } = setUp('server');
    const log: string[] = [];
    protocol.whenSent(() => log.push('nothing was sent'));
    transport.full = true;
    protocol.sendMessage(2, bytes('01'), { fin: true, compress: true, mask: false });
    protocol.whenSent(() => log.push('all is sent'));
    expect(log).toEqual(['nothing was sent']);
    transport.full = false;
    protocol.writeOn();
    expect(log).toEqual(['nothing was sent', 'all is sent']);
  });

  it('gets messages when it has room', () => {
    const { protocol, transport } = setUp('server', {
      backPressure: {
        highWaterMarkBytes: 1,
        lowWaterMarkBytes: 1,
        maxBufferedBytes: 1,
        slowPeer: 'drop-newest',
      },
    });
    transport.full = true;
    const options = { fin: true, compress: true, mask: false };
    protocol.sendMessage(2, bytes('01'), options);
    protocol.sendMessage(2, bytes('02'), options);
    expect([transport.written, protocol.droppedMessages]).toEqual(['', 1]);
    transport.full = false;
    protocol.writeOn();
    expect(transport.written).toBe('820101');
  });
});
