import { expect, it } from 'vitest';
import { ProtocolError } from '../../src/core/index.ts';
import { PerMessageDeflate } from '../../src/ws/permessage-deflate.ts';
import { Receiver } from '../../src/ws/receiver.ts';
import { compress } from '../compat/exported-classes.ts';
import { bytes } from '../core/recorder.ts';

// What ws does too is in test/compat/exported-receiver.test.ts, for both.

it('has the close code for a fault of the peer', async () => {
  const receiver = new Receiver();
  const error = await new Promise<unknown>((resolve) => {
    receiver.on('error', resolve).write(bytes('83 00'));
  });
  expect(error).toBeInstanceOf(ProtocolError);
  expect(error).toMatchObject({ closeCode: 1002 });
});

it('holds nothing of the chunk that was written', () => {
  const receiver = new Receiver();
  const messages: Buffer[] = [];
  receiver.on('message', (data) => messages.push(data));
  const chunk = Buffer.from(bytes('81 02 6869'));
  receiver.write(chunk);
  chunk.fill(0);
  expect(messages.map(String)).toEqual(['hi']);
  expect(messages[0]!.buffer.byteLength).toBe(2);
});

it('stops inflating at its own maxPayload, though the extension has none', async () => {
  const peer = new PerMessageDeflate({ isServer: true });
  peer.accept([{}]);
  const bomb = await compress(peer, Buffer.alloc(10_000_000));
  peer.cleanup();
  let inflated = 0;
  class Counting extends PerMessageDeflate {
    override decompress(...[data, fin, callback, limit]: Parameters<PerMessageDeflate['decompress']>): void {
      const count: typeof callback = (error, output) => {
        inflated += output?.length ?? 0;
        callback(error, output);
      };
      super.decompress(data, fin, count, limit);
    }
  }
  const deflate = new Counting();
  deflate.accept([{}]);
  const receiver = new Receiver({ extensions: { 'permessage-deflate': deflate }, maxPayload: 100_000 });
  const failed = new Promise<unknown>((resolve) => receiver.on('error', resolve));
  receiver.write(Buffer.concat([bytes('c2 7e'), Buffer.from([bomb.length >> 8, bomb.length]), bomb]));
  expect(await failed).toMatchObject({ code: 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH' });
  expect(inflated).toBe(0);
  deflate.cleanup();
});
