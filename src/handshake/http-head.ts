import { CR, type Head, HeadParser, SPACE } from './head-parser.ts';
import { charClass, FIELD_VALUE_CHARS, isTokenCharCode, TOKEN_CHARS } from './header-grammar.ts';

export { DEFAULT_HEAD_LIMITS, type HeadLimits } from './head-parser.ts';
export type { HeaderFields } from './header-fields.ts';
export { HttpHeadError, type HttpHeadErrorCode } from './http-head-error.ts';

export interface RequestHead extends Head {
  readonly method: string;
  readonly target: string;
}

export interface ResponseHead extends Head {
  readonly statusCode: number;
  readonly statusMessage: string;
}

/** Visible ASCII (RFC 9112 §3.2). */
const TARGET_CHARS = charClass((code) => code > SPACE && code <= 0x7e);

/** Reads the head of a request from chunks (RFC 9112 §3). */
export class RequestHeadParser extends HeadParser<RequestHead> {
  #method = '';
  #target = '';

  protected override inStartLine(byte: number, index: number): void {
    // RFC 9112 §2.2: empty lines before a request are passed over.
    if (byte === CR) this.expectLf(this.inStartLine);
    else if (!isTokenCharCode(byte)) this.fail('HPE_INVALID_METHOD');
    else this.enter(this.#inMethod, index, TOKEN_CHARS);
  }

  #inMethod(byte: number, index: number): void {
    if (byte !== SPACE) this.fail('HPE_INVALID_METHOD');
    this.#method = this.take(index);
    this.enter(this.#inTarget, index + 1, TARGET_CHARS);
  }

  #inTarget(byte: number, index: number): void {
    if (byte !== SPACE) this.refuse(byte, 'HPE_INVALID_URL');
    this.#target = this.take(index);
    if (!isRequestTarget(this.#method, this.#target)) this.fail('HPE_INVALID_URL');
    this.enter(this.inVersion, index + 1);
  }

  protected override afterVersion(byte: number): void {
    if (byte !== CR) this.refuse(byte, 'HPE_INVALID_VERSION');
    this.endStartLine();
  }

  protected override build(common: Head): RequestHead {
    return { method: this.#method, target: this.#target, ...common };
  }
}

/** Reads the head of a response from chunks (RFC 9112 §4). */
export class ResponseHeadParser extends HeadParser<ResponseHead> {
  #statusCode = 0;
  #statusMessage = '';

  protected override inStartLine(byte: number, index: number): void {
    this.inVersion(byte, index);
  }

  protected override afterVersion(byte: number, index: number): void {
    if (byte !== SPACE) this.refuse(byte, 'HPE_INVALID_STATUS');
    this.enter(this.#inStatus, index + 1);
  }

  #inStatus(byte: number, index: number): void {
    if (this.#statusCode < 100) {
      const digit = byte - 0x30;
      this.#statusCode = this.#statusCode * 10 + digit;
      // RFC 9110 §15: 100 to 599; the classes above are known to clients that met them as unknown ones.
      if (digit < 0 || digit > 9 || this.#statusCode === 0) this.refuse(byte, 'HPE_INVALID_STATUS');
    } else if (byte === SPACE) {
      this.enter(this.#inReason, index + 1, FIELD_VALUE_CHARS);
    } else if (byte === CR) {
      // RFC 9112 §4 asks for the space before an absent reason, but servers leave it out and node:http lets them.
      this.endStartLine();
    } else {
      this.refuse(byte, 'HPE_INVALID_STATUS');
    }
  }

  #inReason(byte: number, index: number): void {
    if (byte !== CR) this.refuse(byte, 'HPE_INVALID_STATUS');
    this.#statusMessage = this.take(index);
    this.endStartLine();
  }

  protected override build(common: Head): ResponseHead {
    return { statusCode: this.#statusCode, statusMessage: this.#statusMessage, ...common };
  }
}

/** RFC 9112 §3.2: origin-form, asterisk-form, absolute-form, or the authority that CONNECT takes. */
function isRequestTarget(method: string, target: string): boolean {
  if (method === 'CONNECT') return target !== '';
  return target.startsWith('/') || target === '*' || target.includes('://', 1);
}
