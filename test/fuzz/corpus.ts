import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** An input that once failed. */
export interface CorpusEntry {
  readonly target: string;
  /** What was wrong. */
  readonly failure: string;
  /** How the input was found. */
  readonly foundBy: string;
  readonly input: unknown;
}

const folder = fileURLToPath(new URL('corpus/', import.meta.url));

/** Reads all entries, each with the name of its file. */
export function readCorpus(): Array<CorpusEntry & { readonly file: string }> {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.json'))
    .map((file) => ({ file, ...(JSON.parse(readFileSync(folder + file, 'utf8')) as CorpusEntry) }));
}

/** Adds an entry; returns the name of its file. */
export function addToCorpus(entry: CorpusEntry): string {
  const text = `${JSON.stringify(entry, null, 2)}\n`;
  const id = createHash('sha1').update(JSON.stringify(entry.input)).digest('hex').slice(0, 10);
  mkdirSync(folder, { recursive: true });
  const file = `${entry.target}-${id}.json`;
  writeFileSync(folder + file, text);
  return file;
}
