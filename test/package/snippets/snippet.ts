import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../run.ts';

/** A program that a page shows. */
export interface Snippet {
  /** The page and the heading it is under, such as `README.md § Ten lines`; the second one there has ` (2)` behind. */
  readonly name: string;
  readonly language: 'js' | 'jsx' | 'ts';
  readonly text: string;
}

const FENCE = /^```(js|jsx|ts)\n([\s\S]*?)^```$/gm;
const FENCED = /^```[\s\S]*?^```$/gm;
const HEADING = /^#+ (.*)$/gm;

/** Reads the programs of all pages that users read, in their order. */
export function readSnippets(): Snippet[] {
  return pages().flatMap((page) => snippetsOf(page, readFileSync(join(root, page), 'utf8')));
}

function pages(): string[] {
  const docs = readdirSync(join(root, 'docs')).filter((name) => name.endsWith('.md'));
  const examples = readdirSync(join(root, 'examples'), { withFileTypes: true });
  return [
    'README.md',
    'SECURITY.md',
    ...docs.map((name) => `docs/${name}`),
    ...examples.filter((entry) => entry.isDirectory()).map(({ name }) => `examples/${name}/README.md`),
  ];
}

function snippetsOf(page: string, text: string): Snippet[] {
  // A comment in a program begins as a heading does.
  const prose = text.replace(FENCED, (fenced) => ' '.repeat(fenced.length));
  const headings = [...prose.matchAll(HEADING)];
  const counts = new Map<string, number>();
  return [...text.matchAll(FENCE)].map(({ 1: language, 2: program, index }) => {
    const heading = headings.findLast((found) => found.index < index)?.[1] ?? '';
    const place = `${page} § ${heading}`;
    const count = (counts.get(place) ?? 0) + 1;
    counts.set(place, count);
    const name = count === 1 ? place : `${place} (${count})`;
    return { name, language: language as Snippet['language'], text: program! };
  });
}
