import { expect, it } from 'vitest';
import { hangUp } from '../../src/node/hang-up.ts';

it('makes the error of node:http for a peer that ends too early', () => {
  expect(hangUp()).toMatchObject({ message: 'socket hang up', code: 'ECONNRESET' });
});
