import { describe, expect, it } from 'vitest';
import { BINARY, Protocol, type ProtocolOptions, type SendOptions } from '../../src/core/index.ts';
import { bytes, RecordedEvents, RecordedTransport } from './recorder.ts';

function setUp(options: Partial<ProtocolOptions>, holdCallbacks = false) {
  const events = new RecordedEvents();
  const transport = new RecordedTransport(holdCallbacks);
  const defaults: ProtocolOptions = {
    maxPayload: 1 << 20,
    checkUtf8: true,
    autoPong: true,
    generateMaskingKey: () => 0,
    allocate: (length) => new Uint8Array(length),
  };
  const protocol = new Protocol('client', { ...defaults, ...options }, transport, events);
  transport.flush = () => protocol.flush();
  return { protocol, events, transport };
}

/** Events that are told when the test says so. */
function setUpDeferred() {
  const waiting: Array<() => void> = [];
  const tellNext = (): void => waiting.shift()!();
  return { ...setUp({ deferEvent: (tell) => waiting.push(tell) }), tellNext, waiting };
}

const TOO_MANY = ['error', 'WS_ERR_TOO_MANY_BUFFERED_PARTS'];
const plain: SendOptions = { fin: true, compress: false, mask: false };

describe('maxFragments', () => {
  it.each([0, undefined])('%s is no limit', (maxFragments) => {
    const { protocol, events } = setUp({ maxFragments });
    protocol.receive(bytes(`02 00 ${'00 00'.repeat(20_000)} 80 00`));
    expect(events.log).toEqual([['message', '', true]]);
  });

  it('counts for each message anew', () => {
    const { protocol, events } = setUp({ maxFragments: 2 });
    protocol.receive(bytes('02 01 aa 80 01 bb 02 01 cc 80 00 82 00'));
    expect(events.log.map(([, payload]) => payload)).toEqual(['aabb', 'cc', '']);
  });
});

describe('maxBufferedChunks', () => {
  it('counts the chunks of an incomplete frame', () => {
    const { protocol, events, transport } = setUp({ maxBufferedChunks: 2 });
    for (const chunk of ['82 04 00', '01', '02 03 82', '02']) protocol.receive(bytes(chunk));
    expect(events.log).toEqual([TOO_MANY]);
    expect(transport.written).toBe('88820000000003f0');
  });

  it('counts those with payload only: a header is at most 14 bytes', () => {
    const { protocol, events } = setUp({ maxBufferedChunks: 2 });
    for (const byte of bytes('82 7e 00 80')) protocol.receive(Uint8Array.of(byte));
    protocol.receive(new Uint8Array(64));
    protocol.receive(new Uint8Array(63));
    expect(events.log).toEqual([]);
    protocol.receive(new Uint8Array(1));
    expect(events.log).toEqual([TOO_MANY]);
  });

  it('counts a chunk whose rest was held back once', () => {
    const waiting: Array<() => void> = [];
    const { protocol, events } = setUp({
      maxBufferedChunks: 2,
      deferEvent: (tell) => waiting.push(tell),
    });
    protocol.receive(bytes('82 00 82 02 01'));
    waiting.shift()!();
    protocol.receive(bytes('02'));
    waiting.shift()!();
    expect(events.log).toEqual([
      ['message', '', true],
      ['message', '0102', true],
    ]);
  });

  it('begins again with each frame', () => {
    const { protocol, events } = setUp({ maxBufferedChunks: 2 });
    for (const chunk of ['82', '01 00 82', '01 01', '82 01', '02']) protocol.receive(bytes(chunk));
    expect(events.log.map(([, payload]) => payload)).toEqual(['00', '01', '02']);
  });

  it('counts what is held back', () => {
    const waiting: Array<() => void> = [];
    const { protocol, events } = setUp({
      maxBufferedChunks: 2,
      deferEvent: (tell) => waiting.push(tell),
    });
    for (let i = 0; i < 4; i++) protocol.receive(bytes('82 00'));
    expect(events.log).toEqual([TOO_MANY]);
  });

  it.each([0, undefined])('%s is no limit', (maxBufferedChunks) => {
    const { protocol, events } = setUp({ maxBufferedChunks });
    for (const byte of bytes(`82 7e 40 00 ${'00'.repeat(16384)}`)) protocol.receive(Uint8Array.of(byte));
    expect(events.log).toEqual([['message', '00'.repeat(16384), true]]);
  });
});

