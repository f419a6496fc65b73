import { describe, expect, it } from 'vitest';
import type { BackPressure } from '../../src/core/back-pressure.ts';
import type { Compression, CompressionCallback } from '../../src/core/compression.ts';
import { FrameSender } from '../../src/core/frame-sender.ts';
import type { SendOptions } from '../../src/core/message-payload.ts';
import { BINARY, CLOSE, PING, TEXT } from '../../src/core/opcode.ts';
import type { PayloadSource } from '../../src/core/streamed-payload.ts';
import { bytes, RecordedTransport } from './recorder.ts';

const plain: SendOptions = { fin: true, compress: true, mask: false };

/** A source whose pieces the test brings. */
class FakeSource implements PayloadSource {
  readonly opcode = TEXT;
  asked = 0;
  answer: Parameters<PayloadSource['next']>[0] = () => {};

  next(callback: Parameters<PayloadSource['next']>[0]): void {
    this.asked++;
    this.answer = callback;
  }
}

/** Turns bytes round, when it is told to go on. */
class HeldCompression implements Compression {
  readonly waiting: Array<(error?: Error) => void> = [];
  readonly fins: boolean[] = [];
  worthwhile = (length: number): boolean => length >= 1024;

  compress(payload: Uint8Array, fin: boolean, callback: CompressionCallback): void {
    this.fins.push(fin);
    this.waiting.push((error) => (error ? callback(error) : callback(null, payload.slice().reverse())));
  }

  inflate(): void {
    throw new Error('not used here');
  }
}

function setUp(limits: Partial<BackPressure> = {}, compression?: Compression) {
  const writer = new RecordedTransport();
  const errors: string[] = [];
  const log: string[] = [];
  const sender = new FrameSender(
    writer,
    compression,
    () => 0x01020304,
    (length) => new Uint8Array(length),
    (error) => errors.push(error.message),
    { slowPeer: 'wait', maxBufferedBytes: 0, ...limits },
  );
  writer.flush = () => sender.flush();
  const called = (name: string) => {
    const callback = (error?: Error): void => void log.push(error ? `${name}: ${error.message}` : name);
    return callback;
  };
  const stream = (name = 'stream', options = plain) => {
    const source = new FakeSource();
    const callback = called(name);
    sender.sendStream(source, options, callback);
    return { source, callback };
  };
  return { writer, errors, log, sender, called, stream };
}

describe('a streamed message', () => {
  it('goes out in a fragment for each piece, and an empty one at the end', () => {
    const { writer, log, stream } = setUp();
    const { source } = stream();
    source.answer(undefined, bytes('61'));
    source.answer(undefined, bytes('62 63'));
    expect([writer.written, log]).toEqual(['010161' + '00026263', []]);
    source.answer(undefined);
    expect([writer.written, log]).toEqual(['010161' + '00026263' + '8000', ['stream']]);
    expect(source.asked).toBe(3);
  });

  it('is one empty frame when there is nothing', () => {
    const { writer, stream } = setUp();
    stream('stream', { ...plain, mask: true }).source.answer(undefined);
    expect(writer.written).toBe('818001020304');
  });

  it('lets pings go between its fragments, and all else wait for its end', () => {
    const { writer, sender, log, called, stream } = setUp();
    const first = stream('first').source;
    sender.sendMessage(BINARY, bytes('00'), plain, called('message'));
    const second = stream('second').source;
    sender.sendControl(CLOSE, bytes(''), false, called('close'));
    first.answer(undefined, bytes('61'));
    sender.sendControl(PING, bytes(''), false);
    expect(writer.written).toBe('010161' + '8900');
    expect(second.asked).toBe(0);
    first.answer(undefined);
    second.answer(undefined);
    expect(writer.written).toBe('010161' + '8900' + '8000' + '820100' + '8100' + '8800');
    expect(log).toEqual(['first', 'message', 'second', 'close']);
  });

  it('asks for a piece when there is room', () => {
    const { writer, sender, stream } = setUp();
    const { source } = stream();
    writer.full = true;
    source.answer(undefined, bytes('61'));
    expect(source.asked).toBe(1);
    sender.sendControl(PING, bytes(''), false);
    writer.full = false;
    sender.writeOn();
    expect([source.asked, writer.written]).toEqual([2, '010161' + '8900']);
  });

  it('is compressed as one message, with pings between', () => {
    const compression = new HeldCompression();
    const { writer, sender, stream } = setUp({}, compression);
    const { source } = stream();
    source.answer(undefined, bytes('61 62'));
    sender.sendControl(PING, bytes(''), false);
    compression.waiting.shift()!();
    source.answer(undefined);
    compression.waiting.shift()!();
    expect(writer.written).toBe('8900' + '41026261' + '8000');
    expect(compression.fins).toEqual([false, true]);
  });

  it('does not go between the fragments of another message', () => {
    const { sender, log, stream } = setUp();
    sender.sendMessage(BINARY, bytes('00'), { ...plain, fin: false });
    stream();
    expect(log).toEqual(['stream: A message in fragments is being sent']);
  });

  it('is refused after the end', () => {
    const { sender, log, stream } = setUp();
    sender.abort(new Error('gone'));
    stream();
    expect(log).toEqual(['stream: gone']);
  });
});

