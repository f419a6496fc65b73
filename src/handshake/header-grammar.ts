/** One element of a Sec-WebSocket-Extensions header (RFC 6455 §9.1). */
export interface ExtensionOffer {
  readonly name: string;
  readonly parameters: readonly ExtensionParameter[];
}

export interface ExtensionParameter {
  readonly name: string;
  /** `true` for a parameter without a value. */
  readonly value: string | true;
}

/** Some of the 256 characters that a byte can be: 1 for those that are in it, 0 for the others. */
export type CharClass = Readonly<Uint8Array>;

const TOKEN_PUNCTUATION = "!#$%&'*+-.^_`|~";

/** What tokens consist of (RFC 9110 §5.6.2). */
export const TOKEN_CHARS: CharClass = charClass(
  (code) =>
    (code >= 0x30 && code <= 0x39) ||
    (code >= 0x41 && code <= 0x5a) ||
    (code >= 0x61 && code <= 0x7a) ||
    TOKEN_PUNCTUATION.includes(String.fromCharCode(code)),
);

const TAB = 0x09;
const SPACE = 0x20;
const QUOTE = 0x22;
const COMMA = 0x2c;
const SEMICOLON = 0x3b;
const EQUALS = 0x3d;
const BACKSLASH = 0x5c;

/** What header values consist of (RFC 9110 §5.5). */
export const FIELD_VALUE_CHARS: CharClass = charClass(isFieldValueCharCode);

/** Tells whether a character may be part of a token (RFC 9110 §5.6.2). */
export function isTokenCharCode(code: number): boolean {
  return TOKEN_CHARS[code] === 1;
}

/** Makes the class of the characters that `includes` takes. */
export function charClass(includes: (code: number) => boolean): CharClass {
  return Uint8Array.from({ length: 256 }, (_, code) => (includes(code) ? 1 : 0));
}

/** Tells whether `text` is a token (RFC 9110 §5.6.2). */
export function isToken(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (!isTokenCharCode(text.charCodeAt(i))) return false;
  return text.length > 0;
}

/** Tells whether a comma-separated list has `token`, whatever its case (RFC 9110 §7.6.1). */
export function hasToken(list: string, token: string): boolean {
  const wanted = token.toLowerCase();
  // Nearly always a list of one: no other has the length of its only token.
  if (list.length === wanted.length) return list.toLowerCase() === wanted;
  return list.split(',').some((element) => trimWhitespace(element).toLowerCase() === wanted);
}

/** Takes spaces and tabs off both ends (RFC 9110 §5.6.3). */
export function trimWhitespace(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isWhitespace(text.charCodeAt(start))) start++;
  while (end > start && isWhitespace(text.charCodeAt(end - 1))) end--;
  return text.slice(start, end);
}

export function isWhitespace(code: number): boolean {
  return code === SPACE || code === TAB;
}

/**
 * Checks a header that is to be sent, so that nothing in it can end the line and begin another.
 *
 * @throws {TypeError} Code ERR_INVALID_HTTP_TOKEN for the name, ERR_INVALID_CHAR for the value.
 */
export function assertHeaderSafe(name: string, value: string): void {
  if (!isToken(name)) {
    throw headerError('ERR_INVALID_HTTP_TOKEN', `Header name must be a valid HTTP token ["${name}"]`);
  }
  if (!isHeaderValueSafe(value)) {
    throw headerError('ERR_INVALID_CHAR', `Invalid character in header content ["${name}"]`);
  }
}

/**
 * Checks a header that is to be sent in a head written as UTF-8, where any character above U+007F is obs-text.
 *
 * @throws {TypeError} Code ERR_INVALID_HTTP_TOKEN for the name, ERR_INVALID_CHAR for a control character in the value.
 * @see RFC 9110 §5.5
 */
export function assertUtf8HeaderSafe(name: string, value: string): void {
  assertHeaderSafe(name, '');
  if (!isUtf8LineSafe(value)) {
    throw headerError('ERR_INVALID_CHAR', `Invalid character in header content ["${name}"]`);
  }
}

/** Tells whether nothing in `text`, written as UTF-8, ends the line that it is in: it has no control characters. */
export function isUtf8LineSafe(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    if (FIELD_VALUE_CHARS[text.charCodeAt(i)] === 0) return false;
  }
  return true;
}

