import { expect, it } from 'vitest';
import { PerMessageDeflate } from '../../src/ws/permessage-deflate.ts';
import { Sender, type SenderCallback } from '../../src/ws/sender.ts';
import { MemorySocket } from './memory-socket.ts';

// What ws does too is in test/compat/exported-sender.test.ts, for both.

/** A socket that calls back before `write` returns. */
class HastySocket extends MemorySocket {
  override write(chunk: Uint8Array | string, callback?: SenderCallback): boolean {
    super.write(chunk);
    callback?.();
    return true;
  }
}

function accepted(): PerMessageDeflate {
  const deflate = new PerMessageDeflate();
  deflate.accept([{}]);
  return deflate;
}

it('keeps the order when a callback sends, before the rest is written', async () => {
  const socket = new HastySocket();
  const deflate = accepted();
  const sender = new Sender(socket, { 'permessage-deflate': deflate });
  await new Promise<void>((resolve) => {
    sender.send('a'.repeat(100), { fin: true, compress: true }, () =>
      sender.pong('', false, () => resolve()),
    );
    sender.ping('');
    sender.send('', { fin: true });
  });
  expect(socket.written.slice(2)).toEqual(['8900', '8100', '8a00']);
  deflate.cleanup();
});

it('tells the callbacks, then onerror, when compressing fails while the socket is open', () => {
  const socket = new MemorySocket();
  const deflate = accepted();
  const sender = new Sender(socket, { 'permessage-deflate': deflate });
  const told: string[] = [];
  sender.onerror = (error) => told.push(`onerror: ${error.message}`);
  sender.send('a', { fin: true, compress: true }, (error) => told.push(`message: ${error?.message}`));
  sender.ping('', false, (error) => told.push(`ping: ${error?.message}`));
  deflate.cleanup();
  const message = 'The deflate stream was closed while data was being processed';
  expect(told).toEqual([`message: ${message}`, `ping: ${message}`, `onerror: ${message}`]);
  expect(socket.log).toEqual([]);
});

it('leaves shared memory alone', () => {
  const socket = new MemorySocket();
  const shared = new Uint8Array(new SharedArrayBuffer(2)).fill(7);
  const key = (buffer: Buffer) => buffer.fill(1);
  new Sender(socket, {}, key).send(shared.buffer, { fin: true, binary: true, mask: true });
  expect(socket.written).toEqual(['8282010101010606']);
  expect([...shared]).toEqual([7, 7]);
});

it('needs no onerror', async () => {
  const sender = new Sender(new MemorySocket());
  const blob = new Blob(['a']);
  blob.arrayBuffer = () => Promise.reject(new Error('unreadable'));
  const error = await new Promise<unknown>((resolve) => sender.ping(blob, false, resolve));
  expect(error).toEqual(new Error('unreadable'));
});
