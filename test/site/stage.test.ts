import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { stage } from '../../site/stage.mjs';

function folderOf(files: Record<string, string>): string {
  const folder = mkdtempSync(join(tmpdir(), 'hawser-stage-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return folder;
}

it('copies pages and what they show, and makes text of links to folders', () => {
  const page = '# A `b`\n[c](docs/c.md#x) ![d](img/d.svg) [`e`](img) [f](https://f.example) [g](#a)\n';
  const root = folderOf({ 'README.md': page, 'docs/c.md': '[up](../README.md)', 'img/d.svg': '<svg/>' });
  const target = folderOf({});
  stage(root, ['README.md', 'docs/c.md'], target);
  expect(readFileSync(join(target, 'README.md'), 'utf8')).toBe(
    '# A b\n[c](docs/c.md#x) ![d](img/d.svg) `e` [f](https://f.example) [g](#a)\n',
  );
  expect(existsSync(join(target, 'img', 'd.svg'))).toBe(true);
});

it.each([
  ['[a](b.md)', 'README.md: there is no b.md'],
  ['[a](../b.md)', 'README.md: ../b.md is outside'],
])('refuses %s', (text, message) => {
  const root = folderOf({ 'README.md': text });
  expect(() => stage(root, ['README.md'], folderOf({}))).toThrow(message);
});
