import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Compression } from '../../src/core/compression.ts';
import { BINARY, type PayloadSource, Protocol, type ProtocolOptions } from '../../src/core/index.ts';
import { bytes, hex, RecordedEvents, RecordedTransport } from './recorder.ts';

/** Notes pieces as well. */
class PieceEvents extends RecordedEvents {
  onPiece = (): void => {};

  onMessagePiece(piece: Uint8Array, isBinary: boolean, last: boolean): void {
    this.log.push(['piece', hex(piece), isBinary, last]);
    this.onPiece();
  }
}

/** Gives each byte of the input as many times as `factor` says, at once or when it is told to. */
class Repeating implements Compression {
  readonly waiting: Array<() => void> = [];
  readonly calls: Array<[length: number, fin: boolean, maxLength: number]> = [];

  constructor(
    readonly atOnce = true,
    readonly factor = 2,
  ) {}

  worthwhile = (): boolean => false;

  compress(): void {
    throw new Error('not used here');
  }

  inflate(...[payload, fin, maxLength, callback]: Parameters<Compression['inflate']>): void {
    this.calls.push([payload.length, fin, maxLength]);
    const output = new Uint8Array(payload.length * this.factor);
    output.forEach((_, i) => {
      output[i] = payload[Math.floor(i / this.factor)]!;
    });
    const answer = (): void => callback(null, output);
    if (this.atOnce) answer();
    else this.waiting.push(answer);
  }
}

function setUp(options: Partial<ProtocolOptions> = {}) {
  const events = new PieceEvents();
  const transport = new RecordedTransport();
  const defaults: ProtocolOptions = {
    maxPayload: 4,
    checkUtf8: true,
    autoPong: true,
    generateMaskingKey: () => 0,
    allocate: (length) => new Uint8Array(length),
  };
  const protocol = new Protocol('client', { ...defaults, ...options }, transport, events);
  transport.flush = () => protocol.flush();
  protocol.messagesInPieces = true;
  return { protocol, events, transport };
}

