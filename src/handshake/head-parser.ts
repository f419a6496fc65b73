import { type HeaderFields, joinHeaderFields } from './header-fields.ts';
import { isFieldValueCharCode, isTokenCharCode, trimWhitespace } from './header-grammar.ts';
import { HttpHeadError, type HttpHeadErrorCode } from './http-head-error.ts';

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

const NO_BYTES = new Uint8Array(0);

/** Takes the byte at `index` of the chunk: what the parser is in the middle of. */
export type HeadState = (byte: number, index: number) => void;

/**
 * Reads a head byte by byte: start line, header lines, an empty line (RFC 9112 §2.1). A state for each place in it;
 * the start line's are the subclass's.
 *
 * The text of an element is cut out of the chunk when it ends, and carried over where the chunk ends before it:
 * that is linear however the bytes are cut, and holds no view of a chunk.
 */
export abstract class HeadParser<T extends Head> {
  readonly #limits: HeadLimits;
  readonly #rawHeaders: string[] = [];
  #state: HeadState = this.inStartLine;
  #stateAfterLf: HeadState | undefined;
  #chunk: Uint8Array = NO_BYTES;
  /** Where the element being read begins in the chunk. */
  #start = 0;
  /** What former chunks had of it. */
  #carried = '';
  #receivedBytes = 0;
  #versionLength = 0;
  #httpVersion: HttpVersion = '1.1';
  #name = '';
  #head: T | undefined;

  constructor(limits: HeadLimits = DEFAULT_HEAD_LIMITS) {
    this.#limits = limits;
  }

  /** The head, once it is whole. */
  get head(): T | undefined {
    return this.#head;
  }

  /**
   * Takes bytes until the head is whole; the chunk is borrowed for the call.
   *
   * @returns How many bytes of `chunk` are the head's: what follows them is not HTTP any more.
   * @throws {HttpHeadError} At the first byte that proves a fault, and again for every byte after it.
   * @see RFC 9112 §2.1, §2.2, §5
   */
  receive(chunk: Uint8Array): number {
    this.#chunk = chunk;
    this.#start = 0;
    let index = 0;
    while (index < chunk.length && this.#head === undefined) {
      if (++this.#receivedBytes > this.#limits.maxHeadBytes) this.fail('HPE_HEADER_OVERFLOW');
      this.#state(chunk[index]!, index);
      index++;
    }
    this.#carried = this.take(index);
    this.#chunk = NO_BYTES;
    return index;
  }

  protected abstract inStartLine(byte: number, index: number): void;
  /** Takes the first byte after the version. */
  protected abstract afterVersion(byte: number, index: number): void;
  protected abstract build(common: Head): T;

  /** Goes over to `state`, whose element begins at `start`. */
  protected enter(state: HeadState, start: number): void {
    this.#state = state;
    this.#start = start;
    this.#carried = '';
  }

  /** The text of the element that ends before `end`. */
  protected take(end: number): string {
    let text = this.#carried;
    for (let i = this.#start; i < end; i++) text += String.fromCharCode(this.#chunk[i]!);
    return text;
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
    this.#state = this.#inLf;
  }

  /** Refuses a byte. RFC 9112 §2.2 would let an LF alone end a line, but what is lenient here can be smuggled past. */
  protected refuse(byte: number, code: HttpHeadErrorCode): never {
    this.fail(byte === LF ? 'HPE_CR_EXPECTED' : code);
  }

  protected fail(code: HttpHeadErrorCode): never {
    const error = new HttpHeadError(code);
    this.#chunk = NO_BYTES;
    this.#state = () => {
      throw error;
    };
    throw error;
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
    this.enter(this.#inName, index);
  }

  #inName(byte: number, index: number): void {
    if (byte === COLON) {
      this.#name = this.take(index);
      this.enter(this.#inValue, index + 1);
    } else if (!isTokenCharCode(byte)) {
      this.refuse(byte, 'HPE_INVALID_HEADER_TOKEN');
    }
  }

  #inValue(byte: number, index: number): void {
    if (byte === CR) {
      this.#rawHeaders.push(this.#name, trimWhitespace(this.take(index)));
      this.endStartLine();
    } else if (!isFieldValueCharCode(byte)) {
      this.refuse(byte, 'HPE_INVALID_HEADER_TOKEN');
    }
  }

  #finish(): void {
    const headers = joinHeaderFields(this.#rawHeaders);
    this.#head = this.build({ httpVersion: this.#httpVersion, rawHeaders: this.#rawHeaders, headers });
  }
}
