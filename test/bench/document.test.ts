import { describe, expect, it } from 'vitest';
import { digits, hasSection, layOut, withSection } from '../../bench/document.mjs';

const DOCUMENT = [
  'before',
  '<!-- drawn by npm run bench -- --draw: one -->old<!-- end of one -->',
  'between',
  '<!-- drawn by npm run bench -- --draw: two -->older<!-- end of two -->',
  'after',
  '',
].join('\n');

describe('withSection', () => {
  it('replaces what is between the marks, and nothing else', () => {
    const once = withSection(DOCUMENT, 'one', '| new |\n');
    expect(once).toBe(DOCUMENT.replace('-->old<!--', '-->\n\n| new |\n\n<!--'));
    expect(withSection(once, 'one', '| new |')).toBe(once);
  });

  it('wants a place for it', () => {
    expect(hasSection(DOCUMENT, 'two')).toBe(true);
    expect(hasSection(DOCUMENT, 'three')).toBe(false);
    expect(() => withSection('# Nothing', 'one', 'new')).toThrow('no place for it');
  });
});

describe('layOut', () => {
  it('lets figures stand right', () => {
    expect(
      layOut([
        ['', 'ws'],
        ['bytes', '7,400'],
      ]),
    ).toBe(['|       |    ws |', '| ----- | ----: |', '| bytes | 7,400 |', ''].join('\n'));
  });
});

describe('digits', () => {
  it('has two that mean something, or all before the point', () => {
    expect([0.04712, 3.66, 58.4, 386.2, 11_300].map(digits)).toEqual(['0.047', '3.7', '58', '386', '11,300']);
  });
});
