// Draws the table of results for the README.
import { PEERS, REFERENCES } from './peers.mjs';

const BEGIN = '<!-- drawn by npm run bench -- --draw -->';
const CHART = '![What each scenario costs, as a part of what it costs ws](bench/results.svg)';
const END = '<!-- end of the benchmark -->';

/** Whether a document has a place for the table. */
export function hasPlace(document) {
  return document.indexOf(END) > document.indexOf(BEGIN) && document.includes(BEGIN);
}

/** Puts chart and table in their place in a document's text. */
export function withTable(document, results) {
  if (!hasPlace(document)) throw new Error(`the document has no place for the table: ${BEGIN} ... ${END}`);
  const head = document.slice(0, document.indexOf(BEGIN) + BEGIN.length);
  return `${head}\n\n${CHART}\n\n${drawTable(results)}\n${document.slice(document.indexOf(END))}`;
}

/** A row for each scenario, a column for each peer, and what Hawser's figure is of that of ws. */
export function drawTable({ scenarios, machine, versions, rounds }) {
  const measured = Object.values(scenarios);
  const peers = PEERS.filter(({ id }) => measured.some(({ peers }) => peers[id] !== undefined));
  const references = peers.filter(({ id }) => REFERENCES.includes(id));
  const rows = [
    ['', ...peers.map(({ title }) => title), ...references.map(({ title }) => `Hawser / ${title}`)],
    ...measured.map(({ title, unit, peers: found }) => [
      title,
      ...peers.map(({ id }) => cell(found[id], unit)),
      ...references.map(({ id }) => ratioCell(found.hawser?.ratios[id])),
    ]),
  ];
  const names = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  return `${layOut(rows)}\nµs of CPU for each message, or bytes of memory; the median of ${rounds} ${rounds === 1 ? 'round' : 'rounds'}. Measured on ${
    machine.cpu
  }, ${machine.cores} cores, ${machine.system}; ${names.join(', ')}.\n`;
}

function layOut(rows) {
  const widths = rows[0].map((_, i) => Math.max(3, ...rows.map((row) => row[i].length)));
  // Figures stand right, as Markdown is told by the colon.
  const pad = (text, i) => (i === 0 ? text.padEnd(widths[i]) : text.padStart(widths[i]));
  const line = (row) => `| ${row.map(pad).join(' | ')} |\n`;
  const rule = widths.map((width, i) => (i === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`));
  return [line(rows[0]), `| ${rule.join(' | ')} |\n`, ...rows.slice(1).map(line)].join('');
}

function cell(peer, unit) {
  if (peer === undefined) return '';
  const { median } = peer.cost;
  return unit === 'bytes' ? Math.round(median).toLocaleString('en') : digits(median);
}

function ratioCell(ratio) {
  return ratio === undefined ? '' : `**${digits(ratio.median)}**`;
}

function digits(value) {
  return value >= 100 ? String(Math.round(value)) : String(Number(value.toPrecision(2)));
}
