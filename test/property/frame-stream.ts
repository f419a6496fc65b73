import fc from 'fast-check';
import { type Role, serializeFrame } from '../../src/core/index.ts';
import { bytes } from '../core/recorder.ts';

interface Frame {
  readonly firstByte: number;
  readonly payload: Uint8Array;
  readonly masked: boolean;
}

const frame: fc.Arbitrary<Frame> = fc.record({
  firstByte: fc.oneof(
    { weight: 8, arbitrary: fc.constantFrom(0x81, 0x82, 0x01, 0x02, 0x00, 0x80, 0x89, 0x8a) },
    { weight: 1, arbitrary: fc.constant(0x88) },
    { weight: 1, arbitrary: fc.nat(255) },
  ),
  payload: fc.oneof(
    fc.string({ unit: 'binary', maxLength: 40 }).map((text) => new TextEncoder().encode(text)),
    fc.uint8Array({ maxLength: 150 }),
    fc.constantFrom(bytes('03e8'), bytes('03e8 62 79 65'), bytes('03ed'), bytes('03e8 ff'), bytes('03')),
  ),
  masked: fc.boolean(),
});

/** Headers with a length that is odd in some way. */
const header = fc.constantFrom(
  ...['7e 00 05', '7e 00 c8', '7e 00 c9', '7f 00 00 00 00 00 00 00 c8', '7f 00 00 00 00 00 01 00 00'],
  ...['7f 00 1f ff ff ff ff ff ff', '7f 00 20 00 00 00 00 00 00', '7f ff ff ff ff ff ff ff ff', '7f 80'],
);

/** Frames of a peer that keeps to the rules, nearly does, or doesn't, cut anywhere. */
export const frameStream = fc
  .record({
    role: fc.constantFrom<Role>('client', 'server'),
    frames: fc.array(frame, { minLength: 1, maxLength: 6 }),
    fragmentsRightly: fc.oneof(
      { weight: 4, arbitrary: fc.constant(true) },
      { weight: 1, arbitrary: fc.boolean() },
    ),
    oddHeader: fc.option(header, { nil: undefined, freq: 4 }),
    mutations: fc.array(fc.tuple(fc.nat(600), fc.nat(255)), { maxLength: 2 }),
    sizes: fc.array(fc.integer({ min: 1, max: 64 }), { minLength: 1, maxLength: 5 }),
    masksRightly: fc.oneof(
      { weight: 4, arbitrary: fc.constant(true) },
      { weight: 1, arbitrary: fc.boolean() },
    ),
  })
  .map(({ role, frames, fragmentsRightly, oddHeader, mutations, sizes, masksRightly }) => {
    const parts = (fragmentsRightly ? inOrder(frames) : frames).map(({ firstByte, payload, masked }) => {
      const key = (masksRightly ? role === 'server' : masked) ? 0x12345678 : undefined;
      return serializeFrame(firstByte, payload, key, (length) => new Uint8Array(length));
    });
    if (oddHeader !== undefined) parts.push(withOddLength(role, oddHeader));
    const whole = Buffer.concat(parts);
    for (const [at, byte] of mutations) if (at < whole.length) whole[at] = byte;
    return { role, chunks: cut(whole, sizes) };
  });

/** Makes a frame a continuation, or not, as the one before it asks for. */
function inOrder(frames: readonly Frame[]): Frame[] {
  let fragmented = false;
  return frames.map((each) => {
    const opcode = each.firstByte & 0x0f;
    if (opcode > 2) return each;
    const begins = opcode === 0 ? 1 : opcode;
    const firstByte = (each.firstByte & 0xf0) | (fragmented ? 0 : begins);
    fragmented = (firstByte & 0x80) === 0;
    return { ...each, firstByte };
  });
}

function withOddLength(role: Role, length: string): Uint8Array {
  const odd = Uint8Array.from([0x82, ...bytes(length), ...new Uint8Array(210)]);
  if (role === 'server') odd[1]! |= 0x80;
  return odd;
}

/** Cuts `whole` into chunks whose sizes are `sizes`, over and over. */
export function cut(whole: Uint8Array, sizes: readonly number[]): Uint8Array[] {
  const chunks: Uint8Array[] = [];
  for (let start = 0, i = 0; start < whole.length; i++) {
    const size = sizes[i % sizes.length]!;
    chunks.push(whole.subarray(start, start + size));
    start += size;
  }
  return chunks;
}
