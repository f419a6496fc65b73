import { isFieldValueCharCode, isTokenCharCode, trimWhitespace } from './header-grammar.ts';

export interface HeadLimits {
  /** The longest head, in bytes. */
  readonly maxHeadBytes: number;
  /** The most header lines. */
  readonly maxHeaders: number;
}

export const DEFAULT_HEAD_LIMITS: HeadLimits = { maxHeadBytes: 16 * 1024, maxHeaders: 100 };

/** Header values by their names in lower case, joined as node:http joins them. */
export type HeaderFields = Record<string, string | string[] | undefined>;

interface Head {
  readonly httpVersion: '1.0' | '1.1';
  /** Names and values in turn, as they came. */
  readonly rawHeaders: string[];
  readonly headers: HeaderFields;
}

export interface RequestHead extends Head {
  readonly method: string;
  readonly target: string;
}

export interface ResponseHead extends Head {
  readonly statusCode: number;
  readonly statusMessage: string;
}

/** What is wrong with a head: the status that a server answers, and node:http's code and words for it. */
const FAULTS = {
  HPE_INVALID_CONSTANT: [400, 'Expected HTTP/'],
  HPE_INVALID_METHOD: [400, 'Invalid method encountered'],
  HPE_INVALID_URL: [400, 'Invalid characters in url'],
  HPE_INVALID_VERSION: [505, 'Invalid HTTP version'],
  HPE_INVALID_STATUS: [400, 'Invalid status code'],
  HPE_INVALID_HEADER_TOKEN: [400, 'Invalid header token'],
  HPE_CR_EXPECTED: [400, 'Missing expected CR after header value'],
  HPE_LF_EXPECTED: [400, 'Missing expected LF after header value'],
  HPE_HEADER_OVERFLOW: [431, 'Header overflow'],
} as const;

export type HttpHeadErrorCode = keyof typeof FAULTS;

/** The peer sent what is no head of HTTP/1.1, or too long a one. */
export class HttpHeadError extends Error {
  readonly code: HttpHeadErrorCode;

  constructor(code: HttpHeadErrorCode) {
    super(`Parse Error: ${FAULTS[code][1]}`);
    this.code = code;
  }

  /** The status to answer a request with. */
  get statusCode(): 400 | 431 | 505 {
    return FAULTS[this.code][0];
  }
}

const CR = 0x0d;
const LF = 0x0a;
const COLON = 0x3a;

/** What tells requests and responses apart: their first lines. */
interface StartLine<T> {
  /** Checks a byte of the line at its place, so that what is no HTTP is refused at once. */
  checkByte(byte: number, index: number): void;
  parse(line: string): T;
}

/** Collects a head from chunks: start line, header lines, an empty line (RFC 9112 §2.1). */
class HeadParser<T> {
  readonly #startLine: StartLine<T>;
  readonly #limits: HeadLimits;
  #start: T | undefined;
  #line = '';
  #bytes = 0;
  #afterCr = false;
  readonly #rawHeaders: string[] = [];
  #head: (T & { rawHeaders: string[]; headers: HeaderFields }) | undefined;

  constructor(startLine: StartLine<T>, limits: HeadLimits = DEFAULT_HEAD_LIMITS) {
    this.#startLine = startLine;
    this.#limits = limits;
  }

  /** The head, once it is whole. */
  get head(): (T & { rawHeaders: string[]; headers: HeaderFields }) | undefined {
    return this.#head;
  }

