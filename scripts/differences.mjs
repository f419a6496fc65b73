// npm run differences: writes the table of deliberate differences into docs/migrating-from-ws.md.
// With --check it writes nothing, and fails when the page has another table.
import { readFile, writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { DIFFERENCES } from '../test/compat/differences.ts';

const PAGE = new URL('../docs/migrating-from-ws.md', import.meta.url);
const TABLE = /(<!-- differences: .*? -->\n)[\s\S]*?(<!-- \/differences -->)/;

const { values: options } = parseArgs({ options: { check: { type: 'boolean', default: false } } });
const page = await readFile(PAGE, 'utf8');
if (!TABLE.test(page)) throw new Error('docs/migrating-from-ws.md has no place for the table');
const written = page.replace(TABLE, (_, before, after) => `${before}\n${table()}\n${after}`);
if (!options.check) await writeFile(PAGE, written);
else if (unaligned(written) !== unaligned(page)) {
  console.error(
    'docs/migrating-from-ws.md has another table than test/compat/differences.ts: npm run differences',
  );
  process.exitCode = 1;
}

function table() {
  const rows = DIFFERENCES.map(
    ({ topic, ws, hawser, reason }) => `| ${[topic, ws, hawser, reason].map(cell).join(' | ')} |\n`,
  );
  return `| where | \`ws\` | Hawser | why |\n| --- | --- | --- | --- |\n${rows.join('')}`;
}

/** The formatter pads the columns. */
function unaligned(text) {
  return text.replaceAll(/ +/g, ' ').replaceAll(/-{3,}/g, '---');
}

function cell(text) {
  return text.replaceAll('|', '\\|').replaceAll('<', '&lt;');
}
