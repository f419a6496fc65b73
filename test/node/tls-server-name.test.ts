import { expect, it } from 'vitest';
import { tlsServerName } from '../../src/node/tls-server-name.ts';

it('is what was given, else the host, and never an address', () => {
  expect(tlsServerName('given', 'host')).toBe('given');
  expect(tlsServerName('', 'host')).toBe('');
  expect(tlsServerName(undefined, 'host')).toBe('host');
  expect(tlsServerName(undefined, '127.0.0.1')).toBe('');
  expect(tlsServerName(undefined, '::1')).toBe('');
});
