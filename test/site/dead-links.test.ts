import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { deadLinks } from '../../site/dead-links.mjs';

it('finds links to pages, places and pictures that are not there, and no others', () => {
  const folder = mkdtempSync(join(tmpdir(), 'hawser-links-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  mkdirSync(join(folder, 'a'));
  const links = [
    'a/b.html',
    'a/b.html#there',
    'a/b.html#not%20there',
    'c.html',
    '#top',
    '#bottom',
    'a',
    './',
    'a/',
  ];
  const others = ['https://example.org/', 'mailto:a@example.org', ''];
  const anchors = [...links, ...others].map((link) => `<a href="${link}">x</a>`).join('');
  writeFileSync(join(folder, 'index.html'), `<h1 id="top"></h1>${anchors}<img src="none.png">`);
  writeFileSync(join(folder, 'a', 'b.html'), '<h1 id="there"></h1><a href="../index.html#top">x</a>');
  expect(deadLinks(folder)).toEqual([
    'index.html: a/b.html#not%20there',
    'index.html: c.html',
    'index.html: #bottom',
    'index.html: a',
    'index.html: a/',
    'index.html: none.png',
  ]);
});
