import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { serializeFrame } from '../../src/core/index.ts';
import { FrameLines } from '../../src/node/frame-lines.ts';
import { frame } from '../behaviour/raw-frames.ts';

function linesOf(...chunks: Uint8Array[]): string[] {
  const lines: string[] = [];
  const frames = new FrameLines((line) => lines.push(line));
  for (const chunk of chunks) frames.add(chunk);
  return lines;
}

describe('a line', () => {
  it.each([
    ['text', frame(0x81, 'hello', false), 'text fin 5 B "hello"'],
    ['masked text', frame(0x81, 'hello', true), 'text fin masked 5 B "hello"'],
    ['nothing', frame(0x81, '', false), 'text fin 0 B'],
    ['bytes', frame(0x82, Buffer.from('00ff10', 'hex'), false), 'binary fin 3 B 00 ff 10'],
    ['a fragment', frame(0x01, 'hel', false), 'text 3 B "hel"'],
    ['what is compressed', frame(0xc1, Buffer.from('f2', 'hex'), false), 'text fin rsv1 1 B f2'],
    ['a ping', frame(0x89, 'ab', false), 'ping fin 2 B 61 62'],
    ['a pong', frame(0x8a, '', true), 'pong fin masked 0 B'],
    ['a close code', frame(0x88, Buffer.from('03e8', 'hex'), false), 'close fin 2 B 1000 ""'],
    ['a reason', frame(0x88, Buffer.from('0fa06279', 'hex'), false), 'close fin 4 B 4000 "by"'],
    ['no close code', frame(0x88, '', false), 'close fin 0 B'],
    [
      'control characters',
      frame(0x81, 'a\n\u001b[2J\u009b\u202e', false),
      'text fin 11 B "a\\n\\u001b[2J\\u009b\\u202e"',
    ],
    ['what is long', frame(0x81, 'x'.repeat(100), false), `text fin 100 B "${'x'.repeat(64)}" ...`],
  ])('shows %s', (_, bytes, line) => {
    expect(linesOf(bytes)).toEqual([line]);
  });

  it('shows a continuation as what it goes on with', () => {
    const text = [frame(0x01, 'a', false), frame(0x89, '', false), frame(0x80, 'b', false)];
    expect(linesOf(...text).at(-1)).toBe('continuation fin 1 B "b"');
    expect(linesOf(frame(0x02, 'a', false), frame(0x80, 'b', false)).at(-1)).toBe('continuation fin 1 B 62');
    expect(linesOf(frame(0x41, 'a', false), frame(0x80, 'b', false)).at(-1)).toBe('continuation fin 1 B 62');
  });

  it('is written before the rest of a long payload is there', () => {
    expect(linesOf(frame(0x82, Buffer.alloc(1000), true).subarray(0, 72))).toHaveLength(1);
  });

  it('is one, however many chunks a payload comes in', () => {
    const bytes = frame(0x82, Buffer.alloc(1000), false);
    expect(linesOf(bytes.subarray(0, 100), bytes.subarray(100, 500), bytes.subarray(500))).toHaveLength(1);
  });

  it('tells a frame that can not be read, and nothing behind it', () => {
    const lines = linesOf(frame(0x81, 'a', false), frame(0x85, 'b', false), frame(0x81, 'c', false));
    expect(lines).toEqual(['text fin 1 B "a"', 'Invalid WebSocket frame: invalid opcode 5']);
  });
});

it('is the same however the bytes are cut, and leaves them as they are', () => {
  const frames = fc.array(
    fc.tuple(fc.constantFrom(0x81, 0x82, 0x89), fc.uint8Array({ maxLength: 125 }), fc.boolean()),
  );
  fc.assert(
    fc.property(frames, fc.infiniteStream(fc.integer({ min: 1, max: 90 })), (drawn, sizes) => {
      const serialized = drawn.map(([firstByte, payload, masked]) =>
        serializeFrame(firstByte, payload, masked ? 0x1234_5678 : undefined, (size) => new Uint8Array(size)),
      );
      const whole = Buffer.concat(serialized);
      const before = Buffer.from(whole);
      const chunks: Uint8Array[] = [];
      for (let at = 0; at < whole.length; ) {
        const size = sizes.next().value as number;
        chunks.push(whole.subarray(at, at + size));
        at += size;
      }
      expect(linesOf(...chunks)).toEqual(serialized.flatMap((bytes) => linesOf(bytes)));
      expect(linesOf(...chunks)).toHaveLength(drawn.length);
      expect(whole.equals(before)).toBe(true);
    }),
  );
});
