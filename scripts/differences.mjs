// npm run differences: writes the table of deliberate differences into docs/migrating-from-ws.md.
// With --check it writes nothing, and fails when the page has another table.
import { DIFFERENCES } from '../test/compat/differences.ts';
import { writeTable } from './generated-table.mjs';

await writeTable({
  page: 'docs/migrating-from-ws.md',
  name: 'differences',
  source: 'test/compat/differences.ts',
  headings: ['where', '`ws`', 'Hawser', 'why'],
  rows: DIFFERENCES.map(({ topic, ws, hawser, reason }) => [topic, ws, hawser, reason]),
});
