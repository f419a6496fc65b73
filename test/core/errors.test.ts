import { expect, it } from 'vitest';
import { invalidFrame, messageTooBig, ProtocolError, type ProtocolErrorCode } from '../../src/core/errors.ts';

const closeCodes: Record<ProtocolErrorCode, number> = {
  WS_ERR_EXPECTED_FIN: 1002,
  WS_ERR_EXPECTED_MASK: 1002,
  WS_ERR_UNEXPECTED_MASK: 1002,
  WS_ERR_INVALID_CLOSE_CODE: 1002,
  WS_ERR_INVALID_CONTROL_PAYLOAD_LENGTH: 1002,
  WS_ERR_INVALID_OPCODE: 1002,
  WS_ERR_UNEXPECTED_RSV_1: 1002,
  WS_ERR_UNEXPECTED_RSV_2_3: 1002,
  WS_ERR_NON_MINIMAL_PAYLOAD_LENGTH: 1002,
  WS_ERR_INVALID_UTF8: 1007,
  Z_DATA_ERROR: 1007,
  WS_ERR_TOO_MANY_BUFFERED_PARTS: 1008,
  WS_ERR_TOO_MANY_CONTROL_FRAMES: 1008,
  WS_ERR_UNSUPPORTED_DATA_PAYLOAD_LENGTH: 1009,
  WS_ERR_UNSUPPORTED_MESSAGE_LENGTH: 1009,
  WS_ERR_SLOW_PEER: 1013,
};

it.each(Object.entries(closeCodes))('%s closes with %i', (code, closeCode) => {
  const error = new ProtocolError(code as ProtocolErrorCode, 'words');
  expect(error).toBeInstanceOf(RangeError);
  expect(error).toMatchObject({ code, closeCode, message: 'words' });
});

it('keeps the cause', () => {
  const cause = new Error('zlib');
  expect(new ProtocolError('Z_DATA_ERROR', 'words', { cause }).cause).toBe(cause);
});

it('says it in the words of ws', () => {
  expect(invalidFrame('WS_ERR_EXPECTED_FIN', 'FIN must be set').message).toBe(
    'Invalid WebSocket frame: FIN must be set',
  );
  expect(messageTooBig().message).toBe('Max payload size exceeded');
});
