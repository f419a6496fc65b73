import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { isValidCloseCode } from '../../src/core/index.ts';
import { HubCloseCode, retryAfter } from '../../src/wire/hub-close-code.ts';

const CLOSES = Object.entries(HubCloseCode);

describe('HubCloseCode', () => {
  it.each(CLOSES)('%s may be sent', (_name, { code }) => {
    expect(isValidCloseCode(code)).toBe(true);
  });

  it('has each code once', () => {
    expect(new Set(CLOSES.map(([, { code }]) => code)).size).toBe(CLOSES.length);
  });
});

it('is the table of docs/hub-protocol.md', () => {
  const page = readFileSync(new URL('../../docs/hub-protocol.md', import.meta.url), 'utf8');
  const rows = page.matchAll(/^\| (\d{4}) \| [^|]+ \| (now|later|never)\b/gm);
  const documented = Array.from(rows, ([, code, retry]) => [Number(code), retry]);
  expect(documented).toEqual(CLOSES.map(([, { code, retry }]) => [code, retry]));
});

describe('retryAfter', () => {
  it.each(CLOSES)('knows what to do after %s', (_name, { code, retry }) => {
    expect(retryAfter(code)).toBe(retry);
  });

  it.each([1005, 1006, 3000, 4999])('comes back after %i', (code) => {
    expect(retryAfter(code)).toBe('now');
  });
});
