import { FIN_BIT } from '../core/frame-serializer.ts';
import { BINARY, frameHeaderLength } from '../core/index.ts';

const MASK_BIT = 0x80;

/**
 * Reads what was serialized before.
 *
 * @param frames - One frame, or its header and its payload.
 * @returns Whether it is binary, the bytes of its payload, and whether it ends with it.
 */
export function readSentFrames(
  frames: readonly Uint8Array[],
): [isBinary: boolean, bytes: number, fin: boolean] {
  const first = frames[0]!;
  const length = frames.reduce((sum, part) => sum + part.length, 0);
  const masked = (first[1]! & MASK_BIT) !== 0;
  const length7 = first[1]! & 0x7f;
  const shortest = length7 < 126 ? 0 : length7 === 126 ? 126 : 0x1_0000;
  return [
    (first[0]! & 0x0f) === BINARY,
    length - frameHeaderLength(shortest, masked),
    (first[0]! & FIN_BIT) !== 0,
  ];
}
