// Documents with sections that are drawn, and the tables in them.

/** Whether a document has a place for a section. */
export function hasSection(document, name) {
  const { begin, end } = marksOf(name);
  return document.includes(begin) && document.indexOf(end) > document.indexOf(begin);
}

/** Puts a section in its place in a document's text. */
export function withSection(document, name, content) {
  const { begin, end } = marksOf(name);
  if (!hasSection(document, name)) throw new Error(`the document has no place for it: ${begin} ... ${end}`);
  const head = document.slice(0, document.indexOf(begin) + begin.length);
  return `${head}\n\n${content.trimEnd()}\n\n${document.slice(document.indexOf(end))}`;
}

/** A Markdown table; all but the first column stand right. */
export function layOut(rows) {
  const widths = rows[0].map((_, i) => Math.max(3, ...rows.map((row) => row[i].length)));
  // Figures stand right, as Markdown is told by the colon.
  const pad = (text, i) => (i === 0 ? text.padEnd(widths[i]) : text.padStart(widths[i]));
  const line = (row) => `| ${row.map(pad).join(' | ')} |\n`;
  const rule = widths.map((width, i) => (i === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`));
  return [line(rows[0]), `| ${rule.join(' | ')} |\n`, ...rows.slice(1).map(line)].join('');
}

/** As many digits as mean something. */
export function digits(value) {
  return value >= 100 ? Math.round(value).toLocaleString('en') : String(Number(value.toPrecision(2)));
}

/** What figures were measured on, as a sentence. */
export function describeSource({ machine, versions, rounds }) {
  const names = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  return `The median of ${rounds} ${rounds === 1 ? 'round' : 'rounds'}. Measured on ${machine.cpu}, ${
    machine.cores
  } cores, ${machine.system}; ${names.join(', ')}.`;
}

function marksOf(name) {
  return { begin: `<!-- drawn by npm run bench -- --draw: ${name} -->`, end: `<!-- end of ${name} -->` };
}