describe('messages in pieces', () => {
  it('are told as their bytes come, without the limit of those that are held', () => {
    const { protocol, events } = setUp();
    for (const chunk of ['02', '03 61', '62 63 89 00', '00 00 80 03 64 65', '66 81 01', '67']) {
      protocol.receive(bytes(chunk));
    }
    expect(events.log).toEqual([
      ['piece', '61', true, false],
      ['piece', '6263', true, false],
      ['ping', ''],
      ['piece', '', true, false],
      ['piece', '6465', true, false],
      ['piece', '66', true, true],
      ['piece', '', false, false],
      ['piece', '67', false, true],
    ]);
  });

  it('are no empty fragments where they are empty as a whole', () => {
    const { protocol, events } = setUp({ maxControlFrames: { perSecond: 1, now: () => 0 } });
    protocol.receive(bytes('82 00 82 00 82 00'));
    expect(events.log).toEqual(Array(3).fill(['piece', '', true, true]));
  });

  it('leave those alone that are inflated as a whole', () => {
    const compression = new Repeating();
    const { protocol, events } = setUp({ compression });
    protocol.messagesInPieces = false;
    protocol.receive(bytes('c2 01 61'));
    expect(compression.calls).toEqual([[1, true, 4]]);
    expect(events.log).toEqual([['message', '6161', true]]);
  });

  it('begin and end between messages', () => {
    const { protocol, events } = setUp();
    protocol.receive(bytes('02 01 61'));
    protocol.messagesInPieces = false;
    protocol.receive(bytes('80 01 62 82 01 63 02 01 64'));
    protocol.messagesInPieces = true;
    protocol.receive(bytes('80 01 65 82 01 66'));
    expect(events.log).toEqual([
      ['piece', '61', true, false],
      ['piece', '62', true, true],
      ['message', '63', true],
      ['message', '6465', true],
      ['piece', '66', true, true],
    ]);
  });

  it('can be held between pieces', () => {
    const { protocol, events, transport } = setUp();
    events.onPiece = () => protocol.hold();
    protocol.receive(bytes('02 01 61 80 01 62 82 01 63'));
    protocol.receive(bytes('82 00'));
    expect(events.log).toEqual([['piece', '61', true, false]]);
    protocol.readOn();
    expect(events.log.slice(1)).toEqual([['piece', '62', true, true]]);
    expect(transport.log).toEqual(['pause', 'pause']);
    events.onPiece = () => {};
    protocol.readOn();
    expect(events.log.slice(2)).toEqual([
      ['piece', '63', true, true],
      ['piece', '', true, true],
    ]);
    expect(transport.log.at(-1)).toBe('resume');
  });

  it.each([
    ['at its first bad byte', '01 02 e2 82', '00 01 41', [['piece', 'e282', false, false]]],
    ['that ends in a character', '01 02 e2 82', '80 00', [['piece', 'e282', false, false]]],
  ])('refuse text %s', (_name, first, second, before) => {
    const { protocol, events } = setUp();
    protocol.receive(bytes(first));
    protocol.receive(bytes(second));
    expect(events.log).toEqual([...before, ['error', 'WS_ERR_INVALID_UTF8']]);
  });

  it('let anything pass when UTF-8 is not checked', () => {
    const { protocol, events } = setUp({ checkUtf8: false });
    protocol.receive(bytes('81 01 ff'));
    expect(events.log).toEqual([['piece', 'ff', false, true]]);
  });

  it('have a limit of their own, over all fragments', () => {
    const { protocol, events } = setUp({ maxStreamedPayload: 6 });
    protocol.receive(bytes('02 05 61 62 63 64 65 80 02'));
    expect(events.log.at(-1)).toEqual(['error', 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH']);
  });

  it('count empty fragments, and no chunks', () => {
    const maxControlFrames = { perSecond: 2, now: () => 0 };
    const { protocol, events } = setUp({ maxControlFrames, maxBufferedChunks: 1 });
    for (const chunk of ['02 03 61', '62', '63', '00 00 00 00 00 00']) protocol.receive(bytes(chunk));
    expect(events.log.filter(([name]) => name === 'piece')).toHaveLength(5);
    expect(events.log.at(-1)).toEqual(['error', 'WS_ERR_TOO_MANY_BUFFERED_PARTS']);
  });
});

describe('compressed messages in pieces', () => {
  it('are inflated piece by piece, a short one at a time', () => {
    const compression = new Repeating();
    const { protocol, events } = setUp({ compression });
    const frame = Buffer.concat([bytes('c2 7e 13 88'), Buffer.alloc(5000, 1)]);
    protocol.receive(frame);
    expect(compression.calls).toEqual([
      [4096, false, Number.POSITIVE_INFINITY],
      [904, true, Number.POSITIVE_INFINITY],
    ]);
    expect(events.log.map(([, data, , last]) => [String(data).length / 2, last])).toEqual([
      [8192, false],
      [1808, true],
    ]);
  });

  it('are inflated in order when that takes its time', () => {
    const compression = new Repeating(false);
    const { protocol, events, transport } = setUp({ compression });
    protocol.receive(bytes('41 01 61 80 01 62 89 00'));
    expect([events.log, transport.log]).toEqual([[], ['pause']]);
    compression.waiting.shift()!();
    expect(events.log).toEqual([['piece', '6161', false, false]]);
    compression.waiting.shift()!();
    expect(events.log.slice(1)).toEqual([
      ['piece', '6262', false, true],
      ['ping', ''],
    ]);
  });

  it('have their limit after inflating', () => {
    const compression = new Repeating();
    const { protocol } = setUp({ compression, maxStreamedPayload: 10 });
    protocol.receive(bytes('42 02 61 62 00 01 63 80 01 64 c2 01 65'));
    expect(compression.calls.map(([, , maxLength]) => maxLength)).toEqual([10, 6, 4, 10]);
  });

  it('are refused when they are not UTF-8', () => {
    const compression = new Repeating(false, 1);
    const { protocol, events } = setUp({ compression });
    protocol.receive(bytes('41 01 c3 80 01 41'));
    while (compression.waiting.length > 0) compression.waiting.shift()!();
    expect(events.log).toEqual([
      ['piece', 'c3', false, false],
      ['error', 'WS_ERR_INVALID_UTF8'],
    ]);
  });
});

describe('what is told in pieces', () => {
  it('is what is told as a whole, however it is cut', () => {
    const payload = fc.uint8Array({ maxLength: 300 });
    const message = fc.record({
      fragments: fc.array(payload, { minLength: 1, maxLength: 4 }),
      ping: fc.boolean(),
    });
    fc.assert(
      fc.property(
        fc.array(message, { maxLength: 4 }),
        fc.infiniteStream(fc.integer({ min: 1, max: 200 })),
        (messages, cuts) => {
          const stream = Buffer.concat(messages.flatMap(({ fragments, ping }) => framesOf(fragments, ping)));
          const whole = setUp({ maxPayload: 1 << 20 });
          whole.protocol.messagesInPieces = false;
          whole.protocol.receive(new Uint8Array(stream));
          const pieces = setUp();
          for (let at = 0; at < stream.length; ) {
            const end = Math.min(stream.length, at + cuts.next().value!);
            pieces.protocol.receive(new Uint8Array(stream.subarray(at, end)));
            at = end;
          }
          expect(putTogether(pieces.events.log)).toEqual(whole.events.log);
        },
      ),
    );
  });
});

function framesOf(fragments: readonly Uint8Array[], ping: boolean): Uint8Array[] {
  return fragments.flatMap((fragment, i) => {
    const opcode = i === 0 ? 2 : 0;
    const fin = i === fragments.length - 1 ? 0x80 : 0;
    const length =
      fragment.length < 126 ? [fragment.length] : [126, fragment.length >> 8, fragment.length & 0xff];
    const between = ping && fin === 0 ? [bytes('89 00')] : [];
    return [Uint8Array.from([fin | opcode, ...length]), fragment, ...between];
  });
}

/** Turns pieces into messages, where each ended. */
function putTogether(log: RecordedEvents['log']): unknown[] {
  let text = '';
  return log.flatMap((entry) => {
    if (entry[0] !== 'piece') return [entry];
    text += entry[1];
    if (!entry[3]) return [];
    const message = ['message', text, entry[2]];
    text = '';
    return [message];
  });
}

describe('a streamed message that is sent', () => {
  const options = { fin: true, compress: false, mask: false };

  it('goes out piece by piece, until the Close frame', () => {
    const { protocol, transport } = setUp();
    const log: unknown[] = [];
    let answer: Parameters<PayloadSource['next']>[0] = () => {};
    const source: PayloadSource = {
      opcode: BINARY,
      next: (callback) => {
        answer = callback;
      },
    };
    protocol.sendStream(source, options, (error) => log.push(error));
    answer(undefined, bytes('61'));
    answer(undefined);
    protocol.close(1000, new Uint8Array(0));
    protocol.sendStream(source, options, (error) => log.push(error?.message));
    expect(transport.written.slice(0, 10)).toBe('0201618000');
    expect(log).toEqual([undefined, 'The Close frame was sent']);
  });

  it('fails the connection with 1011 when it is dropped in the middle', () => {
    const { protocol, events, transport } = setUp();
    const dropped = (): void => {};
    protocol.drop(dropped, new Error('nothing was sent'));
    protocol.sendStream(
      { opcode: BINARY, next: (callback) => setImmediate(callback, undefined, bytes('61')) },
      options,
      dropped,
    );
    protocol.drop(dropped, new Error('nothing has begun'));
    expect([events.log, transport.written]).toEqual([[], '']);
    let answer: Parameters<PayloadSource['next']>[0] = () => {};
    const next: PayloadSource['next'] = (callback) => {
      answer = callback;
    };
    protocol.sendStream({ opcode: BINARY, next }, options, dropped);
    answer(undefined, bytes('61'));
    protocol.drop(dropped, new Error('enough'));
    expect(events.log).toEqual([['error', 'enough']]);
    expect(transport.written).toBe('020161' + '88820000000003f3');
  });
});
