import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createFrameHeader, parseFrameHeader } from '../../src/core/frame-header.ts';
import { frameHeaderLength, serializeFrame, writeFrameHeader } from '../../src/core/frame-serializer.ts';
import { hex } from './recorder.ts';

const allocate = (length: number): Uint8Array => new Uint8Array(length);
const lengths = fc.oneof(
  fc.constantFrom(0, 1, 125, 126, 127, 65535, 65536, 2 ** 31, 2 ** 32 - 1, 2 ** 32, Number.MAX_SAFE_INTEGER),
  fc.maxSafeNat(),
);

describe('writeFrameHeader', () => {
  it('writes what parseFrameHeader reads', () => {
    fc.assert(
      fc.property(
        lengths,
        fc.option(fc.nat(0xffffffff), { nil: undefined }),
        fc.boolean(),
        fc.boolean(),
        fc.constantFrom(1, 2),
        fc.nat(3),
        (payloadLength, key, fin, rsv1, opcode, at) => {
          const firstByte = (fin ? 0x80 : 0) | (rsv1 ? 0x40 : 0) | opcode;
          const target = new Uint8Array(20);
          const end = writeFrameHeader(target, at, firstByte, payloadLength, key);
          expect(end - at).toBe(frameHeaderLength(payloadLength, key !== undefined));
          const header = createFrameHeader();
          const rules = {
            masked: key !== undefined,
            rsv1: true,
            fragmented: false,
            payloadLimit: () => Number.MAX_SAFE_INTEGER,
          };
          expect(parseFrameHeader(target, at, end, rules, header)).toBe(end - at);
          const masked = key !== undefined;
          expect(header).toEqual({ fin, rsv1, opcode, masked, maskingKey: key ?? 0, payloadLength });
        },
      ),
      { numRuns: 1000 },
    );
  });
});

describe('serializeFrame', () => {
  it('makes the frames of RFC 6455 §5.7', () => {
    const hello = new TextEncoder().encode('Hello');
    expect(hex(serializeFrame(0x81, hello, undefined, allocate))).toBe('810548656c6c6f');
    expect(hex(serializeFrame(0x81, hello, 0x37fa213d, allocate))).toBe('818537fa213d7f9f4d5158');
  });

  it('leaves the payload as it was', () => {
    const payload = new Uint8Array(300).fill(7);
    serializeFrame(0x82, payload, 0x01020304, allocate);
    expect(payload.every((byte) => byte === 7)).toBe(true);
  });
});
