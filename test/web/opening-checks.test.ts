import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { checkMixedContent, checkSubprotocols } from '../../src/web/opening-checks.ts';

describe('checkSubprotocols', () => {
  it.each([[[]], [['chat']], [['a', 'b']]])('takes %o', (list) => {
    expect(() => checkSubprotocols(list)).not.toThrow();
  });

  it.each([[['']], [['a b']], [['a', 'a']], [['a', 'A']], [['ä']]])('refuses %o', (list) => {
    expect(() => checkSubprotocols(list)).toThrow(expect.objectContaining({ name: 'SyntaxError' }));
  });
});

describe('checkMixedContent', () => {
  const check = (page: string | undefined, url: string) => {
    vi.stubGlobal('location', page && new URL(page));
    onTestFinished(() => void vi.unstubAllGlobals());
    checkMixedContent(new URL(url));
  };

  it.each([
    [undefined, 'ws://example.com/'],
    ['http://example.com/', 'ws://example.com/'],
    ['https://example.com/', 'wss://example.com/'],
    ['https://example.com/', 'ws://localhost/'],
  ])('lets %s connect to %s', (page, url) => {
    expect(() => check(page, url)).not.toThrow();
  });

  it('refuses ws: to a page that came over https:', () => {
    const refused = expect.objectContaining({ name: 'SecurityError' });
    expect(() => check('https://example.com/', 'ws://example.com/')).toThrow(refused);
  });
});
