import { describe, expect, it } from 'vitest';
import type { BackPressure } from '../../src/core/back-pressure.ts';
import type { Compression, CompressionCallback } from '../../src/core/compression.ts';
import { FrameSender } from '../../src/core/frame-sender.ts';
import { serializeFrame } from '../../src/core/frame-serializer.ts';
import type { SendOptions, UnreadPayload } from '../../src/core/message-payload.ts';
import { BINARY, CLOSE, PING, TEXT } from '../../src/core/opcode.ts';
import { bytes, RecordedTransport } from './recorder.ts';

/** A compression that turns bytes round, when it is told to go on. */
class FakeCompression implements Compression {
  readonly waiting: Array<() => void> = [];
  fails: Error | undefined;
  readonly fins: boolean[] = [];

  constructor(
    readonly threshold = 0,
    readonly immediate = false,
  ) {}

  worthwhile(length: number): boolean {
    return length >= this.threshold;
  }

  compress(payload: Uint8Array, fin: boolean, callback: CompressionCallback): void {
    this.fins.push(fin);
    const answer = (): void =>
      this.fails ? callback(this.fails) : callback(null, payload.slice().reverse());
    if (this.immediate) answer();
    else this.waiting.push(answer);
  }

  inflate(): void {
    throw new Error('not used here');
  }

  next(): void {
    this.waiting.shift()!();
  }
}

/** A payload that the test reads by hand. */
class FakeUnread implements UnreadPayload {
  /** What `read` was given. */
  answer: Parameters<UnreadPayload['read']>[0] | undefined;

  constructor(readonly length: number) {}

  read(callback: Parameters<UnreadPayload['read']>[0]): void {
    this.answer = callback;
  }
}

const plain: SendOptions = { fin: true, compress: true, mask: false };

function setUp(compression?: Compression, slowPeer: BackPressure['slowPeer'] = 'wait', maxBufferedBytes = 0) {
  const writer = new RecordedTransport();
  const errors: Error[] = [];
  const sender = new FrameSender(
    writer,
    compression,
    () => 0x01020304,
    (length) => new Uint8Array(length),
    (error) => errors.push(error),
    { slowPeer, maxBufferedBytes },
  );
  writer.flush = () => sender.flush();
  return { writer, errors, sender };
}