  /**
   * Takes bytes until the head is whole.
   *
   * @returns How many bytes of `chunk` are the head's; what follows them is not HTTP any more.
   * @throws {HttpHeadError} At the first byte that proves a fault.
   */
  receive(chunk: Uint8Array): number {
    let position = 0;
    while (position < chunk.length && this.#head === undefined) this.#takeByte(chunk[position++]!);
    return position;
  }

  #takeByte(byte: number): void {
    if (++this.#bytes > this.#limits.maxHeadBytes) throw new HttpHeadError('HPE_HEADER_OVERFLOW');
    if (this.#afterCr) {
      if (byte !== LF) throw new HttpHeadError('HPE_LF_EXPECTED');
      this.#afterCr = false;
      this.#endLine();
    } else if (byte === CR) {
      this.#afterCr = true;
    } else {
      this.#checkByte(byte);
      this.#line += String.fromCharCode(byte);
    }
  }

  #checkByte(byte: number): void {
    if (byte === LF) throw new HttpHeadError('HPE_CR_EXPECTED');
    if (this.#start === undefined) this.#startLine.checkByte(byte, this.#line.length);
    else if (!isFieldValueCharCode(byte)) throw new HttpHeadError('HPE_INVALID_HEADER_TOKEN');
    // RFC 9112 §5.1, §5.2: a name is a token right up to its colon, and no line is folded.
    else if (this.#line === '' && !isTokenCharCode(byte)) throw new HttpHeadError('HPE_INVALID_HEADER_TOKEN');
  }

  #endLine(): void {
    const line = this.#line;
    this.#line = '';
    if (this.#start === undefined) {
      // RFC 9112 §2.2: empty lines before a request are passed over.
      if (line !== '') this.#start = this.#startLine.parse(line);
    } else if (line === '') {
      const headers = joinHeaders(this.#rawHeaders);
      this.#head = { ...this.#start, rawHeaders: this.#rawHeaders, headers };
    } else {
      this.#addHeader(line);
    }
  }

  #addHeader(line: string): void {
    if (this.#rawHeaders.length >= this.#limits.maxHeaders * 2)
      throw new HttpHeadError('HPE_HEADER_OVERFLOW');
    let colon = 0;
    while (isTokenCharCode(line.charCodeAt(colon))) colon++;
    if (line.charCodeAt(colon) !== COLON) throw new HttpHeadError('HPE_INVALID_HEADER_TOKEN');
    this.#rawHeaders.push(line.slice(0, colon), trimWhitespace(line.slice(colon + 1)));
  }
}

/** Reads the head of a request from chunks (RFC 9112 §3). */
export class RequestHeadParser extends HeadParser<Pick<RequestHead, 'method' | 'target' | 'httpVersion'>> {
  constructor(limits?: HeadLimits) {
    super(REQUEST_LINE, limits);
  }
}

/** Reads the head of a response from chunks (RFC 9112 §4). */
export class ResponseHeadParser extends HeadParser<
  Pick<ResponseHead, 'statusCode' | 'statusMessage' | 'httpVersion'>
> {
  constructor(limits?: HeadLimits) {
    super(STATUS_LINE, limits);
  }
}

const REQUEST_LINE: StartLine<Pick<RequestHead, 'method' | 'target' | 'httpVersion'>> = {
  checkByte(byte, index) {
    if (index === 0 && !isTokenCharCode(byte)) throw new HttpHeadError('HPE_INVALID_METHOD');
    if (byte < 0x20 || byte > 0x7e) throw new HttpHeadError('HPE_INVALID_URL');
  },
  parse(line) {
    const parts = line.split(' ');
    const [method = '', target = '', version = ''] = parts;
    for (let i = 0; i < method.length; i++) {
      if (!isTokenCharCode(method.charCodeAt(i))) throw new HttpHeadError('HPE_INVALID_METHOD');
    }
    if (parts.length !== 3 || target === '') throw new HttpHeadError('HPE_INVALID_URL');
    return { method, target, httpVersion: parseVersion(version) };
  },
};

const STATUS_LINE: StartLine<Pick<ResponseHead, 'statusCode' | 'statusMessage' | 'httpVersion'>> = {
  checkByte(byte, index) {
    if (index < 5 && byte !== 'HTTP/'.charCodeAt(index)) throw new HttpHeadError('HPE_INVALID_CONSTANT');
    if (!isFieldValueCharCode(byte)) throw new HttpHeadError('HPE_INVALID_STATUS');
  },
  parse(line) {
    const [version = '', status = '', ...words] = line.split(' ');
    const httpVersion = parseVersion(version);
    if (status.length !== 3 || !isDigits(status) || status < '100')
      throw new HttpHeadError('HPE_INVALID_STATUS');
    return { httpVersion, statusCode: Number(status), statusMessage: words.join(' ') };
  },
};

function isDigits(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 0x30 || code > 0x39) return false;
  }
  return true;
}

function parseVersion(text: string): '1.0' | '1.1' {
  if (!text.startsWith('HTTP/')) throw new HttpHeadError('HPE_INVALID_CONSTANT');
  const version = text.slice('HTTP/'.length);
  if (version !== '1.0' && version !== '1.1') throw new HttpHeadError('HPE_INVALID_VERSION');
  return version;
}

/** Headers of which node:http keeps the first and drops further ones. */
const KEPT_ONCE = new Set([
  'age',
  'authorization',
  'content-length',
  'content-type',
  'etag',
  'expires',
  'from',
  'host',
  'if-modified-since',
  'if-unmodified-since',
  'last-modified',
  'location',
  'max-forwards',
  'proxy-authorization',
  'referer',
  'retry-after',
  'server',
  'user-agent',
]);

function joinHeaders(rawHeaders: readonly string[]): HeaderFields {
  const headers: HeaderFields = Object.create(null);
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i]!.toLowerCase();
    headers[name] = joined(name, headers[name], rawHeaders[i + 1]!);
  }
  return headers;
}

function joined(name: string, before: string | string[] | undefined, value: string): string | string[] {
  if (name === 'set-cookie') return [...(before ?? []), value];
  if (before === undefined) return value;
  if (KEPT_ONCE.has(name)) return before;
  return `${before as string}${name === 'cookie' ? '; ' : ', '}${value}`;
}
