import { describe, expect, it } from 'vitest';
import { assertOneMode, isGiven, listen } from '../../src/api/listening-mode.ts';
import { RawServer } from '../../src/node/raw-server.ts';

describe('assertOneMode', () => {
  it.each([[{ port: 0 }], [{ server: {} }], [{ noServer: true }], [{ port: 0, server: null }]])(
    'takes %j',
    (options) => {
      expect(() => assertOneMode(options)).not.toThrow();
    },
  );

  it.each([[{}], [{ port: 0, noServer: true }], [{ server: {}, noServer: true }], [{ noServer: false }]])(
    'refuses %j',
    (options) => {
      expect(() => assertOneMode(options)).toThrow(TypeError);
    },
  );
});

describe('isGiven', () => {
  it.each([
    [0, true],
    ['', true],
    [false, true],
    [null, false],
    [undefined, false],
  ])('of %o is %s', (option, given) => {
    expect(isGiven(option)).toBe(given);
  });
});

it('listens where the options say', async () => {
  const rawServer = new RawServer({ handshakeTimeout: 0, tls: undefined }, () => {});
  await new Promise<void>((resolve) => listen(rawServer, { port: 0, host: '127.0.0.1' }, resolve));
  expect(rawServer.server.address()).toMatchObject({ address: '127.0.0.1' });
  await new Promise((resolve) => rawServer.server.close(resolve));
});