describe('a source that fails', () => {
  it('gives up a message that has not begun, and goes on with the next', () => {
    const { writer, sender, log, errors, called, stream } = setUp();
    const { source } = stream();
    sender.sendMessage(BINARY, bytes('00'), plain, called('message'));
    source.answer(new Error('no file'));
    expect([writer.written, log, errors]).toEqual(['820100', ['stream: no file', 'message'], []]);
  });

  it('fails the connection in the middle of a message, and whatever waits', () => {
    const { writer, sender, log, errors, called, stream } = setUp();
    const { source } = stream();
    sender.sendMessage(BINARY, bytes('00'), plain, called('message'));
    source.answer(undefined, bytes('61'));
    source.answer(new Error('disk'));
    expect([writer.written, log, errors]).toEqual(['010161', ['stream: disk', 'message: disk'], ['disk']]);
    sender.sendControl(CLOSE, bytes(''), false);
    expect(writer.written).toBe('010161' + '8800');
  });

  it('changes nothing when the message was given up meanwhile', () => {
    const { writer, sender, log, errors, stream } = setUp();
    const { source } = stream();
    const late = source.answer;
    sender.abort(new Error('gone'));
    late(undefined, bytes('61'));
    expect([writer.written, log, errors]).toEqual(['', ['stream: gone'], []]);
  });

  it('and so does a compression that fails, or comes too late', () => {
    const compression = new HeldCompression();
    const { writer, sender, errors, log, stream } = setUp({}, compression);
    stream().source.answer(undefined, bytes('61'));
    sender.dropWaiting(new Error('peer'));
    compression.waiting.shift()!();
    expect([writer.written, log, errors]).toEqual(['', ['stream: peer'], []]);

    const other = setUp({}, compression);
    other.stream().source.answer(undefined, bytes('61'));
    compression.waiting.shift()!(new Error('zlib'));
    expect([other.log, other.errors]).toEqual([['stream: zlib'], ['zlib']]);
  });

  it('says what was going on when the socket is gone', () => {
    const { sender, log, stream } = setUp();
    stream();
    sender.abort();
    expect(log).toEqual(['stream: The socket was closed while a stream was being sent']);
  });
});

