import { expect, it } from 'vitest';
import { SUBPROTOCOL } from '../../src/wire/subprotocol.ts';

it('is a token, as a handshake has to have it, with its version', () => {
  expect(SUBPROTOCOL).toMatch(/^[!#$%&'*+\-.^_`|~0-9A-Za-z]+\.v1$/);
});
