import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isValidCloseCode } from '../../src/core/close-code.ts';
import { parseClosePayload, serializeClosePayload } from '../../src/core/close-payload.ts';
import { ProtocolError } from '../../src/core/errors.ts';
import { bytes } from './recorder.ts';

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
const validCodes = fc.integer({ min: 1000, max: 4999 }).filter(isValidCloseCode);

describe('close payloads', () => {
  it('parse to what was serialized', () => {
    fc.assert(
      fc.property(validCodes, fc.string({ unit: 'binary', maxLength: 30 }), (code, reason) => {
        const parsed = parseClosePayload(serializeClosePayload(code, encode(reason)), true);
        expect(parsed).toEqual({ code, reason: encode(reason) });
      }),
    );
  });

  it('have no code when they are empty (RFC 6455 §7.1.5)', () => {
    expect(serializeClosePayload(undefined, encode('unsent'))).toHaveLength(0);
    expect(parseClosePayload(new Uint8Array(0), true).code).toBe(1005);
  });

  it.each([
    ['one byte', '03', 'WS_ERR_INVALID_CONTROL_PAYLOAD_LENGTH', 1002, 'invalid payload length 1'],
    ['code 999', '03e7', 'WS_ERR_INVALID_CLOSE_CODE', 1002, 'invalid status code 999'],
    ['code 1005', '03ed', 'WS_ERR_INVALID_CLOSE_CODE', 1002, 'invalid status code 1005'],
    ['a reason that is not UTF-8', '03e8 ff', 'WS_ERR_INVALID_UTF8', 1007, 'invalid UTF-8 sequence'],
  ])('are refused with %s', (_, text, code, closeCode, detail) => {
    const parse = (): unknown => parseClosePayload(bytes(text), true);
    expect(parse).toThrow(ProtocolError);
    expect(parse).toThrow(
      expect.objectContaining({ code, closeCode, message: `Invalid WebSocket frame: ${detail}` }),
    );
  });

  it('pass a bad reason through when UTF-8 is not checked', () => {
    expect(parseClosePayload(bytes('03e8 ff'), false)).toEqual({ code: 1000, reason: bytes('ff') });
  });

  it('are not made of a code that may not be sent, or of too long a reason', () => {
    expect(() => serializeClosePayload(1006, encode(''))).toThrow(
      new TypeError('First argument must be a valid error code number'),
    );
    expect(serializeClosePayload(1000, new Uint8Array(123))).toHaveLength(125);
    expect(() => serializeClosePayload(1000, new Uint8Array(124))).toThrow(
      new RangeError('The message must not be greater than 123 bytes'),
    );
  });
});
