import { readFileSync, writeFileSync } from 'node:fs';
import type { SoakResults } from './run.ts';

const page = new URL('../docs/reliability.md', import.meta.url);
const BEGIN = '<!-- soak: written by npm run soak -->';
const END = '<!-- /soak -->';

/** Writes the figures of a run between the marks of docs/reliability.md. */
export function writeTable(results: SoakResults): void {
  const text = readFileSync(page, 'utf8');
  const [head, rest] = [text.slice(0, text.indexOf(BEGIN)), text.slice(text.indexOf(END))];
  writeFileSync(page, `${head}${BEGIN}\n\n${tableOf(results)}\n${rest}`);
}

function tableOf(r: SoakResults): string {
  const memory = (key: 'rss' | 'heapUsed' | 'arrayBuffers') =>
    [r.before, r.held, r.after].map((state) => (state[key] / 2 ** 20).toFixed(1)).join(' / ');
  const rows = [
    ['connections held, in minutes', `${r.connectionsHeld}, ${r.minutes}`],
    ['held connections lost', r.connectionsLost],
    ['messages echoed, lost', `${r.messagesSent}, ${r.messagesLost}`],
    ['pings sent, unanswered', `${r.pingsSent}, ${r.pongsLost}`],
    ['visits of good peers', r.goodVisits],
    ['visits of bad peers', r.badVisits],
    ['uncaught exceptions', r.uncaught],
    ['clients left at the end', r.clientsLeft],
    ['RSS before / held / after, MiB', memory('rss')],
    ['heap used before / held / after, MiB', memory('heapUsed')],
    ['array buffers before / held / after, MiB', memory('arrayBuffers')],
  ];
  const table = [['what', 'figure'], ['', ''], ...rows.map((row) => row.map(String))] as [string, string][];
  const widths = [0, 1].map((column) => Math.max(...table.map((row) => row[column]!.length)));
  const lines = table.map((row) =>
    row.map((cell, column) => cell.padEnd(widths[column]!, cell === '' ? '-' : ' ')),
  );
  return `\`${r.command}\`\n\n${lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n')}\n`;
}