describe('FrameSender', () => {
  it('sends frames that were serialized before, in their turn', () => {
    const compression = new FakeCompression();
    const { writer, sender } = setUp(compression);
    const called: string[] = [];
    sender.sendMessage(TEXT, bytes('0102'), plain, () => called.push('message'));
    sender.sendFrames([bytes('8101'), bytes('61')], () => called.push('frames'));
    expect([writer.written, sender.queuedBytes]).toEqual(['', 5]);
    compression.next();
    expect(writer.written).toBe('c1020201810161');
    expect(called).toEqual(['message', 'frames']);
    expect(sender.queuedBytes).toBe(0);
  });

  it('copies a short frame that was serialized before, and writes a long one as it is', () => {
    const { writer, sender } = setUp();
    const frame = serializeFrame(0x82, new Uint8Array(5000), undefined, (length) => new Uint8Array(length));
    const written: Uint8Array[] = [];
    writer.write = (bytes) => written.push(bytes);
    sender.sendFrames([bytes('820161'), frame]);
    expect(written.map(({ length }) => length)).toEqual([3, 5004]);
    expect(written[1]).toBe(frame);
  });

  it('calls back once for several frames, with the last', () => {
    const { writer, sender } = setUp();
    const written: unknown[] = [];
    writer.write = (_bytes, callback) => written.push(callback);
    const callback = (): void => {};
    sender.sendFrames([new Uint8Array(5000), new Uint8Array(5001), new Uint8Array(5002)], callback);
    expect(written).toEqual([undefined, undefined, callback]);
  });

  it('sends messages and fragments (RFC 6455 §5.4)', () => {
    const { writer, sender } = setUp();
    sender.sendMessage(TEXT, bytes('48'), { ...plain, fin: false });
    sender.sendControl(PING, bytes(''), false);
    sender.sendMessage(TEXT, bytes('69'), plain);
    sender.sendMessage(BINARY, bytes('00'), plain);
    expect(writer.written).toBe('010148' + '8900' + '800169' + '820100');
  });

  it('masks in a copy', () => {
    const { writer, sender } = setUp();
    const payload = bytes('00000000 ff');
    sender.sendMessage(BINARY, payload, { ...plain, mask: true });
    expect(writer.written).toBe('82850102030401020304fe');
    expect(payload).toEqual(bytes('00000000 ff'));
  });

  it('writes a large payload as it is, behind its header', () => {
    const { writer, sender } = setUp();
    sender.sendMessage(BINARY, new Uint8Array(4097), plain);
    expect(writer.log).toEqual(['write', 'write']);
    expect(writer.written.slice(0, 8)).toBe('827e1001');
    sender.sendMessage(BINARY, new Uint8Array(4096), plain);
    expect(writer.log).toHaveLength(3);
  });

  it('hands the large payload itself to the writer, and a masked one as a copy', () => {
    const { writer, sender } = setUp();
    const written: Uint8Array[] = [];
    writer.write = (bytes) => written.push(bytes);
    const payload = new Uint8Array(100_000);
    sender.sendMessage(BINARY, payload, plain);
    expect(written[1]).toBe(payload);
    sender.sendMessage(BINARY, payload, { ...plain, mask: true });
    expect(written.slice(2).map((bytes) => bytes.length)).toEqual([100_014]);
    expect(payload.every((byte) => byte === 0)).toBe(true);
  });

  it('stops when a callback aborts while the queue is written', () => {
    const compression = new FakeCompression();
    const { writer, sender } = setUp(compression);
    const called: string[] = [];
    sender.sendMessage(TEXT, bytes('01'), plain, () => {
      called.push('a');
      sender.abort(new Error('gone'));
    });
    sender.sendControl(PING, bytes('02'), false, (error) => called.push(`b: ${error?.message}`));
    compression.next();
    expect([called, writer.written, sender.queuedBytes]).toEqual([['a', 'b: gone'], 'c10101', 0]);
    expect(compression.fins).toHaveLength(1);
  });

  it('keeps the order over compression, and counts what waits', () => {
    const compression = new FakeCompression();
    const { writer, sender } = setUp(compression);
    const called: string[] = [];
    sender.sendMessage(TEXT, bytes('0102'), plain, () => called.push('a'));
    sender.sendControl(PING, bytes('aa'), false, () => called.push('ping'));
    sender.sendMessage(TEXT, bytes('0304'), plain, () => called.push('b'));
    sender.sendMessage(TEXT, bytes('05'), { ...plain, compress: false }, () => called.push('c'));
    expect(writer.written).toBe('');
    expect(sender.queuedBytes).toBe(6);
    compression.next();
    expect(writer.written).toBe('c1020201' + '8901aa');
    expect(sender.queuedBytes).toBe(3);
    compression.next();
    expect(writer.written).toBe('c1020201' + '8901aa' + 'c1020403' + '810105');
    expect(sender.queuedBytes).toBe(0);
    expect(called).toEqual(['a', 'ping', 'b', 'c']);
  });

  it('compresses once, also when the writer has room meanwhile', () => {
    const compression = new FakeCompression();
    const { writer, sender } = setUp(compression);
    sender.sendMessage(TEXT, bytes('0102'), plain);
    sender.writeOn();
    expect(compression.waiting).toHaveLength(1);
    compression.next();
    expect(writer.written).toBe('c1020201');
  });

  it('sets RSV1 on the first fragment only, and lets it decide for all (RFC 7692 §6.1)', () => {
    const compression = new FakeCompression(2, true);
    const { writer, sender } = setUp(compression);
    sender.sendMessage(TEXT, bytes('0102'), { ...plain, fin: false });
    sender.sendMessage(TEXT, bytes('03'), plain);
    sender.sendMessage(TEXT, bytes('04'), { ...plain, fin: false });
    sender.sendMessage(TEXT, bytes('0506'), plain);
    expect(writer.written).toBe('41020201' + '800103' + '010104' + '80020506');
    expect(compression.fins).toEqual([false, true]);
  });

  it('reads what has to be read in its turn, and counts it until then', () => {
    const { writer, sender } = setUp();
    const called: string[] = [];
    const first = new FakeUnread(2);
    const second = new FakeUnread(1);
    sender.sendMessage(BINARY, first, plain, () => called.push('first'));
    sender.sendControl(PING, second, false, () => called.push('second'));
    sender.sendMessage(TEXT, bytes('07'), plain, () => called.push('third'));
    expect([writer.written, sender.queuedBytes, second.answer]).toEqual(['', 4, undefined]);
    first.answer!(undefined, bytes('0102'));
    expect([writer.written, sender.queuedBytes]).toEqual(['82020102', 2]);
    second.answer!(undefined, bytes('05'));
    expect([writer.written, sender.queuedBytes]).toEqual(['82020102' + '890105' + '810107', 0]);
    expect(called).toEqual(['first', 'second', 'third']);
  });

  it('goes through any number of messages that wait when compressing calls back at once', () => {
    const compression = new FakeCompression(0, true);
    const { writer, sender } = setUp(compression);
    const blob = new FakeUnread(1);
    sender.sendMessage(BINARY, blob, { ...plain, compress: false });
    const sent: number[] = [];
    for (let i = 0; i < 20_000; i++) sender.sendMessage(BINARY, bytes('0102'), plain, () => sent.push(i));
    expect(writer.written).toBe('');
    blob.answer!(undefined, bytes('00'));
    sender.flush();
    expect(sender.queuedBytes).toBe(0);
    expect(writer.written.startsWith('820100c2020201c2020201')).toBe(true);
    expect(writer.written.length / 2).toBe(3 + 20_000 * 4);
  });

  it('leaves messages waiting when the writer gets full between them', () => {
    const compression = new FakeCompression(0, true);
    const { writer, sender } = setUp(compression);
    sender.sendMessage(BINARY, bytes('0102'), plain);
    writer.full = true;
    sender.sendMessage(BINARY, bytes('0304'), plain);
    sender.flush();
    expect(writer.written).toBe('c2020201');
    expect(compression.fins).toHaveLength(1);
    writer.full = false;
    sender.writeOn();
    sender.flush();
    expect(writer.written).toBe('c2020201c2020403');
  });

  it('compresses what was read, and asks for its length before', () => {
    const compression = new FakeCompression(2, true);
    const { writer, sender } = setUp(compression);
    const long = new FakeUnread(2);
    const short = new FakeUnread(1);
    sender.sendMessage(BINARY, long, plain);
    sender.sendMessage(BINARY, short, plain);
    long.answer!(undefined, bytes('0102'));
    short.answer!(undefined, bytes('03'));
    expect(writer.written).toBe('c2020201' + '820103');
  });

  it('waits for the compression of what was read, and goes on behind it', () => {
    const compression = new FakeCompression();
    const { writer, sender } = setUp(compression);
    const unread = new FakeUnread(2);
    sender.sendMessage(BINARY, unread, plain);
    sender.sendMessage(BINARY, bytes('03'), { ...plain, compress: false });
    unread.answer!(undefined, bytes('0102'));
    expect(writer.written).toBe('');
    compression.next();
    expect(writer.written).toBe('c2020201' + '820103');
  });

  it('fails when something cannot be read: all that wait are told, then the connection', () => {
    const { writer, errors, sender } = setUp();
    const called: string[] = [];
    const unread = new FakeUnread(1);
    sender.sendMessage(BINARY, unread, plain, (error) => called.push(`first: ${error?.message}`));
    sender.sendControl(PING, bytes('02'), false, (error) => called.push(`second: ${error?.message}`));
    unread.answer!(new Error('unreadable'));
    sender.sendControl(PING, bytes('03'), false, (error) => called.push(`third: ${error?.message}`));
    expect(called).toEqual(['first: unreadable', 'second: unreadable', 'third: unreadable']);
    expect(errors).toEqual([new Error('unreadable')]);
    expect([writer.written, sender.queuedBytes]).toEqual(['', 0]);
  });

  it.each([
    ['read', 'The socket was closed while the blob was being read'],
    ['compressed', 'The socket was closed while data was being compressed'],
  ])('waits for abort() when the stream was destroyed while something was being %s', (what, message) => {
    const compression = new FakeCompression();
    const { writer, errors, sender } = setUp(compression);
    const called: unknown[] = [];
    const unread = new FakeUnread(1);
    sender.sendMessage(BINARY, what === 'read' ? unread : bytes('01'), plain, (error) => called.push(error));
    sender.sendControl(PING, bytes('02'), false, (error) => called.push(error));
    writer.destroyed = true;
    if (what === 'read') unread.answer!(undefined, bytes('01'));
    else compression.next();
    expect(called).toEqual([]);
    sender.abort();
    expect(called).toEqual([new Error(message), new Error(message)]);
    expect([writer.written, errors]).toEqual(['', []]);
  });

  it('refuses what comes after abort(), with a callback or without', () => {
    const { writer, sender } = setUp();
    const called: unknown[] = [];
    sender.abort();
    sender.sendMessage(TEXT, bytes('01'), plain);
    sender.sendMessage(TEXT, bytes('01'), plain, (error) => called.push(error?.message));
    sender.sendFrames([bytes('8101'), bytes('61')], (error) => called.push(error?.message));
    const message = 'The socket was closed while data was being compressed';
    expect([called, writer.written]).toEqual([[message, message], '']);
  });

  it('ignores what is read after abort()', () => {
    const { writer, sender } = setUp();
    const unread = new FakeUnread(1);
    sender.sendMessage(BINARY, unread, plain);
    sender.abort();
    unread.answer!(undefined, bytes('01'));
    expect(writer.written).toBe('');
  });

  it('drops what waits on abort, and calls back in order', () => {
    const compression = new FakeCompression();
    const { writer, sender } = setUp(compression);
    const called: unknown[] = [];
    sender.sendMessage(TEXT, bytes('01'), plain, (error) => called.push(['a', error]));
    sender.sendMessage(TEXT, bytes('02'), plain);
    sender.sendControl(PING, bytes(''), false, (error) => called.push(['b', error]));
    const gone = new Error('gone');
    sender.abort(gone);
    sender.sendControl(PING, bytes(''), false, (error) => called.push(['c', error]));
    sender.sendControl(PING, bytes(''), false);
    compression.next();
    expect(called).toEqual([
      ['a', gone],
      ['b', gone],
      ['c', gone],
    ]);
    expect([writer.written, sender.queuedBytes]).toEqual(['', 0]);
    sender.abort(gone);
  });

  it('tells when compressing fails, and sends nothing any more', () => {
    const compression = new FakeCompression();
    const { writer, errors, sender } = setUp(compression);
    const called: unknown[] = [];
    compression.fails = new Error('no memory');
    sender.sendMessage(TEXT, bytes('01'), plain, (error) => called.push(error));
    compression.next();
    sender.sendControl(PING, bytes(''), false);
    expect([called, errors, writer.written]).toEqual([[compression.fails], [compression.fails], '']);
  });
});

