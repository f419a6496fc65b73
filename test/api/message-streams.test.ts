import { describe, expect, it } from 'vitest';
import { MessageStreams } from '../../src/api/message-streams.ts';
import { toBytesOrText } from '../../src/web/webidl.ts';

/** Streams over a port that writes down what it is asked for. */
function setUp() {
  const calls: unknown[] = [];
  const sent: Array<() => void> = [];
  const streams = new MessageStreams({
    toMessage: toBytesOrText,
    send: (data, isText, onSent) => {
      calls.push(['send', isText ? String(data) : [...data]]);
      sent.push(onSent);
    },
    readOn: () => calls.push('readOn'),
    close: (reason) => calls.push(['close', reason]),
  });
  return { streams, calls, sent };
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('the readable', () => {
  it('asks for the next message when the one before was taken', async () => {
    const { streams, calls } = setUp();
    await settled();
    expect(calls).toEqual(['readOn']);
    streams.push(Buffer.from('one'), false);
    await settled();
    expect(calls).toEqual(['readOn']);
    const reader = streams.readable.getReader();
    expect(await reader.read()).toEqual({ value: 'one', done: false });
    await settled();
    expect(calls).toEqual(['readOn', 'readOn']);
  });

  it('has binary messages as Uint8Arrays of their own', async () => {
    const { streams } = setUp();
    streams.push(Buffer.from([1, 2, 3]).subarray(1), true);
    const { value } = await streams.readable.getReader().read();
    expect(value).toEqual(new Uint8Array([2, 3]));
    expect((value as Uint8Array).buffer.byteLength).toBe(2);
  });

  it('closes the connection when it is cancelled, and takes nothing more', async () => {
    const { streams, calls } = setUp();
    await streams.readable.cancel('why');
    expect(calls).toContainEqual(['close', 'why']);
    streams.push(Buffer.from('late'), false);
    streams.close();
    expect((await streams.readable.getReader().read()).done).toBe(true);
  });
});

describe('the writable', () => {
  it('is done with a message when the system has it', async () => {
    const { streams, calls, sent } = setUp();
    const writer = streams.writable.getWriter();
    const writes: string[] = [];
    void writer.write('one').then(() => writes.push('one'));
    void writer.write(new Uint8Array([1, 2])).then(() => writes.push('two'));
    await settled();
    expect(calls.filter(Array.isArray)).toEqual([['send', 'one']]);
    expect(streams.isSending).toBe(true);
    sent[0]!();
    await settled();
    expect(writes).toEqual(['one']);
    expect(calls.filter(Array.isArray)).toEqual([
      ['send', 'one'],
      ['send', [1, 2]],
    ]);
    sent[1]!();
    await settled();
    expect(streams.isSending).toBe(false);
  });

  it('is closed with the connection', async () => {
    const { streams, calls } = setUp();
    let closed = false;
    const end = streams.writable.close().then(() => {
      closed = true;
    });
    await settled();
    expect(calls).toContainEqual(['close', undefined]);
    expect(closed).toBe(false);
    streams.close();
    await end;
  });

  it('fails after a clean end', async () => {
    const { streams } = setUp();
    streams.close();
    await expect(streams.writable.getWriter().write('late')).rejects.toMatchObject({
      name: 'InvalidStateError',
    });
  });

  it('refuses what is no message', async () => {
    const { streams } = setUp();
    const shared = new Uint8Array(new SharedArrayBuffer(1));
    await expect(streams.writable.getWriter().write(shared)).rejects.toThrow(TypeError);
  });
});

it('both fail with the connection, what is under way too', async () => {
  const { streams } = setUp();
  const error = new Error('gone');
  const writer = streams.writable.getWriter();
  const writing = writer.write('one');
  writing.catch(() => {});
  await settled();
  streams.fail(error);
  await expect(writing).rejects.toBe(error);
  await expect(writer.closed).rejects.toBe(error);
  await expect(streams.readable.getReader().read()).rejects.toBe(error);
});

it('a close that waits fails with the connection', async () => {
  const { streams } = setUp();
  const closing = streams.writable.close();
  closing.catch(() => {});
  await settled();
  streams.fail(new Error('gone'));
  await expect(closing).rejects.toThrow('gone');
});
