// Draws how costs grow with the number of connections: lines, and tables.
import { describeSource, digits, layOut } from './document.mjs';
import { COLOURS, drawing, label, legend, linear, logarithmic, roundUp, rule, tenth } from './svg.mjs';

const WIDTH = 860;
const HEIGHT = 380;
const TOP = 100;
const BOTTOM = 330;
const PLOT_WIDTH = 320;
/** Figures of the last points must not lie over one another. */
const LINE_HEIGHT = 15;
const MIB = 2 ** 20;

const PANELS = [
  { title: 'µs of server CPU for each message of 20 B, echoed', left: 50, values: ({ cpu }) => cpu, unit: 1 },
  { title: 'MiB of resident memory of the server', left: 470, values: ({ resident }) => resident, unit: MIB },
];

/** The chart as SVG: a line for each peer. */
export function drawGrowthChart({ counts, peers }) {
  const shown = Object.entries(peers).map(([id, { title }]) => ({ title, colour: COLOURS[id], radius: 5 }));
  return drawing('What becomes of costs when connections get many', WIDTH, HEIGHT, [
    label('From few connections to many: less is better', 12, 22, 'title'),
    ...legend(shown, 16, 46),
    ...PANELS.flatMap((panel) => drawPanel(panel, counts, peers)),
  ]);
}

function drawPanel({ title, left, values, unit }, counts, peers) {
  const lines = Object.entries(peers).map(([id, peer]) => ({
    id,
    values: values(peer).map(({ median }) => median / unit),
  }));
  const high = roundUp(Math.max(...lines.flatMap(({ values }) => values)));
  const x = logarithmic(counts[0], counts.at(-1), left, left + PLOT_WIDTH);
  const y = linear(high, BOTTOM, TOP);
  return [
    label(title, left, TOP - 20, 'quiet'),
    ...[0, 1, 2, 3, 4].flatMap((step) => drawGridLine((high / 4) * step, left, y)),
    ...counts.map((count) => label(count.toLocaleString('en'), x(count), BOTTOM + 18, 'quiet', 'middle')),
    label('connections', left + PLOT_WIDTH / 2, BOTTOM + 38, 'quiet', 'middle'),
    ...lines.map((line) => drawLine(line, counts, x, y)),
    ...drawLastFigures(lines, left + PLOT_WIDTH + 9, y),
  ];
}

function drawGridLine(value, left, y) {
  return [
    rule(value === 0 ? 'reference' : 'grid', left, y(value), left + PLOT_WIDTH, y(value)),
    label(Number(value.toPrecision(3)), left - 8, y(value) + 4, 'quiet', 'end'),
  ];
}

function drawLine({ id, values }, counts, x, y) {
  const points = values.map((value, i) => [x(counts[i]), y(value), value]);
  const line = `<polyline points="${points.map(([px, py]) => `${px},${py}`).join(' ')}" fill="none" stroke="${COLOURS[id]}" stroke-width="2"/>`;
  const dots = points.map(
    ([px, py, value]) =>
      `<circle cx="${px}" cy="${py}" r="4" fill="${COLOURS[id]}"><title>${id}: ${digits(value)}</title></circle>`,
  );
  return [line, ...dots].join('');
}

function drawLastFigures(lines, left, y) {
  const figures = lines
    .map(({ values }) => ({ value: values.at(-1), at: y(values.at(-1)) }))
    .sort((a, b) => a.at - b.at);
  return spaceOut(
    figures.map(({ at }) => at),
    LINE_HEIGHT,
  ).map((at, i) => label(digits(figures[i].value), left, tenth(at + 4), 'quiet'));
}

/** Moves places, from the least to the greatest, apart by `distance` or more; the last one stays. */
export function spaceOut(places, distance) {
  const moved = [...places];
  for (let i = moved.length - 2; i >= 0; i--) moved[i] = Math.min(moved[i], moved[i + 1] - distance);
  return moved;
}

/** For CPU and for memory, a row for each peer and a column for each number of connections. */
export function drawGrowthTable(results) {
  const { counts, peers } = results;
  const [few, many] = counts.slice(-2).map((count) => count.toLocaleString('en'));
  const columns = counts.map((count) => count.toLocaleString('en'));
  const each = Object.values(peers);
  const cpu = [
    ['µs of server CPU for each message, connections:', ...columns],
    ...each.map(({ title, cpu }) => [title, ...cpu.map(({ median }) => digits(median))]),
  ];
  const memory = [
    ['MiB of resident memory, connections:', ...columns, 'bytes for each'],
    ...each.map(({ title, resident, perConnection }) => [
      title,
      ...resident.map(({ median }) => digits(median / MIB)),
      Math.round(perConnection.median).toLocaleString('en'),
    ]),
  ];
  return `${layOut(cpu)}\n${layOut(memory)}\nBytes for each: what lies between ${few} and ${many} connections. ${describeSource(results)}\n`;
}

/** For each load, a row for each peer. */
export function drawDelayTable(results) {
  const rows = Object.values(results.delays).flatMap(({ title, peers }) =>
    Object.entries(peers).map(([id, { p50, p99, max }]) => [
      `${title}: ${results.peers[id].title}`,
      ...[p50, p99, max].map(({ median }) => digits(median)),
    ]),
  );
  return `${layOut([['ms that the event loop is late', 'median', '99th percentile', 'greatest'], ...rows])}\n${describeSource(results)}\n`;
}