describe('FrameSender, when the writer is full', () => {
  function setUpFull(slowPeer: BackPressure['slowPeer'] = 'wait', maxBufferedBytes = 2 * 256 + 2) {
    const all = setUp(undefined, slowPeer, maxBufferedBytes);
    all.writer.full = true;
    // A flush that is asked for comes later.
    all.writer.flush = () => {};
    const called: string[] = [];
    const told = (name: string) => (error?: Error & { code?: string }) =>
      called.push(error === undefined ? name : `${name}: ${error.code ?? error.message}`);
    const room = (): void => {
      all.writer.full = false;
      all.sender.writeOn();
      all.sender.flush();
    };
    return { ...all, called, told, room };
  }

  it('keeps messages until there is room, and control frames go before them', () => {
    const { writer, sender, called, told, room } = setUpFull();
    sender.sendMessage(TEXT, bytes('61'), plain, told('a'));
    sender.sendMessage(TEXT, bytes('62'), plain, told('b'));
    sender.sendControl(PING, bytes(''), false, told('ping'));
    sender.flush();
    expect([writer.written, sender.queuedBytes, called]).toEqual(['8900', 2, ['ping']]);
    room();
    expect([writer.written, sender.queuedBytes]).toEqual(['8900' + '810161' + '810162', 0]);
    expect(called).toEqual(['ping', 'a', 'b']);
  });

  it('counts what waits for room and what waits for a flush', () => {
    const { sender } = setUpFull();
    sender.sendMessage(TEXT, bytes('616263'), plain);
    sender.sendControl(PING, bytes(''), false);
    expect(sender.queuedBytes).toBe(3 + 2);
  });

  it('writes as they are a long payload and a long frame that waited', () => {
    const { writer, sender, room } = setUpFull();
    const written: Uint8Array[] = [];
    writer.write = (bytes) => written.push(bytes);
    const [payload, frame] = [new Uint8Array(5000), new Uint8Array(5001).fill(0x82)];
    sender.sendMessage(BINARY, payload, plain);
    sender.sendFrames([frame]);
    room();
    expect(written.slice(1)).toEqual([payload, frame]);
    expect([written[1] === payload, written[2] === frame]).toEqual([true, true]);
  });

  it('tells when nothing waits any more', () => {
    const { sender, called, told, room } = setUpFull();
    sender.whenSent(told('nothing was sent'));
    sender.sendMessage(TEXT, bytes('61'), plain, told('a'));
    sender.whenSent(told('all is sent'));
    expect(called).toEqual(['nothing was sent']);
    room();
    expect(called).toEqual(['nothing was sent', 'all is sent', 'a']);
  });

  it('never tells it of what it had to give up', () => {
    const { sender, called, told, room } = setUpFull();
    sender.sendMessage(TEXT, bytes('61'), plain);
    sender.whenSent(told('all is sent'));
    sender.abort();
    room();
    expect(called).toEqual([]);
  });

  it('stops again when it is full again', () => {
    const { writer, sender, room } = setUpFull();
    const { write } = writer;
    writer.write = (...args) => {
      write.apply(writer, args);
      writer.full = true;
    };
    sender.sendMessage(BINARY, new Uint8Array(5000), plain);
    sender.sendMessage(BINARY, new Uint8Array(5001), plain);
    room();
    expect(sender.queuedBytes).toBe(5001);
    room();
    expect(sender.queuedBytes).toBe(0);
    sender.writeOn();
  });

  it('sends a Close frame behind all that was sent before', () => {
    const { writer, sender, room } = setUpFull();
    sender.sendMessage(TEXT, bytes('61'), plain);
    sender.sendControl(CLOSE, bytes(''), false);
    sender.flush();
    expect(writer.written).toBe('');
    room();
    expect(writer.written).toBe('810161' + '8800');
  });

  it('lets a Close frame out when nothing waits before it', () => {
    const { writer, sender } = setUpFull();
    sender.sendControl(CLOSE, bytes(''), false);
    sender.flush();
    expect(writer.written).toBe('8800');
  });

  it('drops what waits when the connection fails: the Close frame goes before it', () => {
    const { writer, sender, called, told } = setUpFull();
    sender.sendMessage(TEXT, bytes('61'), plain, told('a'));
    sender.sendMessage(TEXT, bytes('62'), plain);
    sender.dropWaiting(new Error('failed'));
    sender.sendControl(CLOSE, bytes(''), false);
    sender.sendMessage(TEXT, bytes('63'), plain, told('late'));
    expect(called).toEqual(['late: failed']);
    sender.flush();
    expect([writer.written, called, sender.queuedBytes]).toEqual(['8800', ['late: failed', 'a: failed'], 0]);
    sender.dropWaiting(new Error('again'));
    writer.full = false;
    sender.sendFrames([bytes('8101'), bytes('61')], told('frames'));
    sender.flush();
    expect([writer.written, called.at(-1)]).toEqual(['8800', 'frames: failed']);
  });

  it('lets a Close frame out that waited when the connection failed', () => {
    const { writer, sender } = setUpFull();
    sender.sendMessage(TEXT, bytes('61'), plain);
    sender.sendControl(CLOSE, bytes('03e8'), false);
    sender.dropWaiting(new Error('failed'));
    sender.flush();
    expect(writer.written).toBe('880203e8');
  });

  it('does not drop what waits for compression', () => {
    const compression = new FakeCompression();
    const { writer, sender } = setUp(compression);
    sender.sendMessage(TEXT, bytes('01'), plain);
    sender.dropWaiting(new Error('failed'));
    compression.next();
    expect(writer.written).toBe('c10101');
  });

  it('compresses when a message leaves the queue, not before: the context is that of what was sent', () => {
    const compression = new FakeCompression(0, true);
    const { writer, sender } = setUp(compression);
    writer.full = true;
    sender.sendMessage(TEXT, bytes('0102'), plain);
    expect(compression.fins).toEqual([]);
    writer.full = false;
    sender.writeOn();
    expect(writer.written).toBe('c1020201');
  });

  it('keeps the frames of a message together that were serialized before', () => {
    const { writer, sender, told, called, room } = setUpFull();
    sender.sendFrames([bytes('8101'), bytes('61')], told('frames'));
    sender.sendControl(PING, bytes(''), false);
    room();
    expect([writer.written, called]).toEqual(['8900' + '810161', ['frames']]);
  });

  it.each([
    ['a small part of much', 64_000, 10, 'a copy'],
    ['all of its memory', 64_000, 64_000, 'itself'],
    ['a part of a block that many share', 8192, 10, 'itself'],
  ])('keeps of %s', (_what, length, partLength, kept) => {
    const { writer, sender } = setUp();
    const payload = new Uint8Array(length).subarray(0, partLength);
    writer.full = true;
    sender.sendMessage(BINARY, payload, plain);
    payload[0] = 1;
    writer.full = false;
    sender.writeOn();
    const [, first] = Buffer.from(writer.written, 'hex').subarray(partLength > 125 ? 3 : 1);
    expect(first).toBe(kept === 'itself' ? 1 : 0);
  });

  it("keeps a copy of what is to be masked: it is the caller's again", () => {
    const { writer, sender, room } = setUpFull();
    const payload = bytes('00');
    sender.sendMessage(TEXT, payload, { ...plain, mask: true });
    payload[0] = 0xff;
    room();
    expect(writer.written).toBe('81810102030401');
  });

  it('tells the writer of what waits, and not of what went at once', () => {
    let told = 0;
    const setUpCounted = (compression: FakeCompression) => {
      const { writer, sender } = setUp(compression);
      writer.queued = () => void told++;
      return sender;
    };
    setUpCounted(new FakeCompression(0, true)).sendMessage(TEXT, bytes('61'), plain);
    expect(told).toBe(0);
    const sender = setUpCounted(new FakeCompression());
    sender.sendMessage(TEXT, bytes('61'), plain);
    expect(told).toBe(1);
    sender.sendMessage(TEXT, bytes('62'), plain);
    expect(told).toBe(2);
  });

  it('drops the oldest', () => {
    const { writer, sender, called, told, room } = setUpFull('drop-oldest');
    for (const text of ['61', '62', '63', '64']) sender.sendMessage(TEXT, bytes(text), plain, told(text));
    expect([called, sender.droppedMessages]).toEqual([[], 2]);
    room();
    expect(writer.written).toBe('810163' + '810164');
    expect(called.sort()).toEqual(['61: WS_ERR_MESSAGE_DROPPED', '62: WS_ERR_MESSAGE_DROPPED', '63', '64']);
  });

  it.each(['drop-oldest', 'drop-newest'] as const)(
    'lets the writer know of each message dropped: %s',
    (slowPeer) => {
      const { writer, sender } = setUpFull(slowPeer);
      let dropped = 0;
      Object.assign(writer, { dropped: () => dropped++ });
      for (const text of ['61', '62', '63', '64']) sender.sendMessage(TEXT, bytes(text), plain);
      expect([dropped, sender.droppedMessages]).toEqual([2, 2]);
    },
  );

  it('drops no fragment of a message that has begun', () => {
    const { writer, sender, room } = setUpFull('drop-oldest', 1);
    sender.sendMessage(TEXT, bytes('61'), { ...plain, fin: false });
    sender.sendMessage(TEXT, bytes('62'), { ...plain, fin: false });
    sender.sendMessage(TEXT, bytes('63'), plain);
    expect(sender.droppedMessages).toBe(0);
    room();
    expect(writer.written).toBe('010161' + '000162' + '800163');
  });

  it('does not drop what is being compressed, but the oldest behind it', () => {
    const compression = new FakeCompression();
    const { writer, sender } = setUp(compression, 'drop-oldest', 2 * 256 + 2);
    const dropped: string[] = [];
    for (const text of ['61', '62', '63']) {
      sender.sendMessage(TEXT, bytes(text), plain, (error) => error && dropped.push(text));
    }
    expect([sender.droppedMessages, dropped]).toEqual([1, ['62']]);
    compression.next();
    compression.next();
    expect(writer.written).toBe('c10161' + 'c10163');
  });

  it('drops the newest', () => {
    const { writer, sender, called, told, room } = setUpFull('drop-newest');
    for (const text of ['61', '62', '63']) sender.sendMessage(TEXT, bytes(text), plain, told(text));
    sender.sendMessage(TEXT, bytes('64'), plain);
    sender.flush();
    expect([called, sender.droppedMessages]).toEqual([['63: WS_ERR_MESSAGE_DROPPED'], 2]);
    room();
    expect(writer.written).toBe('810161' + '810162');
  });

  it('drops the newest with all its fragments, and takes the next message', () => {
    const { writer, sender, called, told, room } = setUpFull('drop-newest', 1);
    sender.sendMessage(TEXT, bytes('61'), { ...plain, fin: false });
    sender.sendMessage(TEXT, bytes('62'), plain, told('of the first'));
    sender.sendMessage(TEXT, bytes('63'), { ...plain, fin: false }, told('first fragment'));
    room();
    sender.sendMessage(TEXT, bytes('66'), { ...plain, fin: false });
    sender.sendMessage(TEXT, bytes('64'), plain, told('last fragment'));
    sender.sendMessage(TEXT, bytes('65'), plain);
    sender.flush();
    expect(writer.written).toBe('010161' + '800162' + '810165');
    expect([sender.droppedMessages, called.sort()]).toEqual([
      1,
      ['first fragment: WS_ERR_MESSAGE_DROPPED', 'last fragment: WS_ERR_MESSAGE_DROPPED', 'of the first'],
    ]);
  });

  it('fails the connection at the next flush, and drops what waits at once', () => {
    const { writer, errors, sender, called, told } = setUpFull('close');
    for (const text of ['61', '62', '63', '64']) sender.sendMessage(TEXT, bytes(text), plain, told(text));
    expect([called, errors, sender.queuedBytes]).toEqual([['64: WS_ERR_SLOW_PEER'], [], 0]);
    sender.sendControl(PING, bytes(''), false);
    sender.flush();
    expect(errors).toMatchObject([{ code: 'WS_ERR_SLOW_PEER', closeCode: 1013 }]);
    expect(called.slice(1)).toEqual(['61', '62', '63'].map((text) => `${text}: WS_ERR_SLOW_PEER`));
    expect([writer.written, sender.droppedMessages]).toEqual(['8900', 0]);
  });

  it('tells what waits for room when the stream is closed', () => {
    const { sender, called, told } = setUpFull();
    sender.sendMessage(TEXT, bytes('61'), plain, told('a'));
    sender.abort();
    sender.sendMessage(TEXT, bytes('62'), plain, told('b'));
    const message = 'The socket was closed while data was waiting to be written';
    expect(called).toEqual([`a: ${message}`, `b: ${message}`]);
  });
});
