import { type HeaderFields, joinHeaderFields } from './header-fields.ts';
import {
  type CharClass,
  charClass,
  FIELD_VALUE_CHARS,
  isTokenCharCode,
  TOKEN_CHARS,
  trimWhitespace,
} from './header-grammar.ts';
import { HttpHeadError, type HttpHeadErrorCode } from './http-head-error.ts';
import { decodeLatin1, type Latin1Decoder } from './latin1.ts';

export interface HeadLimits {
  /** The longest head, in bytes. */
  readonly maxHeadBytes: number;
  /** The most header lines. */
  readonly maxHeaders: number;
}

export const DEFAULT_HEAD_LIMITS: HeadLimits = { maxHeadBytes: 16 * 1024, maxHeaders: 2000 };

export type HttpVersion = '1.0' | '1.1';

/** What requests and responses have in common. */
export interface Head {
  readonly httpVersion: HttpVersion;
  /** Names and values in turn, as they came. */
  readonly rawHeaders: string[];
  readonly headers: HeaderFields;
}

export const CR = 0x0d;
export const SPACE = 0x20;
const LF = 0x0a;
const COLON = 0x3a;
const ZERO = 0x30;
const ONE = 0x31;

const VERSION_PREFIX = 'HTTP/1.';
const PROTOCOL_LENGTH = 'HTTP/'.length;

const NO_CHARS = charClass(() => false);

/** Takes the byte at `index` of the chunk: what the parser is in the middle of. */
export type HeadState = (byte: number, index: number) => void;

/**
 * Reads a head byte by byte: start line, header lines, an empty line (RFC 9112 §2.1). A state for each place in it;
 * the start line's are the subclass's. Bytes that a state only passes over, which are most, are not given to it.
 *
 * The text of an element is cut out of the chunk's when it ends, and carried over where the chunk ends before it:
 * that is linear however the bytes are cut, and holds no view of a chunk.
 */
export abstract class HeadParser<T extends Head> {
  readonly #limits: HeadLimits;
  readonly #decode: Latin1Decoder;
  readonly #rawHeaders: string[] = [];
  #state: HeadState = this.inStartLine;
  /** What it passes over. */
  #passed: CharClass = NO_CHARS;
  #stateAfterLf: HeadState | undefined;
  /** The chunk's text. */
  #text = '';
  /** Where the element being read begins in the chunk. */
  #start = 0;
  /** What former chunks had of it. */
  #carried = '';
  #receivedBytes = 0;
  #versionLength = 0;
  #httpVersion: HttpVersion = '1.1';
  #name = '';
  #head: T | undefined;

  constructor(limits: HeadLimits = DEFAULT_HEAD_LIMITS, decode: Latin1Decoder = decodeLatin1) {
    this.#limits = limits;
    this.#decode = decode;
  }

  /** The head, once it is whole. */
  get head(): T | undefined {
    return this.#head;
  }

