import { describe, expect, it } from 'vitest';
import { MAX_FRAGMENTS_TOLD, MessageAssembler } from '../../src/core/message-assembler.ts';
import { BINARY, TEXT } from '../../src/core/opcode.ts';
import { plainPayloadMemory } from '../../src/core/payload-memory.ts';
import { bytes, hex } from './recorder.ts';

const memory = plainPayloadMemory((length) => new Uint8Array(length));
const invalidUtf8 = expect.objectContaining({ code: 'WS_ERR_INVALID_UTF8', closeCode: 1007 });

function append(assembler: MessageAssembler, text: string, more = false): void {
  const piece = bytes(text);
  assembler.append(piece, 0, piece.length, 0, 0, more);
}

describe('MessageAssembler', () => {
  it('puts fragments together and is ready for the next message', () => {
    const assembler = new MessageAssembler(true, memory);
    expect(assembler.inProgress).toBe(false);
    assembler.begin(BINARY, false);
    expect([assembler.inProgress, assembler.isBinary, assembler.compressed]).toEqual([true, true, false]);
    append(assembler, 'ff', true);
    append(assembler, 'fe');
    expect(assembler.length).toBe(2);
    expect(hex(assembler.finish())).toBe('fffe');
    expect([assembler.inProgress, assembler.length]).toEqual([false, 0]);
  });

  it('lets a character go over fragments', () => {
    const assembler = new MessageAssembler(true, memory);
    assembler.begin(TEXT, false);
    append(assembler, 'e2 82', true);
    append(assembler, 'ac');
    expect(hex(assembler.finish())).toBe('e282ac');
  });

  it('refuses text at its first bad byte, and text that ends in a character', () => {
    const assembler = new MessageAssembler(true, memory);
    assembler.begin(TEXT, false);
    append(assembler, 'e2 82', true);
    expect(() => append(assembler, '41', true)).toThrow(invalidUtf8);

    const cutOff = new MessageAssembler(true, memory);
    cutOff.begin(TEXT, false);
    append(cutOff, 'e2 82');
    expect(() => cutOff.finish()).toThrow(invalidUtf8);
  });

  it('leaves compressed text until it is inflated', () => {
    const assembler = new MessageAssembler(true, memory);
    assembler.begin(TEXT, true);
    append(assembler, 'ff');
    expect(assembler.compressed).toBe(true);
    expect(hex(assembler.finish())).toBe('ff');
    expect(() => assembler.checkInflatedText(bytes('ff'))).toThrow(invalidUtf8);
    expect(() => assembler.checkInflatedText(bytes('61'))).not.toThrow();
  });

  it('lets anything pass when UTF-8 is not checked', () => {
    const assembler = new MessageAssembler(false, memory);
    assembler.begin(TEXT, false);
    append(assembler, 'ff');
    expect(hex(assembler.finish())).toBe('ff');
    expect(() => assembler.checkInflatedText(bytes('ff'))).not.toThrow();
  });

  it('notes where fragments end, when asked to; empty ones are none', () => {
    const assembler = new MessageAssembler(true, memory);
    const fragments = (...payloads: string[]): readonly number[] | undefined => {
      assembler.begin(BINARY, false);
      for (const payload of payloads.slice(0, -1)) {
        append(assembler, payload, true);
        assembler.endFragment();
      }
      append(assembler, payloads.at(-1)!);
      const { fragmentEnds } = assembler;
      assembler.finish();
      return fragmentEnds;
    };
    expect(fragments('00', '01')).toBeUndefined();
    assembler.keepFragments = true;
    expect(fragments('00 01', '', '02', '')).toEqual([2, 3]);
    expect(fragments('00', '01 02')).toEqual([1, 3]);
    expect(fragments('00')).toBeUndefined();
  });

  it('notes so many fragments apart, and those behind as one', () => {
    const assembler = new MessageAssembler(true, memory);
    assembler.keepFragments = true;
    assembler.begin(BINARY, false);
    for (let i = 0; i < MAX_FRAGMENTS_TOLD + 5; i++) {
      append(assembler, '00', true);
      assembler.endFragment();
    }
    append(assembler, '');
    const ends = assembler.fragmentEnds!;
    expect(ends).toHaveLength(MAX_FRAGMENTS_TOLD);
    expect(ends.slice(-2)).toEqual([MAX_FRAGMENTS_TOLD - 1, MAX_FRAGMENTS_TOLD + 5]);
  });

  it('has text that came in one piece checked as a whole, and other text piece by piece', () => {
    const checked: string[] = [];
    const assembler = new MessageAssembler(true, memory, (text) => {
      checked.push(hex(text));
      return false;
    });
    assembler.begin(TEXT, false);
    append(assembler, '61 62');
    expect(() => assembler.finish()).toThrow(invalidUtf8);
    const other = new MessageAssembler(true, memory, () => false);
    other.begin(TEXT, false);
    append(other, '61', true);
    append(other, '62');
    expect(hex(other.finish())).toBe('6162');
    expect(() => assembler.checkInflatedText(bytes('63'))).toThrow(invalidUtf8);
    expect(checked).toEqual(['6162', '63']);
  });
});
