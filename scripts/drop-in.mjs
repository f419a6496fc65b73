// npm run drop-in: writes the table of deliberate differences into docs/client.md.
// With --check it writes nothing, and fails when the page has another table.
import { DROP_IN_DIFFERENCES } from '../test/client/drop-in-differences.ts';
import { writeTable } from './generated-table.mjs';

await writeTable({
  page: 'docs/client.md',
  name: 'drop-in',
  source: 'test/client/drop-in-differences.ts',
  headings: ['where', 'reconnecting-websocket 4.4, partysocket 1.3', 'Hawser', 'why'],
  rows: DROP_IN_DIFFERENCES.map(({ topic, others, hawser, reason }) => [topic, others, hawser, reason]),
});
