// The results that are committed, and what is drawn from them.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { drawAllocationTable } from './allocation-drawing.mjs';
import { drawChart } from './chart.mjs';
import { drawSizesTable, drawTuningsTable } from './deflate-drawing.mjs';
import { withSection } from './document.mjs';
import { drawDelayTable, drawGrowthChart, drawGrowthTable } from './growth-drawing.mjs';
import { drawHttp2Tables } from './http2.mjs';
import { drawHubTable } from './hub.mjs';
import { isAble, PEERS } from './peers.mjs';
import { drawProfilesTable } from './profiles-drawing.mjs';
import { readResults } from './results.mjs';
import { SCENARIOS } from './scenarios.mjs';
import { drawTable, majorOf } from './table.mjs';
import { drawTransportsChart, drawTransportsTable } from './transports-drawing.mjs';

/** The Node whose results have all peers: the oldest that is supported. */
const MAIN_NODE = 20;
/** On any other Node, what runs on a runtime of its own costs the same. */
const PEERS_ELSEWHERE = ['hawser', 'ws', 'net'];
/** Rounds that figures have to have. */
export const MIN_ROUNDS = 5;

const OTHERS = /^results-node\d+\.json$/;

/** The file in bench/ for the results of a version of Node. */
export function fileFor(node) {
  const major = majorOf(node);
  return major === MAIN_NODE ? 'results.json' : `results-node${major}.json`;
}

/** The peers that are measured on a version of Node, unless others are asked for. */
export function peersFor(node) {
  return majorOf(node) === MAIN_NODE ? PEERS : PEERS.filter(({ id }) => PEERS_ELSEWHERE.includes(id));
}

/** What results lack to be kept: a part of them, or of their rounds, is not. */
export function lacksOf({ rounds, scenarios, versions }) {
  const figures = SCENARIOS.flatMap((scenario) =>
    peersFor(versions.node)
      .filter((peer) => isAble(peer, scenario))
      .filter(({ id }) => scenarios[scenario.id]?.peers[id] === undefined)
      .map(({ id }) => `${scenario.id} of ${id}`),
  );
  return rounds < MIN_ROUNDS ? [`${MIN_ROUNDS} rounds`, ...figures] : figures;
}

/** Reads what is kept in a folder; what is not there is `undefined`. */
export function readKept(folder) {
  const read = (name) => {
    const file = join(folder, name);
    return existsSync(file) ? readResults(file) : undefined;
  };
  return {
    main: read('results.json'),
    others: readdirSync(folder)
      .filter((name) => OTHERS.test(name))
      .map(read)
      .sort((a, b) => majorOf(a.versions.node) - majorOf(b.versions.node)),
    transports: read('transports.json'),
    growth: read('growth.json'),
    deflate: read('deflate.json'),
    allocation: read('allocation.json'),
    profiles: read('profiles.json'),
    http2: read('http2.json'),
    hub: read('hub.json'),
  };
}

/** The charts, by their names in bench/. */
export function drawCharts({ main, transports, growth }) {
  return {
    ...(main && { 'results.svg': drawChart(main) }),
    ...(transports && { 'transports.svg': drawTransportsChart(transports) }),
    ...(growth && { 'growth.svg': drawGrowthChart(growth) }),
  };
}

/** The documents with drawn sections, by their names; each is a function from its text to its text. */
export const DOCUMENTS = {
  'README.md': (text, kept) => withSection(text, 'speed', speedSection(kept, 'bench')),
  'docs/performance.md': (text, kept) =>
    [
      ['speed', `${speedSection(kept, '../bench')}${kept.others.map(otherSection).join('')}`],
      ['profiles', section(kept.profiles, '-- --profiles', drawProfilesTable)],
      ['growth', growthSection(kept)],
      ['delay', section(kept.growth, '-- --growth', drawDelayTable)],
      ['allocation', section(kept.allocation, '-- --allocation', drawAllocationTable)],
      ['transports', transportsSection(kept)],
    ].reduce((document, [name, content]) => withSection(document, name, content), text),
  'docs/compression.md': (text, { deflate }) =>
    [
      ['tunings', section(deflate, '-- --deflate', drawTuningsTable)],
      ['sizes', section(deflate, '-- --deflate', drawSizesTable)],
    ].reduce((document, [name, content]) => withSection(document, name, content), text),
  'docs/http2.md': (text, { http2 }) =>
    withSection(text, 'http2', section(http2, '-- --http2', drawHttp2Tables)),
  'docs/hub.md': (text, { hub }) => withSection(text, 'hub', section(hub, '-- --hub', drawHubTable)),
  'docs/choosing-a-transport.md': (text, kept) => withSection(text, 'transports', transportsSection(kept)),
};

/** Draws charts and documents anew. */
export function drawKept(root) {
  const folder = join(root, 'bench');
  const kept = readKept(folder);
  for (const [name, chart] of Object.entries(drawCharts(kept))) writeFileSync(join(folder, name), chart);
  for (const [name, redraw] of Object.entries(DOCUMENTS)) {
    const file = join(root, name);
    writeFileSync(file, redraw(readFileSync(file, 'utf8'), kept));
  }
}

function speedSection({ main, others }, folder) {
  const chart = `![What each scenario costs, as a part of what it costs ws](${folder}/results.svg)`;
  return section(main, '', (results) => `${chart}\n\n${drawTable(results, others)}`);
}

function otherSection(results) {
  return `\nNode ${majorOf(results.versions.node)}:\n\n${drawTable(results)}`;
}

function growthSection({ growth }) {
  const chart = '![CPU and memory from few connections to many](../bench/growth.svg)';
  return section(growth, '-- --growth', (results) => `${chart}\n\n${drawGrowthTable(results)}`);
}

function transportsSection({ transports }) {
  const chart = '![What an update costs by each transport](../bench/transports.svg)';
  return section(transports, '-- --transports', (results) => `${chart}\n\n${drawTransportsTable(results)}`);
}

function section(results, option, draw) {
  if (results !== undefined) return draw(results);
  return `No figures are kept yet: \`${`npm run bench ${option}`.trimEnd()}\` measures them and draws them here.\n`;
}
