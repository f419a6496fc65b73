import { describe, expect, it } from 'vitest';
import { isControlOpcode, isKnownOpcode } from '../../src/core/opcode.ts';

const all = Array.from({ length: 16 }, (_, opcode) => opcode);

describe('opcodes', () => {
  it('are known as RFC 6455 §5.2 lists them', () => {
    expect(all.filter(isKnownOpcode)).toEqual([0, 1, 2, 8, 9, 10]);
  });

  it('are of control frames when the highest bit is set (§5.5)', () => {
    expect(all.filter(isControlOpcode)).toEqual([8, 9, 10, 11, 12, 13, 14, 15]);
  });
});
