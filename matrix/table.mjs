// Draws the table of docs/runtimes.md.
const BEGIN = '<!-- drawn by npm run matrix -- --table -->';
const END = '<!-- end of the table -->';

/** Replaces the table in a document's text. */
export function withTable(document, results) {
  const begin = document.indexOf(BEGIN);
  const end = document.indexOf(END);
  if (begin === -1 || end < begin)
    throw new Error(`the document has no place for the table: ${BEGIN} ... ${END}`);
  return `${document.slice(0, begin + BEGIN.length)}\n\n${drawTable(results)}\n${document.slice(end)}`;
}

/** A row for each feature, a column for each runtime: how many of its cases pass. */
export function drawTable({ runtimes }) {
  const columns = Object.values(runtimes);
  const features = [...new Set(columns.flatMap(({ features }) => Object.keys(features)))];
  const rows = [
    ['', ...columns.map(({ title, version }) => nameOf(title, version))],
    ...features.map((feature) => [feature, ...columns.map(({ features }) => cell(features[feature]))]),
    ['all', ...columns.map(({ features }) => cell(Object.assign({}, ...prefixed(features))))],
  ];
  const widths = rows[0].map((_, i) => Math.max(...rows.map((row) => row[i].length)));
  const line = (row) => `| ${row.map((text, i) => text.padEnd(widths[i])).join(' | ')} |\n`;
  const rule = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |\n`;
  return line(rows[0]) + rule + rows.slice(1).map(line).join('');
}

function cell(cases) {
  if (cases === undefined) return '';
  const verdicts = Object.values(cases);
  const passed = verdicts.filter((verdict) => verdict === 'passed').length;
  return passed === verdicts.length ? `all ${passed}` : `${passed} of ${verdicts.length}`;
}

/** Cases of two features may have the same name. */
function prefixed(features) {
  return Object.entries(features).map(([feature, cases]) =>
    Object.fromEntries(Object.entries(cases).map(([name, verdict]) => [`${feature}: ${name}`, verdict])),
  );
}

/** "Node 24" of 24.21.0 is "Node 24.21.0". */
function nameOf(title, version) {
  return `${title.split(' ')[0]} ${version}`;
}
