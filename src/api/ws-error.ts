import { ProtocolError } from '../core/index.ts';

/**
 * Returns the error that a user of `ws` gets where the core has `error`: for bad deflate data zlib's own, and for bad
 * UTF-8 one that is no RangeError. All others are the same.
 */
export function asWsError(error: Error): Error {
  if (!(error instanceof ProtocolError)) return error;
  if (error.code === 'Z_DATA_ERROR') return error.cause as Error;
  if (error.code !== 'WS_ERR_INVALID_UTF8') return error;
  return Object.assign(new Error(error.message), { code: error.code });
}