describe('maxPendingAutoPongs', () => {
  it('ends the connection at the next ping when that many answers are unwritten', () => {
    const { protocol, events, transport } = setUp({ maxPendingAutoPongs: 2 }, true);
    protocol.receive(bytes('89 00 89 00'));
    expect(transport.log).toEqual(['write', 'write']);
    protocol.receive(bytes('89 00 89 00 82 00'));
    expect(transport.log).toEqual(['write', 'write', 'destroy']);
    expect([protocol.open, protocol.doneReading]).toEqual([false, true]);
    expect(events.log).toEqual([
      ['ping', ''],
      ['ping', ''],
      ['ping', ''],
    ]);
  });

  it('tells whoever wants to know that the connection ends for it', () => {
    const { protocol, events, transport } = setUp({ maxPendingAutoPongs: 1 }, true);
    Object.assign(events, { onTooManyPongs: () => events.log.push(['too many pongs']) });
    protocol.receive(bytes('89 00 89 00'));
    expect(events.log).toEqual([['ping', ''], ['too many pongs'], ['ping', '']]);
    expect(transport.log).toEqual(['write', 'destroy']);
  });

  it('does not count answers that were written', () => {
    const { protocol, transport } = setUp({ maxPendingAutoPongs: 1 }, true);
    for (let i = 0; i < 3; i++) {
      protocol.receive(bytes('89 00'));
      transport.heldCallbacks.shift()!();
    }
    expect(transport.log).toEqual(['write', 'write', 'write']);
  });

  it('has no limit by default', () => {
    const { protocol, transport } = setUp({}, true);
    protocol.receive(bytes('89 00'.repeat(1000)));
    expect(transport.log).toHaveLength(1000);
  });
});

describe('deferEvent', () => {
  it('tells messages, pings and pongs one at a time, and holds back what comes meanwhile', () => {
    const { protocol, events, transport, tellNext, waiting } = setUpDeferred();
    protocol.receive(bytes('82 01 01 89 01 02'));
    protocol.receive(bytes('8a 01 03'));
    expect([events.log, protocol.holding, transport.log]).toEqual([[], true, ['pause']]);
    tellNext();
    expect(events.log).toEqual([['message', '01', true]]);
    tellNext();
    tellNext();
    expect(events.log.slice(1)).toEqual([
      ['ping', '02'],
      ['pong', '03'],
    ]);
    expect([waiting.length, protocol.holding, transport.log.at(-1)]).toEqual([0, false, 'resume']);
  });

  it('tells all that came before a Close frame, and only then that all was received', () => {
    const { protocol, events, tellNext } = setUpDeferred();
    protocol.receive(bytes('82 01 01 82 01 02 88 02 03 e8'));
    protocol.whenReceived(() => events.log.push(['received']));
    tellNext();
    tellNext();
    expect(events.log).toEqual([
      ['message', '01', true],
      ['message', '02', true],
      ['close', 1000, ''],
      ['received'],
    ]);
  });

  it('tells what is due also when the connection failed meanwhile', () => {
    const { protocol, events, tellNext, waiting } = setUpDeferred();
    protocol.receive(bytes('82 01 01 82 01 02'));
    protocol.fail(new Error('of our own'));
    tellNext();
    protocol.receive(bytes('82 01 03'));
    expect(waiting).toEqual([]);
    expect(events.log).toEqual([
      ['error', 'of our own'],
      ['message', '01', true],
    ]);
  });
});

describe('keepFragments', () => {
  it('says where the fragments of a message end', () => {
    const { protocol, events } = setUp({});
    protocol.keepFragments = true;
    protocol.receive(bytes('02 02 aa bb 00 00 80 01 cc 82 01 dd'));
    expect(events.log).toEqual([
      ['message', 'aabbcc', true, [2, 3]],
      ['message', 'dd', true],
    ]);
  });
});

describe('before anything was sent or received', () => {
  it('has nothing to write, and nothing that waits', () => {
    const { protocol, transport } = setUp({});
    protocol.flush();
    protocol.writeOn();
    expect([protocol.queuedBytes, protocol.droppedMessages, transport.log]).toEqual([0, 0, []]);
    expect([protocol.open, protocol.doneReading]).toEqual([true, false]);
  });

  it('can be told to keep no fragments', () => {
    const { protocol, events } = setUp({});
    protocol.keepFragments = false;
    protocol.receive(bytes('02 01 aa 80 01 bb'));
    protocol.keepFragments = true;
    protocol.keepFragments = false;
    protocol.receive(bytes('02 01 cc 80 01 dd'));
    expect(events.log).toEqual([
      ['message', 'aabb', true],
      ['message', 'ccdd', true],
    ]);
  });

  it('can be aborted', () => {
    const { protocol, transport } = setUp({});
    protocol.abort();
    expect(transport.log).toEqual([]);
  });
});

