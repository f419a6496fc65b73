import { closeFrameContent } from './close-frame-content.ts';
import { exposeInterface } from './idl-interface.ts';
import { toDictionary, toDomString, toUnsignedShortInRange, toUsvString } from './webidl.ts';

/** How a connection is to be closed, or was. */
export interface WebSocketCloseInfo {
  readonly closeCode?: number | undefined;
  readonly reason?: string | undefined;
}

/** Makes an error with a close code that a program could not give, such as 1006. */
export let closedUncleanly: (closeCode: number, reason: string) => WebSocketError;

/**
 * Why a WebSocketStream failed; given to `abort` or `cancel` of its streams, what it is closed with
 * (https://websockets.spec.whatwg.org/#websocketerror).
 */
export class WebSocketError extends DOMException {
  #closeCode: number | null;
  #reason: string;

  static {
    closedUncleanly = (closeCode, reason) => {
      const error = new WebSocketError('The connection was closed uncleanly');
      error.#closeCode = closeCode;
      error.#reason = reason;
      return error;
    };
  }

  /**
   * @param init - With a reason and no code, the code is 1000.
   * @throws {DOMException} InvalidAccessError: the code is not 1000 and not from 3000 to 4999. SyntaxError: the reason is
   *   longer than 123 bytes.
   * @throws {TypeError} `init` can't be converted.
   */
  constructor(message = '', init: WebSocketCloseInfo = {}) {
    super(toDomString(message), 'WebSocketError');
    const { closeCode, reason } = readCloseInfo(init);
    this.#closeCode = closeFrameContent(closeCode, reason).code ?? null;
    this.#reason = reason;
  }

  /** The close code; `null` for none. */
  get closeCode(): number | null {
    return this.#closeCode;
  }

  /** The reason, or ''. */
  get reason(): string {
    return this.#reason;
  }
}

exposeInterface(WebSocketError, 'WebSocketError', ['closeCode', 'reason']);

/** Converts a WebSocketCloseInfo. @throws {TypeError} It can't be converted. */
export function readCloseInfo(info: WebSocketCloseInfo | null | undefined): {
  closeCode: number | undefined;
  reason: string;
} {
  const { closeCode, reason } = toDictionary(info);
  return {
    closeCode: closeCode === undefined ? undefined : toUnsignedShortInRange(closeCode),
    reason: reason === undefined ? '' : toUsvString(reason),
  };
}
