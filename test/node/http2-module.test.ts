import * as http2 from 'node:http2';
import { expect, it } from 'vitest';
import { http2Module } from '../../src/node/http2-module.ts';

it('is what Node has', () => {
  expect(http2Module().connect).toBe(http2.connect);
});
