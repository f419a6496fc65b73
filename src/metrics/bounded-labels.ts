import type { ProtocolErrorCode } from '../core/index.ts';
import { HUB_ERRORS } from '../wire/index.ts';

/** Values of labels that a peer, or an application, could make as many of as it likes: what is unusual is one value. */

const STATUSES: ReadonlySet<number> = new Set([
  301, 302, 303, 307, 308, 400, 401, 403, 404, 405, 408, 409, 410, 413, 421, 426, 429, 431, 500, 501, 502,
  503, 504, 505,
]);

/** All of them, which the type sees to. */
const PROTOCOL_ERRORS: Readonly<Record<ProtocolErrorCode, true>> = {
  WS_ERR_EXPECTED_FIN: true,
  WS_ERR_EXPECTED_MASK: true,
  WS_ERR_UNEXPECTED_MASK: true,
  WS_ERR_INVALID_CLOSE_CODE: true,
  WS_ERR_INVALID_CONTROL_PAYLOAD_LENGTH: true,
  WS_ERR_INVALID_OPCODE: true,
  WS_ERR_UNEXPECTED_RSV_1: true,
  WS_ERR_UNEXPECTED_RSV_2_3: true,
  WS_ERR_NON_MINIMAL_PAYLOAD_LENGTH: true,
  WS_ERR_INVALID_UTF8: true,
  Z_DATA_ERROR: true,
  WS_ERR_TOO_MANY_BUFFERED_PARTS: true,
  WS_ERR_TOO_MANY_CONTROL_FRAMES: true,
  WS_ERR_UNSUPPORTED_DATA_PAYLOAD_LENGTH: true,
  WS_ERR_UNSUPPORTED_MESSAGE_LENGTH: true,
  WS_ERR_SLOW_PEER: true,
};

const SYSTEM_ERRORS: ReadonlySet<string> = new Set([
  'EACCES',
  'ECONNABORTED',
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOENT',
  'ENOTFOUND',
  'EPIPE',
  'ETIMEDOUT',
]);

/** Returns a close code of the RFC or of IANA's registry, `3xxx`, `4xxx` or `other`. */
export function closeCodeLabel(code: number): string {
  if (code >= 1000 && code <= 1015) return String(code);
  if (code >= 3000 && code <= 4999) return `${Math.floor(code / 1000)}xxx`;
  return 'other';
}

/** Returns a usual status of a refusal, its class for another, and `none` where there was no response. */
export function statusLabel(status: number | undefined): string {
  if (status === undefined) return 'none';
  if (STATUSES.has(status)) return String(status);
  return status >= 100 && status <= 599 ? `${Math.floor(status / 100)}xx` : 'other';
}

/** Returns the code of an error of ours, or a usual one of the system, or `other`. */
export function errorLabel({ code }: Error & { code?: unknown }): string {
  if (typeof code !== 'string') return 'other';
  return SYSTEM_ERRORS.has(code) || Object.hasOwn(PROTOCOL_ERRORS, code) ? code : 'other';
}

/** Returns the code of an error of a hub, or `other` for an application's own. */
export function hubErrorLabel(code: string): string {
  return Object.hasOwn(HUB_ERRORS, code) ? code : 'other';
}