/** Tells whether `value` can be sent as a header's value: Latin-1 without control characters (RFC 9110 §5.5). */
export function isHeaderValueSafe(value: string): boolean {
  for (let i = 0; i < value.length; i++) if (!isFieldValueCharCode(value.charCodeAt(i))) return false;
  return true;
}

/** Tells whether a character may be in a header's value: tab, visible ASCII and space, obs-text (RFC 9110 §5.5). */
export function isFieldValueCharCode(code: number): boolean {
  return code === TAB || (code >= SPACE && code !== 0x7f && code <= 0xff);
}

function headerError(code: string, message: string): TypeError {
  return Object.assign(new TypeError(message), { code });
}

/**
 * Reads a Sec-WebSocket-Extensions header.
 *
 * @throws {SyntaxError} `Unexpected character at index N` or `Unexpected end of input`, as `ws` says it.
 * @see RFC 6455 §9.1
 */
export function parseExtensionHeader(header: string): ExtensionOffer[] {
  const reader = new ListReader(header);
  const offers: ExtensionOffer[] = [];
  do {
    const name = reader.readToken();
    const parameters: ExtensionParameter[] = [];
    while (reader.skipSeparator(SEMICOLON, COMMA)) parameters.push(readParameter(reader));
    offers.push({ name, parameters });
  } while (reader.skipSeparator(COMMA, COMMA));
  return offers;
}

/** Serializes offers, or one accepted extension, into a Sec-WebSocket-Extensions header. */
export function formatExtensionHeader(offers: readonly ExtensionOffer[]): string {
  return offers
    .map(({ name, parameters }) => [name, ...parameters.map(formatParameter)].join('; '))
    .join(', ');
}

function formatParameter({ name, value }: ExtensionParameter): string {
  return value === true ? name : `${name}=${value}`;
}

function readParameter(reader: ListReader): ExtensionParameter {
  const name = reader.readToken();
  return { name, value: reader.skipEquals() ? reader.readValue() : true };
}

/** Reads tokens between separators, one character after the other: linear in any input. */
export class ListReader {
  readonly #text: string;
  #position = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** Reads a token behind any white space, which there is none of at the beginning. */
  readToken(): string {
    if (this.#position > 0) this.#skipWhitespace();
    const start = this.#position;
    while (isTokenCharCode(this.#code)) this.#position++;
    if (this.#position === start) throw this.#unexpected();
    return this.#text.slice(start, this.#position);
  }

  /**
   * Passes a separator and white space before it.
   *
   * @returns Whether it was there; `false` at the end and before `other`.
   */
  skipSeparator(separator: number, other: number): boolean {
    const start = this.#position;
    this.#skipWhitespace();
    if (this.#code === separator) {
      this.#position++;
      return true;
    }
    const atEnd = this.#position === this.#text.length;
    // White space is for between things; at the end it announces something that doesn't come.
    if ((atEnd && this.#position === start) || (!atEnd && this.#code === other)) return false;
    throw this.#unexpected();
  }

  skipEquals(): boolean {
    if (this.#code !== EQUALS) return false;
    this.#position++;
    return true;
  }

  /** Reads a token or a quoted string, which has to be a token when unquoted (RFC 6455 §9.1). */
  readValue(): string {
    return this.#code === QUOTE ? this.#readQuoted() : this.#readUnspacedToken();
  }

  /** Whether all has been read. */
  get atEnd(): boolean {
    return this.#position === this.#text.length;
  }

  #readUnspacedToken(): string {
    if (isWhitespace(this.#code)) throw this.#unexpected();
    return this.readToken();
  }

  #readQuoted(): string {
    this.#position++;
    let value = '';
    while (this.#code !== QUOTE) {
      if (this.#code === BACKSLASH) this.#position++;
      if (!isTokenCharCode(this.#code)) throw this.#unexpected();
      value += this.#text[this.#position++];
    }
    if (value === '') throw this.#unexpected();
    this.#position++;
    return value;
  }

  #skipWhitespace(): void {
    while (isWhitespace(this.#code)) this.#position++;
  }

  /** The character code at the position; NaN at the end. */
  get #code(): number {
    return this.#text.charCodeAt(this.#position);
  }

  #unexpected(): SyntaxError {
    return this.atEnd
      ? new SyntaxError('Unexpected end of input')
      : new SyntaxError(`Unexpected character at index ${this.#position}`);
  }
}
