import { invalidFrame } from './errors.ts';
import { BINARY, type MessageOpcode, TEXT } from './opcode.ts';
import { PayloadBuffer } from './payload-buffer.ts';
import type { PayloadMemory } from './payload-memory.ts';
import { isValidUtf8, Utf8Validator } from './utf8.ts';

/** Tells whether bytes are UTF-8, all of them. */
export type IsUtf8 = (bytes: Uint8Array) => boolean;

/** As many fragments are told apart; those behind are one: a million of one byte each would cost a hundred times that. */
export const MAX_FRAGMENTS_TOLD = 16_384;

/** Puts the frames of one message after the other together (RFC 6455 §5.4). */
export class MessageAssembler {
  readonly #payload: PayloadBuffer;
  readonly #utf8: Utf8Validator | undefined;
  #opcode: MessageOpcode | undefined;
  #compressed = false;
  #fragmentEnds: number[] | undefined;
  readonly #isUtf8: IsUtf8;
  /** Whether the text came in one piece, which is checked as one. */
  #checkWhole = false;

  /** Whether {@link fragmentEnds} are noted. */
  keepFragments = false;

  /**
   * @param checkUtf8 - Whether text that is not UTF-8 is refused.
   * @param isUtf8 - What checks text that is there as a whole: the platform may be faster.
   */
  constructor(checkUtf8: boolean, memory: PayloadMemory, isUtf8: IsUtf8 = isValidUtf8) {
    this.#isUtf8 = isUtf8;
    this.#payload = new PayloadBuffer(memory);
    this.#utf8 = checkUtf8 ? new Utf8Validator() : undefined;
  }

  /** Whether a message has begun that is not finished. */
  get inProgress(): boolean {
    return this.#opcode !== undefined;
  }

  /** Payload bytes of the message in progress that have come. */
  get length(): number {
    return this.#payload.length;
  }

  get isBinary(): boolean {
    return this.#opcode === BINARY;
  }

  /** Whether the message's first frame had RSV1 (RFC 7692 §6). */
  get compressed(): boolean {
    return this.#compressed;
  }

  /**
   * Where in the payload each fragment ends that has bytes, the last of {@link MAX_FRAGMENTS_TOLD} with all behind it;
   * `undefined` for a message in one frame.
   */
  get fragmentEnds(): readonly number[] | undefined {
    if (this.#fragmentEnds === undefined) return undefined;
    this.endFragment();
    return this.#fragmentEnds;
  }

  /** Begins a message with the header of its first frame. */
  begin(opcode: MessageOpcode, compressed: boolean): void {
    this.#fragmentEnds = undefined;
    this.#opcode = opcode;
    this.#compressed = compressed;
  }

  /**
   * Adds a piece of a frame's payload, unmasked with `key`; what `bytes` has there is lost.
   *
   * @param key - As of {@link PayloadBuffer.append}.
   * @param promised - Bytes of the frame that are still to come.
   * @param more - Whether the frame is not the message's last.
   * @throws {ProtocolError} Close code 1007, at the first byte that is not UTF-8 in an uncompressed text (RFC 6455 §8.1).
   */
  append(bytes: Uint8Array, start: number, end: number, key: number, promised: number, more: boolean): void {
    const { length } = this.#payload;
    this.#payload.append(bytes, start, end, key, promised, more);
    if (this.#checksAsItComes) this.#checkFrom(length, promised > 0 || more);
  }

  /** Ends a frame that is not the message's last. */
  endFragment(): void {
    if (!this.keepFragments) return;
    this.#fragmentEnds ??= [];
    const ends = this.#fragmentEnds;
    if (ends.length === MAX_FRAGMENTS_TOLD) ends.pop();
    if (this.length > (ends.at(-1) ?? 0)) ends.push(this.length);
  }

  /**
   * Hands over the message's payload and is ready for the next one; a compressed one is still to be inflated.
   *
   * @throws {ProtocolError} Close code 1007: an uncompressed text ends inside a character.
   */
  finish(): Uint8Array {
    const payload = this.#payload.take();
    if (this.#checksAsItComes && !this.#isText(payload)) throw invalidUtf8();
    this.#opcode = undefined;
    return payload;
  }

  /**
   * Checks a text that was inflated.
   *
   * @throws {ProtocolError} Close code 1007: it is not UTF-8.
   */
  checkInflatedText(text: Uint8Array): void {
    if (this.#utf8 !== undefined && !this.#isUtf8(text)) throw invalidUtf8();
  }

  #checkFrom(start: number, more: boolean): void {
    const { bytes, length } = this.#payload;
    this.#checkWhole = start === 0 && !more;
    if (!this.#checkWhole && !this.#utf8!.write(bytes!, start, length)) throw invalidUtf8();
  }

  #isText(payload: Uint8Array): boolean {
    return this.#checkWhole ? this.#isUtf8(payload) : this.#utf8!.complete;
  }

  get #checksAsItComes(): boolean {
    return this.#utf8 !== undefined && this.#opcode === TEXT && !this.#compressed;
  }
}

function invalidUtf8(): Error {
  return invalidFrame('WS_ERR_INVALID_UTF8', 'invalid UTF-8 sequence');
}
