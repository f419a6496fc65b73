import { once } from 'node:events';
import { expect, it } from 'vitest';
import { findHandleWrite } from '../../../src/node/fast-path/handle-write.ts';
import { plainHandleOf } from '../../../src/node/fast-path/plain-handle.ts';
import { socketPair } from '../socket-pair.ts';

it('writes at once, or says what goes on', async () => {
  const { near, far } = await socketPair();
  const write = findHandleWrite()!;
  const handle = plainHandleOf(near)!;
  expect([write(handle, Buffer.from('a')), write(handle, Buffer.from('b'))]).toEqual([0, 0]);
  let received = '';
  far.on('data', (chunk) => {
    received += chunk;
  });
  while (received.length < 2) await once(far, 'data');
  expect(received).toBe('ab');
  far.removeAllListeners('data');

  far.pause();
  const long = Buffer.alloc(1 << 25);
  const request = write(handle, long);
  if (typeof request === 'number') throw new Error(`the system took all: ${request}`);
  request.buffer = long;
  const done = new Promise((resolve) => {
    request.oncomplete = resolve;
  });
  far.resume();
  expect(await done).toBe(0);
  // The next one has a request of its own.
  expect(write(handle, Buffer.from('c'))).toBe(0);
});
