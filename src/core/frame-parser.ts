import { createFrameHeader, type FrameRules, MAX_HEADER_BYTES, parseFrameHeader } from './frame-header.ts';
import { rotateKey } from './masking.ts';

/**
 * Finds the frames in a stream of chunks.
 *
 * It keeps no view of a chunk: between calls it holds the bytes of a cut-off header, at most 14.
 */
export class FrameParser {
  /** The frame being read; means something while {@link inFrame}. */
  readonly header = createFrameHeader();
  readonly #rules: FrameRules;
  #carry: Uint8Array | undefined;
  #carriedBytes = 0;
  #inFrame = false;
  #remaining = 0;

  constructor(rules: FrameRules) {
    this.#rules = rules;
  }

  /** Whether a header has been read whose frame has not been ended. */
  get inFrame(): boolean {
    return this.#inFrame;
  }

  /** Payload bytes of the frame that have not come yet. */
  get remaining(): number {
    return this.#remaining;
  }

  /**
   * Reads a header from `chunk` at `position`, up to `end`; begins a frame when it is whole.
   *
   * @returns Offset behind what was read: `end` when the header goes on in the next one.
   * @throws {ProtocolError} As {@link parseFrameHeader}.
   */
  readHeader(chunk: Uint8Array, position: number, end: number): number {
    if (this.#carriedBytes > 0) return this.#readCarriedHeader(chunk, position, end);
    const length = parseFrameHeader(chunk, position, end, this.#rules, this.header);
    if (length === 0) {
      this.#carryFrom(chunk, position, end);
      return end;
    }
    this.#beginFrame();
    return position + length;
  }

  /** The masking key, turned so that its first byte is for the payload byte that comes next; 0 without mask. */
  get key(): number {
    return rotateKey(this.header.maskingKey, this.header.payloadLength - this.#remaining);
  }

  /**
   * Passes over what a chunk holds of the payload from `position` on, up to `end`.
   *
   * @returns Offset behind it.
   */
  passPayload(position: number, end: number): number {
    const payloadEnd = Math.min(end, position + this.#remaining);
    this.#remaining -= payloadEnd - position;
    return payloadEnd;
  }

  /** Leaves the frame: a header comes next. */
  endFrame(): void {
    this.#inFrame = false;
  }

  #beginFrame(): void {
    this.#carriedBytes = 0;
    this.#inFrame = true;
    this.#remaining = this.header.payloadLength;
  }

  #readCarriedHeader(chunk: Uint8Array, position: number, end: number): number {
    const carriedBefore = this.#carriedBytes;
    this.#carryFrom(chunk, position, end);
    const length = parseFrameHeader(this.#carry!, 0, this.#carriedBytes, this.#rules, this.header);
    if (length === 0) return end;
    this.#beginFrame();
    return position + length - carriedBefore;
  }

  #carryFrom(chunk: Uint8Array, position: number, end: number): void {
    this.#carry ??= new Uint8Array(MAX_HEADER_BYTES);
    const count = Math.min(end - position, MAX_HEADER_BYTES - this.#carriedBytes);
    for (let i = 0; i < count; i++) this.#carry[this.#carriedBytes + i] = chunk[position + i]!;
    this.#carriedBytes += count;
  }
}
