import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { clientOptions, readFile } from '../../src/cli/client-options.ts';
import { UsageError } from '../../src/cli/usage-error.ts';

const OFF = { insecure: false, 'no-deflate': false };

it('says nothing of what was not asked for', () => {
  expect(clientOptions(OFF)).toEqual({ headers: {}, perMessageDeflate: true });
});

it('makes options of what was typed', () => {
  const file = 'package.json';
  const typed = {
    ...OFF,
    header: ['A: b: c', 'D:'],
    auth: 'a:b',
    origin: 'http://x',
    insecure: true,
    'no-deflate': true,
  };
  expect(clientOptions({ ...typed, ca: file, cert: file, key: file })).toEqual({
    headers: { A: 'b: c', D: '' },
    auth: 'a:b',
    origin: 'http://x',
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
