// Draws what the transports cost: bars, and a table.
import { describeSource, digits, layOut } from './document.mjs';
import { drawing, label, linear, roundUp, rule } from './svg.mjs';

const WIDTH = 860;
const TOP = 84;
const ROW_HEIGHT = 40;
const BOTTOM = 12;
const LABEL_WIDTH = 190;
const PANEL_WIDTH = (WIDTH - LABEL_WIDTH) / 3;
/** Behind the longest bar, for its figure. */
const FIGURE_WIDTH = 76;
const BAR_HEIGHT = 16;

/** In each panel, the bars of a row, one behind the other or one over the other. */
const PANELS = [
  {
    title: 'bytes on the wire',
    legend: [
      ['down', '#2f81f7'],
      ['up', '#c2568b'],
    ],
    parts: ({ bytesDown, bytesUp }) => [bytesDown.median, bytesUp.median],
    stacked: true,
  },
  {
    title: 'µs of server CPU',
    legend: [['while all keep pace', '#1a7f64']],
    parts: ({ cpu }) => [cpu.median],
    stacked: true,
  },
  {
    title: 'ms until a client has it',
    legend: [
      ['median', '#b08800'],
      ['99th percentile', '#8b949e'],
    ],
    parts: ({ p50, p99 }) => [p50.median, p99.median],
    stacked: false,
  },
];

/** The chart as SVG: a row for each transport. */
export function drawTransportsChart({ transports, clients, bytes }) {
  const rows = Object.values(transports);
  const height = TOP + rows.length * ROW_HEIGHT + BOTTOM;
  return drawing('What an update costs by each transport', WIDTH, height, [
    label(`An update of ${bytes} B to each of ${clients} clients: less is better`, 12, 22, 'title'),
    ...rows.flatMap(({ title }, i) => drawTitle(title, middleOf(i))),
    ...PANELS.flatMap((panel, i) => drawPanel(panel, LABEL_WIDTH + i * PANEL_WIDTH, rows, height)),
  ]);
}

function middleOf(row) {
  return TOP + (row + 0.5) * ROW_HEIGHT;
}

/** What is behind a comma has a line of its own. */
function drawTitle(title, y) {
  const [name, more] = title.split(', ');
  if (more === undefined) return [label(name, 12, y + 4)];
  return [label(name, 12, y - 3), label(shorten(more), 12, y + 12, 'quiet')];
}

function shorten(text) {
  return text.replace(' for each connection', '');
}

function drawPanel({ title, legend, parts, stacked }, left, rows, height) {
  const values = rows.map(parts);
  const total = (figures) =>
    stacked ? figures.reduce((sum, figure) => sum + figure, 0) : Math.max(...figures);
  const place = linear(roundUp(Math.max(...values.map(total))), left, left + PANEL_WIDTH - FIGURE_WIDTH);
  const colours = legend.map(([, colour]) => colour);
  return [
    label(title, left, 46, 'quiet'),
    ...drawLegend(legend, left),
    rule('reference', left, TOP, left, height - BOTTOM),
    ...values.flatMap((figures, i) =>
      (stacked ? drawStack : drawPair)(figures, colours, middleOf(i), left, place),
    ),
  ];
}

function drawLegend(legend, left) {
  let at = left;
  return legend.flatMap(([name, colour]) => {
    const entry = [
      `<rect x="${at}" y="58" width="10" height="10" fill="${colour}"/>`,
      label(name, at + 15, 67, 'quiet'),
    ];
    at += 32 + name.length * 7;
    return entry;
  });
}

function drawStack(figures, colours, y, left, place) {
  let sum = 0;
  const bars = figures.map((figure, i) => {
    const from = place(sum);
    sum += figure;
    return bar(from, y - BAR_HEIGHT / 2, place(sum) - from, BAR_HEIGHT, colours[i], figure);
  });
  return [...bars, label(digits(sum), Math.max(place(sum), left) + 5, y + 4, 'quiet')];
}

function drawPair(figures, colours, y, left, place) {
  return figures.flatMap((figure, i) => {
    const top = y - BAR_HEIGHT + i * BAR_HEIGHT;
    return [
      bar(left, top + 2, place(figure) - left, BAR_HEIGHT - 4, colours[i], figure),
      label(digits(figure), place(figure) + 5, top + 12, 'quiet'),
    ];
  });
}

function bar(x, y, width, height, colour, figure) {
  return `<rect x="${x}" y="${y}" width="${Math.max(0, Math.round(width * 10) / 10)}" height="${height}" fill="${colour}"><title>${digits(figure)}</title></rect>`;
}

/** A row for each transport. */
export function drawTransportsTable(results) {
  const rows = Object.values(results.transports).map(({ title, bytesDown, bytesUp, cpu, p50, p99 }) => [
    title,
    ...[bytesDown, bytesUp, cpu, p50, p99].map(({ median }) => digits(median)),
  ]);
  const head = [
    '',
    'B to the client',
    'B to the server',
    'µs of server CPU',
    'ms, median',
    'ms, 99th percentile',
  ];
  return `${layOut([head, ...rows])}\n${describeSource(results)}\n`;
}
