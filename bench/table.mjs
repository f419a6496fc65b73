// Draws the table of results.
import { describeSource, digits, layOut } from './document.mjs';
import { PEERS, REFERENCES } from './peers.mjs';

/**
 * A row for each scenario, a column for each peer, and what Hawser's figure is of that of ws.
 *
 * @param others - Results of other versions of Node: a column with the ratio for each.
 */
export function drawTable(results, others = []) {
  const measured = Object.entries(results.scenarios);
  const peers = PEERS.filter(({ id }) => measured.some(([, { peers }]) => peers[id] !== undefined));
  const references = peers.filter(({ id }) => REFERENCES.includes(id));
  const rows = [
    [
      '',
      ...peers.map(({ title }) => title),
      ...references.map(({ title }) => `Hawser / ${title}`),
      ...others.map(({ versions }) => `Hawser / ws, Node ${majorOf(versions.node)}`),
    ],
    ...measured.map(([id, { title, unit, peers: found }]) => [
      title,
      ...peers.map((peer) => cell(found[peer.id], unit)),
      ...references.map((reference) => ratioCell(found.hawser?.ratios[reference.id])),
      ...others.map(({ scenarios }) => ratioCell(scenarios[id]?.peers.hawser?.ratios.ws)),
    ]),
  ];
  return `${layOut(rows)}\nµs of CPU for each message, or bytes of memory. ${describeSource(results)}\n`;
}

export function majorOf(version) {
  return Number(version.split('.')[0]);
}

function cell(peer, unit) {
  if (peer === undefined) return '';
  const { median } = peer.cost;
  return unit === 'bytes' ? Math.round(median).toLocaleString('en') : digits(median);
}

function ratioCell(ratio) {
  return ratio === undefined ? '' : `**${digits(ratio.median)}**`;
}