describe('a streamed message among others that wait', () => {
  it('is not the one that is dropped', () => {
    const { writer, sender, log, called, stream } = setUp({ slowPeer: 'drop-oldest', maxBufferedBytes: 300 });
    const { source } = stream();
    source.answer(undefined, bytes('61'));
    writer.full = true;
    source.answer(undefined, bytes('62'));
    sender.sendMessage(BINARY, bytes('01'), plain, called('one'));
    sender.sendMessage(BINARY, bytes('02'), plain, called('two'));
    writer.full = false;
    sender.writeOn();
    source.answer(undefined);
    expect(log.map((entry) => entry.split(':')[0])).toEqual(['one', 'stream', 'two']);
    expect(writer.written).toBe('010161' + '000162' + '8000' + '820102');
  });
});

describe('drop', () => {
  it('takes a message out that waits for room', () => {
    const { writer, sender, log, called } = setUp();
    writer.full = true;
    const callback = called('one');
    sender.drop(callback, new Error('nothing there'));
    sender.sendMessage(TEXT, bytes('61'), plain, callback);
    sender.sendMessage(TEXT, bytes('62'), plain, called('two'));
    sender.drop(callback, new Error('aborted'));
    sender.drop(callback, new Error('again'));
    writer.full = false;
    sender.writeOn();
    expect([writer.written, log]).toEqual(['810162', ['one: aborted', 'two']]);
    sender.drop(callback, new Error('all is out'));
  });

  it('leaves a message alone that is being prepared', () => {
    const compression = new HeldCompression();
    const { writer, sender, log, called } = setUp({}, compression);
    const callback = called('one');
    sender.sendMessage(TEXT, new Uint8Array(1024), plain, callback);
    sender.drop(callback, new Error('too late'));
    compression.waiting.shift()!();
    expect([writer.written.length, log]).toEqual([2 * 1028, ['one']]);
  });

  it('leaves a fragment alone', () => {
    const { writer, sender, called } = setUp();
    writer.full = true;
    const callback = called('one');
    sender.sendMessage(TEXT, bytes('61'), { ...plain, fin: false }, callback);
    sender.drop(callback, new Error('too late'));
    writer.full = false;
    sender.writeOn();
    expect(writer.written).toBe('010161');
  });

  it('takes out a streamed message that has not begun, and goes on', () => {
    const { writer, sender, log, errors, called, stream } = setUp();
    const { source, callback } = stream();
    sender.sendMessage(TEXT, bytes('62'), plain, called('two'));
    sender.drop(callback, new Error('aborted'));
    source.answer(undefined, bytes('61'));
    expect([writer.written, log, errors]).toEqual(['810162', ['stream: aborted', 'two'], []]);
  });

  it('takes out what waits behind a streamed message that has begun, which goes on', () => {
    const { writer, sender, log, errors, called, stream } = setUp();
    const { source } = stream();
    source.answer(undefined, bytes('61'));
    const waiting = called('waiting');
    sender.sendMessage(BINARY, bytes('00'), plain, waiting);
    sender.drop(waiting, new Error('aborted'));
    expect([source.asked, errors]).toEqual([2, []]);
    source.answer(undefined);
    expect([writer.written, log]).toEqual(['010161' + '8000', ['waiting: aborted', 'stream']]);
  });

  it('takes nothing of a streamed message that was taken out', () => {
    const { writer, sender, log, stream } = setUp();
    const first = stream('first');
    const second = stream('second').source;
    sender.drop(first.callback, new Error('aborted'));
    first.source.answer(undefined, bytes('61'));
    first.source.answer(undefined);
    expect([second.asked, writer.written]).toEqual([1, '']);
    second.answer(undefined, bytes('62'));
    expect([writer.written, log]).toEqual(['010162', ['first: aborted']]);
  });

  it('fails the connection for a streamed message that has begun', () => {
    const { writer, sender, log, errors, stream } = setUp();
    const { source, callback } = stream();
    source.answer(undefined, bytes('61'));
    sender.drop(callback, new Error('aborted'));
    source.answer(undefined, bytes('62'));
    expect([writer.written, log, errors]).toEqual(['010161', ['stream: aborted'], ['aborted']]);
  });
});
