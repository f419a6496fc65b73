import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { clientOptions, openConnection, readFile } from '../../src/cli/client-options.ts';
import { UsageError } from '../../src/cli/usage-error.ts';

const OFF = { insecure: false, http2: false, 'no-deflate': false };

it('says nothing of what was not asked for', () => {
  expect(clientOptions(OFF)).toEqual({ headers: {}, perMessageDeflate: true, proxy: 'env' });
});

it('makes options of what was typed', () => {
  const file = 'package.json';
  const typed = {
    ...OFF,
    header: ['A: b: c', 'D:'],
    auth: 'a:b',
    origin: 'http://x',
    servername: 'a.test',
    proxy: 'socks5h://b',
    timeout: '1.5',
    insecure: true,
    'no-deflate': true,
  };
  expect(clientOptions({ ...typed, ca: file, cert: file, key: file })).toEqual({
    headers: { A: 'b: c', D: '' },
    auth: 'a:b',
    origin: 'http://x',
    servername: 'a.test',
    proxy: 'socks5h://b',
    handshakeTimeout: 1500,
    rejectUnauthorized: false,
    perMessageDeflate: false,
    ca: readFileSync(file),
    cert: readFileSync(file),
    key: readFileSync(file),
  });
});

it.each(['nothing', ': x', 'a b: c'])('refuses the header %o', (header) => {
  expect(() => clientOptions({ ...OFF, header: [header] })).toThrow(UsageError);
});

it('says which file it cannot read', () => {
  expect(() => readFile('ca', '/nowhere')).toThrow(/^--ca: ENOENT/);
});

it('takes no proxy where there is to be none', () => {
  expect(clientOptions({ ...OFF, proxy: 'none' }).proxy).toBe(false);
});

it('goes without the proxies of the environment over HTTP/2, and not with one that is named', () => {
  expect(clientOptions({ ...OFF, http2: true })).toMatchObject({ http2: true, proxy: false });
  const both = clientOptions({ ...OFF, http2: true, proxy: 'a:1' });
  expect(() => openConnection('ws://a', [], both)).toThrow(UsageError);
});

it("says what is wrong with a connection that there can't be", () => {
  expect(() => openConnection('ftp://a', [], {})).toThrow(UsageError);
  expect(() => openConnection('ws://a', ['a', 'a'], {})).toThrow(UsageError);
});
