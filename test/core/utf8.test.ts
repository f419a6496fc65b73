import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isValidUtf8, Utf8Validator } from '../../src/core/utf8.ts';
import { bytes } from './recorder.ts';

const decoder = new TextDecoder('utf-8', { fatal: true });

function decodes(input: Uint8Array): boolean {
  try {
    decoder.decode(input);
    return true;
  } catch {
    return false;
  }
}

/** Whether some text begins with these bytes: the slow definition of "no bad byte yet". */
function canBeContinued(input: Uint8Array): boolean {
  const endings = [
    '',
    '80',
    '8080',
    '808080',
    '90 80 80',
    'a0 80',
    '90 80',
    'bf',
    'bf bf',
    'bf bf bf',
    '9f bf',
    '8f bf bf',
  ];
  return endings.some((ending) => decodes(Buffer.concat([input, bytes(ending)])));
}

function firstBadByte(input: Uint8Array): number {
  const validator = new Utf8Validator();
  for (let i = 0; i < input.length; i++) if (!validator.write(input, i, i + 1)) return i;
  return -1;
}

/** Text with a byte changed here and there: nearly UTF-8. */
const mutated = fc
  .tuple(
    fc.string({ unit: 'binary', maxLength: 20 }),
    fc.array(fc.tuple(fc.nat(80), fc.nat(255)), { maxLength: 3 }),
  )
  .map(([text, changes]) => {
    const encoded = new TextEncoder().encode(text);
    for (const [at, byte] of changes) if (at < encoded.length) encoded[at] = byte;
    return encoded;
  });

describe('Utf8Validator', () => {
  it('agrees with TextDecoder on any bytes', () => {
    fc.assert(
      fc.property(fc.oneof(mutated, fc.uint8Array({ maxLength: 8 })), (input) => {
        expect(isValidUtf8(input)).toBe(decodes(input));
      }),
      { numRuns: 3000 },
    );
  });

  it('agrees with TextDecoder in any chunking', () => {
    fc.assert(
      fc.property(mutated, fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }), (input, sizes) => {
        const validator = new Utf8Validator();
        let good = true;
        for (let start = 0, i = 0; good && start < input.length; i++) {
          const end = Math.min(input.length, start + sizes[i % sizes.length]!);
          good = validator.write(input, start, end);
          start = end;
        }
        expect(good && validator.complete).toBe(decodes(input));
      }),
      { numRuns: 1000 },
    );
  });

  it('agrees with TextDecoder on every pair of bytes, alone and with continuation bytes behind', () => {
    const differences: string[] = [];
    for (let pair = 0; pair < 0x1_0000; pair++) {
      for (const tail of [[], [0x80], [0xbf, 0xbf]]) {
        const input = new Uint8Array([pair >>> 8, pair & 0xff, ...tail]);
        if (isValidUtf8(input) !== decodes(input)) differences.push(Buffer.from(input).toString('hex'));
      }
    }
    expect(differences).toEqual([]);
  });

  it('fails at the first byte that no text can have there', () => {
    fc.assert(
      fc.property(mutated, (input) => {
        const bad = firstBadByte(input);
        if (bad === -1) expect(canBeContinued(input)).toBe(true);
        else {
          expect(canBeContinued(input.subarray(0, bad))).toBe(true);
          expect(canBeContinued(input.subarray(0, bad + 1))).toBe(false);
        }
      }),
      { numRuns: 1000 },
    );
  });

  it.each([
    ['overlong /', 'c0 af', 0],
    ['overlong, three bytes', 'e0 80 af', 1],
    ['overlong, four bytes', 'f0 80 80 af', 1],
    ['a surrogate', 'ed a0 80', 1],
    ['above U+10FFFF', 'f4 90 80 80', 1],
    ['F5', 'f5', 0],
    ['a lone continuation byte', '61 80', 1],
    ['a cut-off character before ASCII', 'e2 82 41', 2],
  ])('refuses %s', (_, text, at) => {
    expect(firstBadByte(bytes(text))).toBe(at);
  });

  it('tells a cut-off character from a whole one, and starts anew', () => {
    const validator = new Utf8Validator();
    expect(validator.write(bytes('ed'), 0, 1)).toBe(true);
    expect(validator.complete).toBe(false);
    validator.reset();
    expect(validator.complete).toBe(true);
    expect(validator.write(bytes('ed bf'), 1, 2)).toBe(false);
    validator.reset();
    expect(validator.write(bytes('61'), 0, 1)).toBe(true);
  });
});