describe('after a Close frame (RFC 6455 §5.5.1)', () => {
  it('sends no message', () => {
    const { protocol, transport } = setUp({});
    protocol.close(1000, new Uint8Array(0));
    const { written } = transport;
    const errors: unknown[] = [];
    protocol.sendMessage(BINARY, bytes('01'), plain, (error) => errors.push(error?.message));
    protocol.sendMessage(BINARY, bytes('01'), plain);
    protocol.sendFrames([bytes('82 00')], (error) => errors.push(error?.message));
    protocol.sendFrames([bytes('82 00')]);
    expect(errors).toEqual(['The Close frame was sent', 'The Close frame was sent']);
    expect(transport.written).toBe(written);
  });

  it('sends serialized frames before', () => {
    const { protocol, transport } = setUp({});
    protocol.sendFrames([bytes('82 00'), bytes('82 01 aa')]);
    expect(transport.written).toBe('82008201aa');
  });

  it.each([
    [false, true],
    [true, false],
  ])('tells whether it is out when the transport is gone: held back %s', (held, expected) => {
    const { protocol } = setUp({}, held);
    protocol.close(1000, new Uint8Array(0));
    protocol.abort(new Error('gone'));
    expect(protocol.closeSent).toBe(expected);
  });
});

describe('maxControlFrames', () => {
  const FLOOD = ['error', 'WS_ERR_TOO_MANY_CONTROL_FRAMES'];
  const names = ({ log }: RecordedEvents) => log.map(([name]) => name);

  it('ends what brings more pings and pongs in a second, with 1008', () => {
    const { protocol, events, transport } = setUp({ maxControlFrames: { perSecond: 3, now: () => 0 } });
    protocol.receive(bytes('8a 00 89 00 8a 00'));
    expect(names(events)).toEqual(['pong', 'ping', 'pong']);
    protocol.receive(bytes('89 00 89 00 82 00'));
    expect(events.log.at(-1)).toEqual(FLOOD);
    expect(events.log).toHaveLength(4);
    expect(transport.written.endsWith('88820000000003f0')).toBe(true);
  });

  it('does not count messages, and takes a Close frame whatever came before', () => {
    const { protocol, events } = setUp({ maxControlFrames: { perSecond: 1, now: () => 0 } });
    protocol.receive(bytes('89 00 82 00 82 00 82 00 88 00'));
    expect(names(events)).toEqual(['ping', 'message', 'message', 'message', 'close']);
  });

  it('counts anew as time goes on', () => {
    let now = 0;
    const { protocol, events } = setUp({ maxControlFrames: { perSecond: 2, now: () => now } });
    for (let i = 0; i < 20; i++) {
      protocol.receive(bytes('8a 00'));
      now += 500;
    }
    expect(names(events)).toEqual(Array(20).fill('pong'));
  });

  it('counts empty fragments, which bring nothing either', () => {
    const { protocol, events } = setUp({ maxControlFrames: { perSecond: 3, now: () => 0 } });
    protocol.receive(bytes('02 00 00 00 00 00'));
    expect(events.log).toEqual([]);
    protocol.receive(bytes('00 00 80 01 aa'));
    expect(events.log).toEqual([TOO_MANY]);
  });

  it('does not count fragments with a payload, nor an empty one that ends its message', () => {
    const { protocol, events } = setUp({ maxControlFrames: { perSecond: 1, now: () => 0 } });
    protocol.receive(bytes('02 01 aa 00 01 bb 00 01 cc 80 00 02 01 dd 80 00'));
    expect(names(events)).toEqual(['message', 'message']);
  });

  it('is no limit where it is left out', () => {
    const { protocol, events } = setUp({ autoPong: false });
    protocol.receive(bytes('89 00'.repeat(5_000)));
    protocol.receive(bytes(`02 00${'00 00'.repeat(5_000)}`));
    expect(events.log).toHaveLength(5_000);
  });
});
