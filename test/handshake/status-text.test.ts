import { STATUS_CODES } from 'node:http';
import { describe, expect, it } from 'vitest';
import { STATUS_TEXT, statusText } from '../../src/handshake/status-text.ts';

describe('statusText', () => {
  it.each(Object.entries(STATUS_TEXT))('says of %s what node:http says', (statusCode, text) => {
    expect(text).toBe(STATUS_CODES[statusCode]);
  });

  it('knows every final status that node:http knows', () => {
    const final = Object.keys(STATUS_CODES).filter((code) => Number(code) >= 200);
    expect(final.map(Number).filter((code) => statusText(code) === 'Unknown')).toEqual([]);
  });

  it('has a word for others', () => {
    expect(statusText(799)).toBe('Unknown');
  });
});
