import { expect, it } from 'vitest';
import { asWsError } from '../../src/api/ws-error.ts';
import { ProtocolError } from '../../src/core/index.ts';

it('gives zlib’s own error for bad deflate data', () => {
  const cause = Object.assign(new Error('invalid block type'), { code: 'Z_DATA_ERROR', errno: -3 });
  expect(asWsError(new ProtocolError('Z_DATA_ERROR', cause.message, { cause }))).toBe(cause);
});

it('gives an error that is no RangeError for bad UTF-8', () => {
  const error = asWsError(new ProtocolError('WS_ERR_INVALID_UTF8', 'Invalid WebSocket frame: ...'));
  expect(error).not.toBeInstanceOf(RangeError);
  expect(error).toMatchObject({
    name: 'Error',
    code: 'WS_ERR_INVALID_UTF8',
    message: 'Invalid WebSocket frame: ...',
  });
});

it.each([new ProtocolError('WS_ERR_INVALID_OPCODE', 'a'), new Error('a')])('leaves %o as it is', (error) => {
  expect(asWsError(error)).toBe(error);
});
