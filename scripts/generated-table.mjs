import { readFile, writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';

/**
 * Writes a table into a page of this repository, between `<!-- name: ... -->` and `<!-- /name -->`. With --check it
 * writes nothing, and fails when the page has another table.
 */
export async function writeTable({ page, name, source, headings, rows }) {
  const { values: options } = parseArgs({ options: { check: { type: 'boolean', default: false } } });
  const file = new URL(`../${page}`, import.meta.url);
  const place = new RegExp(`(<!-- ${name}: .*? -->\\n)[\\s\\S]*?(<!-- /${name} -->)`);
  const text = await readFile(file, 'utf8');
  if (!place.test(text)) throw new Error(`${page} has no place for the table`);
  const table = [headings, headings.map(() => '---'), ...rows.map((cells) => cells.map(escaped))]
    .map((cells) => `| ${cells.join(' | ')} |\n`)
    .join('');
  const written = text.replace(place, (_, before, after) => `${before}\n${table}\n${after}`);
  if (!options.check) await writeFile(file, written);
  else if (unaligned(written) !== unaligned(text)) {
    console.error(`${page} has another table than ${source}: npm run ${name}`);
    process.exitCode = 1;
  }
}

/** The formatter pads the columns. */
function unaligned(text) {
  return text.replaceAll(/ +/g, ' ').replaceAll(/-{3,}/g, '---');
}

function escaped(text) {
  // Within code a character stands for itself.
  return text
    .replaceAll('|', '\\|')
    .replaceAll(/(`+).*?[^`]\1(?!`)|</g, (part) => (part === '<' ? '&lt;' : part));
}
