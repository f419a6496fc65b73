// What all charts have in common.

/** Colours that stand apart on white and on black, for most eyes. */
export const COLOURS = {
  net: '#8b949e',
  'ws-bufferutil': '#b08800',
  ws: '#d1622b',
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

/** A chart as SVG; `title` is for those who don't see it. */
export function drawing(title, width, height, lines) {
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-labelledby="title">
  <title id="title">${escapeXml(title)}</title>
  <style>${STYLE}
  </style>
${lines.map((line) => `  ${line}\n`).join('')}</svg>
`;
}

/** Text at a place; `kind` is a class of the style. */
export function label(text, x, y, kind, anchor) {
  const attributes = `${kind === undefined ? '' : `class="${kind}" `}x="${x}" y="${y}"`;
  return `<text ${attributes}${anchor === undefined ? '' : ` text-anchor="${anchor}"`}>${escapeXml(String(text))}</text>`;
}

export function rule(kind, x1, y1, x2, y2) {
  return `<line class="${kind}" x1="${x1}" x2="${x2}" y1="${y1}" y2="${y2}"/>`;
}

/** A dot for each entry of `shown`, and its title. */
export function legend(shown, left, y) {
  let at = left;
  return shown.map(({ colour, title, radius }) => {
    const entry = `<circle cx="${at}" cy="${y}" r="${radius}" fill="${colour}"/>${label(title, at + 10, y + 4)}`;
    at += 34 + title.length * 7.5;
    return entry;
  });
}

/** Maps values from `low` to `high` to places from `from` to `to`, in equal steps for equal ratios. */
export function logarithmic(low, high, from, to) {
  return (value) => {
    const part = Math.log(Math.min(Math.max(value, low), high) / low) / Math.log(high / low);
    return tenth(from + part * (to - from));
  };
}

/** Maps values from 0 to `high` to places from `from` to `to`. */
export function linear(high, from, to) {
  return (value) => tenth(from + (value / high) * (to - from));
}

/** The least of 1, 2, 5, 10, 20, 50 ... that is not below `value`. */
export function roundUp(value) {
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 5, 10].map((step) => step * power).find((step) => step >= value * (1 - 1e-9));
}

export function tenth(value) {
  return Math.round(value * 10) / 10;
}

function escapeXml(text) {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
