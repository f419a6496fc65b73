import { describe, expect, it } from 'vitest';
import { HttpHeadError } from '../../src/handshake/http-head-error.ts';

describe('HttpHeadError', () => {
  it.each([
    ['HPE_INVALID_CONSTANT', 400, 'Parse Error: Expected HTTP/'],
    ['HPE_INVALID_METHOD', 400, 'Parse Error: Invalid method encountered'],
    ['HPE_INVALID_URL', 400, 'Parse Error: Invalid characters in url'],
    ['HPE_INVALID_VERSION', 505, 'Parse Error: Invalid HTTP version'],
    ['HPE_INVALID_STATUS', 400, 'Parse Error: Invalid status code'],
    ['HPE_INVALID_HEADER_TOKEN', 400, 'Parse Error: Invalid header token'],
    ['HPE_CR_EXPECTED', 400, 'Parse Error: Missing expected CR before LF'],
    ['HPE_LF_EXPECTED', 400, 'Parse Error: Missing expected LF after CR'],
    ['HPE_HEADER_OVERFLOW', 431, 'Parse Error: Header overflow'],
  ] as const)('%s is answered %i', (code, statusCode, message) => {
    const error = new HttpHeadError(code);
    expect(error).toBeInstanceOf(Error);
    expect(error).toMatchObject({ code, statusCode, message });
  });
});
