// Draws the chart of results: what each scenario costs each peer, as a part of what it costs ws.
import { PEERS } from './peers.mjs';

const WIDTH = 860;
const LABEL_WIDTH = 370;
const RIGHT = 24;
const TOP = 84;
const ROW_HEIGHT = 26;
const BOTTOM = 40;
const RADIUS = 5;
const PLOT_WIDTH = WIDTH - LABEL_WIDTH - RIGHT;

const TICKS = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5];

/** Colours that stand apart on white and on black, for most eyes; Hawser's comes on top. */
const COLOURS = {
  net: '#8b949e',
  'ws-bufferutil': '#b08800',
  deno: '#1a7f64',
  bun: '#c2568b',
  hawser: '#2f81f7',
};

const STYLE = `
    text { font: 13px system-ui, -apple-system, 'Segoe UI', sans-serif; fill: #1f2328; }
    .title { font-weight: 600; font-size: 15px; }
    .quiet { fill: #59636e; font-size: 12px; }
    .grid { stroke: #d1d9e0; }
    .reference { stroke: #59636e; stroke-width: 1.5; }
    @media (prefers-color-scheme: dark) {
      text { fill: #f0f6fc; }
      .quiet { fill: #9198a1; }
      .grid { stroke: #3d444d; }
      .reference { stroke: #9198a1; }
    }`;

/** The chart as SVG: a row for each scenario, a dot for each peer, on a logarithmic axis where ws is 1. */
export function drawChart({ scenarios }) {
  const rows = Object.values(scenarios)
    .map(({ title, peers }) => ({ title, ratios: ratiosOf(peers) }))
    .filter(({ ratios }) => ratios.length > 0);
  const x = scaleFor(rows.flatMap(({ ratios }) => ratios.map(({ ratio }) => ratio)));
  const height = TOP + rows.length * ROW_HEIGHT + BOTTOM;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-labelledby="title">
  <title id="title">What each scenario costs, as a part of what it costs ws</title>
  <style>${STYLE}
  </style>
${[...drawHead(rows), ...drawAxis(x, height), ...rows.flatMap((row, i) => drawRow(row, i, x))].map((line) => `  ${line}\n`).join('')}</svg>
`;
}

function ratiosOf(peers) {
  return Object.keys(COLOURS).flatMap((id) => {
    const ratio = peers[id]?.ratios.ws?.median;
    return ratio === undefined ? [] : [{ id, ratio }];
  });
}

/** The logarithmic axis, from a tick below the least ratio to a tick above the greatest. */
function scaleFor(ratios) {
  const low = TICKS.findLast((tick) => tick <= Math.min(...ratios)) ?? TICKS[0];
  const high = TICKS.find((tick) => tick >= Math.max(1, ...ratios)) ?? TICKS.at(-1);
  const place = (ratio) => {
    const part = Math.log(Math.min(Math.max(ratio, low), high) / low) / Math.log(high / low);
    return Math.round((LABEL_WIDTH + part * PLOT_WIDTH) * 10) / 10;
  };
  return { place, ticks: TICKS.filter((tick) => tick >= low && tick <= high) };
}

function drawHead(rows) {
  const shown = PEERS.filter(({ id }) => rows.some(({ ratios }) => ratios.some((each) => each.id === id)));
  let at = 16;
  const legend = shown.map(({ id, title }) => {
    const entry = `${dot(at, 46, id)}<text x="${at + 10}" y="50">${escapeXml(title)}</text>`;
    at += 34 + title.length * 7.5;
    return entry;
  });
  return [
    '<text class="title" x="12" y="22">CPU for each message, or memory of a connection: ws is 1, less is better</text>',
    ...legend,
  ];
}

function drawAxis({ place, ticks }, height) {
  const bottom = height - BOTTOM;
  return ticks.map((tick) => {
    const kind = tick === 1 ? 'reference' : 'grid';
    const label = tick === 1 ? '1 = ws' : tick;
    return (
      `<line class="${kind}" x1="${place(tick)}" x2="${place(tick)}" y1="${TOP - 10}" y2="${bottom}"/>` +
      `<text class="quiet" x="${place(tick)}" y="${bottom + 18}" text-anchor="middle">${label}</text>`
    );
  });
}

function drawRow({ title, ratios }, index, { place }) {
  const y = TOP + (index + 0.5) * ROW_HEIGHT;
  return [
    `<text class="quiet" x="12" y="${y + 4}">${escapeXml(shorten(title))}</text>`,
    ...ratios.map(({ id, ratio }) => dot(place(ratio), y, id, ratio)),
  ];
}

function dot(x, y, id, ratio) {
  const tip = ratio === undefined ? '' : `<title>${id}: ${ratio}</title>`;
  return `<circle cx="${x}" cy="${y}" r="${id === 'hawser' ? RADIUS + 1 : RADIUS}" fill="${COLOURS[id]}">${tip}</circle>`;
}

/** What is in brackets has no room. */
function shorten(title) {
  return title.replace(/ \(.*\)$/, '');
}

function escapeXml(text) {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
