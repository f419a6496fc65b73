import { once } from 'node:events';
import { expect, it } from 'vitest';
import { CANCEL, cancelStream, hasEnded } from '../../src/node/http2-stream.ts';
import { streamPair } from './http2-pair.ts';

it('has ended when both have', async () => {
  const { near, far } = await streamPair();
  near.respond({ ':status': 200 });
  near.resume().end();
  await once(near, 'finish');
  expect(hasEnded(near)).toBe(false);
  far.end();
  await once(near, 'end');
  expect(hasEnded(near)).toBe(true);
  far.resume();
});

it('is gone at once when it is canceled, and the peer is told', async () => {
  const { near, far } = await streamPair();
  far.on('error', () => {});
  const closed = once(far, 'close');
  cancelStream(near);
  expect(near.destroyed).toBe(true);
  await closed;
  expect(far.rstCode).toBe(CANCEL);
});
