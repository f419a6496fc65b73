import { describe, expect, it } from 'vitest';
import { BINARY, TEXT } from '../../src/core/opcode.ts';
import { type PayloadSource, StreamedPayload } from '../../src/core/streamed-payload.ts';

const nothing: PayloadSource = { opcode: BINARY, next: () => {} };

describe('StreamedPayload', () => {
  it.each([
    ['the only frame', TEXT, false, [true], [0x81]],
    ['fragments', BINARY, false, [false, false, true], [0x02, 0x00, 0x80]],
    ['compressed fragments', TEXT, true, [false, true], [0x41, 0x80]],
  ] as const)('says what begins %s', (_name, opcode, compressed, fins, firstBytes) => {
    const stream = new StreamedPayload({ ...nothing, opcode });
    expect(fins.map((fin) => stream.nextFirstByte(fin, compressed))).toEqual(firstBytes);
  });

  it('has begun with the first piece, or with the end, and not with an error', () => {
    const begunAfter = (error: Error | undefined, piece?: Uint8Array): boolean => {
      const stream = new StreamedPayload({ opcode: TEXT, next: (callback) => callback(error, piece) });
      expect(stream.begun).toBe(false);
      stream.next(() => {});
      return stream.begun;
    };
    expect(begunAfter(new Error('no source'))).toBe(false);
    expect(begunAfter(undefined, new Uint8Array(1))).toBe(true);
    expect(begunAfter(undefined)).toBe(true);
  });
});
