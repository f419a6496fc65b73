import { expect, it } from 'vitest';
import { Sending } from '../../src/client/sending.ts';

it('counts bytes as they go over the wire', () => {
  const bytes = Uint8Array.of(0, 1, 2, 3);
  const sizes = ['aä€😀', bytes, bytes.buffer, bytes.subarray(1, 3), new Blob(['ä'])].map(
    (data) => new Sending(data).bytes,
  );
  expect(sizes).toEqual([10, 4, 4, 2, 2]);
});

it('keeps bytes as they were', () => {
  const bytes = Uint8Array.of(0, 1, 2, 3);
  const sendings = [bytes, bytes.buffer, new DataView(bytes.buffer, 1, 2)].map((data) => new Sending(data));
  bytes.fill(9);
  expect(sendings.map(({ data }) => data)).toEqual([
    Uint8Array.of(0, 1, 2, 3),
    Uint8Array.of(0, 1, 2, 3),
    Uint8Array.of(1, 2),
  ]);
});

it('leaves strings and Blobs as they are', () => {
  const blob = new Blob(['a']);
  expect([new Sending('a').data, new Sending(blob).data]).toEqual(['a', blob]);
});
