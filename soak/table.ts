import { readFileSync, writeFileSync } from 'node:fs';
import type { KeptResults, SoakResults } from './run.ts';
import type { Engine, ServerState } from './server.ts';

const page = new URL('../docs/reliability.md', import.meta.url);
const BEGIN = '<!-- soak: written by npm run soak -->';
const END = '<!-- /soak -->';
const ENGINES: readonly Engine[] = ['hawser', 'ws'];

type Row = readonly [what: string, figure: (results: SoakResults) => string | number];

const ROWS: readonly Row[] = [
  ['connections held', (r) => r.connectionsHeld],
  ['loads, minutes in all', (r) => `${r.cycles.length}, ${r.minutes}`],
  ['held connections lost', (r) => r.connectionsLost],
  ['messages echoed, lost', (r) => `${r.messagesSent}, ${r.messagesLost}`],
  ['pings sent, unanswered', (r) => `${r.pingsSent}, ${r.pongsLost}`],
  ['pings of the heartbeat', (r) => r.heartbeatPings],
  ['visits of good peers, of bad ones', (r) => `${r.goodVisits}, ${r.badVisits}`],
  ['uncaught exceptions', (r) => r.uncaught],
  ['clients left at the end', (r) => r.clientsLeft],
  ['heap used before, MiB', (r) => mebibytes(r.before.heapUsed)],
  ['heap used in each load, MiB', (r) => each(r, 'held', 'heapUsed')],
  ['heap used after each load, MiB', (r) => each(r, 'after', 'heapUsed')],
  ['heap that V8 keeps after each load, MiB', (r) => each(r, 'after', 'heapTotal')],
  ['array buffers after each load, MiB', (r) => each(r, 'after', 'arrayBuffers')],
  ['RSS before, MiB', (r) => mebibytes(r.before.rss)],
  ['RSS in each load, MiB', (r) => each(r, 'held', 'rss')],
  ['RSS after each load, MiB', (r) => each(r, 'after', 'rss')],
];

/** Writes the figures of the last runs between the marks of docs/reliability.md. */
export function writeTable(kept: KeptResults): void {
  const text = readFileSync(page, 'utf8');
  const [head, rest] = [text.slice(0, text.indexOf(BEGIN)), text.slice(text.indexOf(END))];
  writeFileSync(page, `${head}${BEGIN}\n\n${tableOf(kept)}\n${rest}`);
}

function tableOf(kept: KeptResults): string {
  const runs = ENGINES.flatMap((engine) => kept[engine] ?? []);
  const names = ENGINES.filter((engine) => engine in kept);
  const rows = ROWS.map(([what, figure]) => [what, ...runs.map((run) => String(figure(run)))]);
  const table = [['what', ...names], ['', ...names.map(() => '')], ...rows];
  const widths = table[0]!.map((_, column) => Math.max(...table.map((row) => row[column]!.length)));
  const lines = table.map((row) =>
    row.map((cell, column) => cell.padEnd(widths[column]!, cell === '' ? '-' : ' ')).join(' | '),
  );
  const commands = runs.map(({ command }) => `\`${command}\`\n`).join('\n');
  return `${commands}\n${lines.map((line) => `| ${line} |\n`).join('')}`;
}

function each({ cycles }: SoakResults, when: 'held' | 'after', key: keyof ServerState): string {
  return cycles.map((cycle) => mebibytes(cycle[when][key])).join(' / ');
}

function mebibytes(bytes: number): string {
  return (bytes / 2 ** 20).toFixed(1);
}