  /**
   * Takes bytes until the head is whole, those of `chunk` up to `end`; they are borrowed for the call.
   *
   * @returns How many bytes of `chunk` are the head's: what follows them is not HTTP any more.
   * @throws {HttpHeadError} At the first byte that proves a fault, and again for every byte after it.
   * @see RFC 9112 §2.1, §2.2, §5
   */
  receive(chunk: Uint8Array, end = chunk.length): number {
    const room = this.#limits.maxHeadBytes - this.#receivedBytes;
    const text = this.#decode(chunk, 0, Math.min(end, room));
    this.#text = text;
    this.#start = 0;
    const index = this.#read(text);
    if (this.#head === undefined && end > room) this.fail('HPE_HEADER_OVERFLOW');
    this.#receivedBytes += index;
    this.#carried = this.take(index);
    this.#text = '';
    return index;
  }

  protected abstract inStartLine(byte: number, index: number): void;
  /** Takes the first byte after the version. */
  protected abstract afterVersion(byte: number, index: number): void;
  protected abstract build(common: Head): T;

  /** Goes over to `state`, whose element begins at `start` and has nothing but `passed` up to what the state is given. */
  protected enter(state: HeadState, start: number, passed = NO_CHARS): void {
    this.#state = state;
    this.#passed = passed;
    this.#start = start;
    this.#carried = '';
  }

  /** The text of the element that ends before `end`. */
  protected take(end: number): string {
    return this.#carried + this.#text.slice(this.#start, end);
  }

  protected inVersion(byte: number, index: number): void {
    const position = this.#versionLength++;
    if (position < VERSION_PREFIX.length) {
      if (byte === VERSION_PREFIX.charCodeAt(position)) return;
      this.fail(position < PROTOCOL_LENGTH ? 'HPE_INVALID_CONSTANT' : 'HPE_INVALID_VERSION');
    }
    if (byte !== ZERO && byte !== ONE) this.fail('HPE_INVALID_VERSION');
    this.#httpVersion = byte === ONE ? '1.1' : '1.0';
    this.enter(this.afterVersion, index + 1);
  }

  /** Ends the start line at its CR. */
  protected endStartLine(): void {
    this.expectLf(this.#atLineStart);
  }

  /** Expects the LF of a CR, and after it `state`; without one the head is whole. */
  protected expectLf(state?: HeadState): void {
    this.#stateAfterLf = state;
    this.#passed = NO_CHARS;
    this.#state = this.#inLf;
  }

  /** Refuses a byte. RFC 9112 §2.2 would let an LF alone end a line, but what is lenient here can be smuggled past. */
  protected refuse(byte: number, code: HttpHeadErrorCode): never {
    this.fail(byte === LF ? 'HPE_CR_EXPECTED' : code);
  }

  protected fail(code: HttpHeadErrorCode): never {
    const error = new HttpHeadError(code);
    this.#text = '';
    this.#passed = NO_CHARS;
    this.#state = () => {
      throw error;
    };
    throw error;
  }

  /** Reads `text` to the end of the head, or its own; returns how far. */
  #read(text: string): number {
    let index = 0;
    while (index < text.length && this.#head === undefined) {
      const byte = text.charCodeAt(index);
      if (this.#passed[byte] === 0) this.#state(byte, index);
      index++;
    }
    return index;
  }

  #inLf(byte: number, index: number): void {
    if (byte !== LF) this.fail('HPE_LF_EXPECTED');
    if (this.#stateAfterLf !== undefined) this.enter(this.#stateAfterLf, index + 1);
    else this.#finish();
  }

  #atLineStart(byte: number, index: number): void {
    if (byte === CR) {
      this.expectLf();
      return;
    }
    // RFC 9112 §5.1, §5.2: a name is a token right up to its colon, and no line is folded.
    if (!isTokenCharCode(byte)) this.refuse(byte, 'HPE_INVALID_HEADER_TOKEN');
    if (this.#rawHeaders.length >= this.#limits.maxHeaders * 2) this.fail('HPE_HEADER_OVERFLOW');
    this.enter(this.#inName, index, TOKEN_CHARS);
  }

  #inName(byte: number, index: number): void {
    if (byte !== COLON) this.refuse(byte, 'HPE_INVALID_HEADER_TOKEN');
    this.#name = this.take(index);
    this.enter(this.#inValue, index + 1, FIELD_VALUE_CHARS);
  }

  #inValue(byte: number, index: number): void {
    if (byte !== CR) this.refuse(byte, 'HPE_INVALID_HEADER_TOKEN');
    this.#rawHeaders.push(this.#name, trimWhitespace(this.take(index)));
    this.endStartLine();
  }

  #finish(): void {
    const headers = joinHeaderFields(this.#rawHeaders);
    this.#head = this.build({ httpVersion: this.#httpVersion, rawHeaders: this.#rawHeaders, headers });
  }
}
