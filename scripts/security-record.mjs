// npm run security:record: writes the record of what went wrong elsewhere, and the tests of it, into SECURITY.md.
// With --check it writes nothing, and fails when the page has another table.
import { readFileSync } from 'node:fs';
import { RECORD } from '../test/security/record.ts';
import { writeTable } from './generated-table.mjs';

const bites = JSON.parse(readFileSync(new URL('../test/security/bite.json', import.meta.url), 'utf8'));

await writeTable({
  page: 'SECURITY.md',
  name: 'security:record',
  source: 'test/security/record.ts',
  headings: ['', 'published as', 'what went wrong', 'tests', 'they fail'],
  rows: RECORD.map((entry) => [
    String(entry.row),
    entry.advisories,
    entry.bugClass,
    testsOf(entry),
    Object.keys(bites[entry.row]?.changes ?? {}).join('; '),
  ]),
});

function testsOf({ file, tests, hub, missing }) {
  const here = `${tests.length} in \`${file}\``;
  const where = hub === undefined ? here : `${here}, ${hub.length} in \`hub\``;
  return missing === undefined ? where : `${where}; ${missing}`;
}
