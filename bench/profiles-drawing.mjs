// Draws what the CPU time of messages goes to: a table.
import { describeSource, digits, layOut } from './document.mjs';
import { PARTS } from './profile.mjs';

const HEADS = {
  writes: 'writes',
  zlib: 'zlib',
  native: 'other native code',
  collection: 'garbage collection',
  node: "Node's JavaScript",
  library: 'the library',
  program: 'the server itself',
};

/** A row for each peer of each scenario, in µs; what is less than a thousandth of the whole is left out. */
export function drawProfilesTable(results) {
  const head = ['µs of CPU for each message', 'in all', ...PARTS.map((part) => HEADS[part])];
  const rows = results.profiles.map(({ title, peer, cost, parts }) => [
    `${title}: ${peer}`,
    digits(cost),
    ...PARTS.map((part) => (parts[part] < cost / 1000 ? '' : digits(parts[part]))),
  ]);
  return `${layOut([head, ...rows])}\n${describeSource(results)}\n`;
}
