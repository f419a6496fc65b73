import { invalidFrame } from './errors.ts';
import { BINARY, type MessageOpcode, TEXT } from './opcode.ts';
import { PayloadBuffer } from './payload-buffer.ts';
import type { PayloadMemory } from './payload-memory.ts';
import { isValidUtf8, Utf8Validator } from './utf8.ts';

/** Tells whether bytes are UTF-8, all of them. */
export type IsUtf8 = (bytes: Uint8Array) => boolean;

/** As many fragments are told apart; those behind are one: a million of one byte each would cost a hundred times that. */
export const MAX_FRAGMENTS_TOLD = 16_384;

/**
 * Puts the frames of one message after the other together (RFC 6455 §5.4), or hands over what comes of it piece by piece.
 */
export class MessageAssembler {
  readonly #payload: PayloadBuffer;
  readonly #utf8: Utf8Validator | undefined;
  #opcode: MessageOpcode | undefined;
  #compressed = false;
  #inPieces = false;
  /** Bytes that {@link takePiece} handed over. */
  #handedOver = 0;
  /** Bytes that {@link checkPiece} was given. */
  #checked = 0;
  #fragmentEnds: number[] | undefined;
  readonly #isUtf8: IsUtf8;
  /** Whether the text came in one piece, which is checked as one. */
  #checkWhole = false;

  /** Whether {@link fragmentEnds} are noted. */
  keepFragments = false;

  /** Whether messages are handed over in pieces, from the next one on. */
  handsOverPieces = false;

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
    return this.#handedOver + this.#payload.length;
  }

  /** Whether the message in progress is handed over in pieces; between messages, whether the next one will be. */
  get inPieces(): boolean {
    return this.inProgress ? this.#inPieces : this.handsOverPieces;
  }

  /** Bytes of the message in pieces that were told, after inflating. */
  get toldBytes(): number {
    return this.#checked;
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
    this.#inPieces = this.handsOverPieces;
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

  /** Hands over what came since the last time of a message in pieces; of a compressed one it is still to be inflated. */
  takePiece(): Uint8Array {
    const piece = this.#payload.take();
    this.#handedOver += piece.length;
    return piece;
  }

  /**
   * Checks a piece, after inflating; with the last one it is ready for the next message.
   *
   * @throws {ProtocolError} Close code 1007: a text is not UTF-8, or ends inside a character.
   */
  checkPiece(piece: Uint8Array, last: boolean): void {
    const utf8 = this.#opcode === TEXT ? this.#utf8 : undefined;
    if (utf8?.write(piece, 0, piece.length) === false || (last && utf8?.complete === false))
      throw invalidUtf8();
    this.#checked = last ? 0 : this.#checked + piece.length;
    if (!last) return;
    this.#handedOver = 0;
    this.#opcode = undefined;
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
    return this.#utf8 !== undefined && this.#opcode === TEXT && !this.#compressed && !this.#inPieces;
  }
}

function invalidUtf8(): Error {
  return invalidFrame('WS_ERR_INVALID_UTF8', 'invalid UTF-8 sequence');
}
