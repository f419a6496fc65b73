// Draws the chart of results: what each scenario costs each peer, as a part of what it costs ws.
import { PEERS } from './peers.mjs';
import { COLOURS, drawing, label, legend, logarithmic, rule } from './svg.mjs';

const WIDTH = 860;
const LABEL_WIDTH = 370;
const RIGHT = 24;
const TOP = 84;
const ROW_HEIGHT = 26;
const BOTTOM = 40;
const RADIUS = 5;

const TICKS = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5];

/** The last one comes on top. */
const SHOWN = Object.keys(COLOURS).filter((id) => id !== 'ws');

/** The chart as SVG: a row for each scenario, a dot for each peer, on a logarithmic axis where ws is 1. */
export function drawChart({ scenarios }) {
  const rows = Object.values(scenarios)
    .map(({ title, peers }) => ({ title, ratios: ratiosOf(peers) }))
    .filter(({ ratios }) => ratios.length > 0);
  const x = scaleFor(rows.flatMap(({ ratios }) => ratios.map(({ ratio }) => ratio)));
  const height = TOP + rows.length * ROW_HEIGHT + BOTTOM;
  return drawing('What each scenario costs, as a part of what it costs ws', WIDTH, height, [
    ...drawHead(rows),
    ...drawAxis(x, height),
    ...rows.flatMap((row, i) => drawRow(row, i, x)),
  ]);
}

function ratiosOf(peers) {
  return SHOWN.flatMap((id) => {
    const ratio = peers[id]?.ratios.ws?.median;
    return ratio === undefined ? [] : [{ id, ratio }];
  });
}

/** The logarithmic axis, from a tick below the least ratio to a tick above the greatest. */
function scaleFor(ratios) {
  const low = TICKS.findLast((tick) => tick <= Math.min(...ratios)) ?? TICKS[0];
  const high = TICKS.find((tick) => tick >= Math.max(1, ...ratios)) ?? TICKS.at(-1);
  return {
    place: logarithmic(low, high, LABEL_WIDTH, WIDTH - RIGHT),
    ticks: TICKS.filter((tick) => tick >= low && tick <= high),
  };
}

function drawHead(rows) {
  const shown = PEERS.filter(({ id }) => rows.some(({ ratios }) => ratios.some((each) => each.id === id)));
  return [
    label('CPU for each message, or memory of a connection: ws is 1, less is better', 12, 22, 'title'),
    ...legend(
      shown.map(({ id, title }) => ({ title, colour: COLOURS[id], radius: radiusOf(id) })),
      16,
      46,
    ),
  ];
}

function drawAxis({ place, ticks }, height) {
  const bottom = height - BOTTOM;
  return ticks.flatMap((tick) => [
    rule(tick === 1 ? 'reference' : 'grid', place(tick), TOP - 10, place(tick), bottom),
    label(tick === 1 ? '1 = ws' : tick, place(tick), bottom + 18, 'quiet', 'middle'),
  ]);
}

function drawRow({ title, ratios }, index, { place }) {
  const y = TOP + (index + 0.5) * ROW_HEIGHT;
  return [
    label(shorten(title), 12, y + 4, 'quiet'),
    ...ratios.map(({ id, ratio }) => dot(place(ratio), y, id, ratio)),
  ];
}

function dot(x, y, id, ratio) {
  return `<circle cx="${x}" cy="${y}" r="${radiusOf(id)}" fill="${COLOURS[id]}"><title>${id}: ${ratio}</title></circle>`;
}

function radiusOf(id) {
  return id === 'hawser' ? RADIUS + 1 : RADIUS;
}

/** What is in brackets has no room. */
function shorten(title) {
  return title.replace(/ \(.*\)$/, '');
}
