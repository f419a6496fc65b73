// Draws what permessage-deflate costs: tables.
import { describeSource, digits, layOut } from './document.mjs';

/** A row for each tuning. */
export function drawTuningsTable(results) {
  const head = [
    '`perMessageDeflate`',
    'B for each connection',
    'µs for 1 KiB',
    '1 KiB becomes',
    '64 KiB becomes',
  ];
  const rows = results.tunings.map(({ title, cpu, memory, output }) => [
    title.startsWith('{') ? `\`${title}\`` : title,
    digits(memory.median),
    digits(cpu.median),
    ...output.map((part) => `${(100 * part).toFixed(1)} %`),
  ]);
  return `${layOut([head, ...rows])}\n${describeSource(results)}\n`;
}

/** A row for each size of messages. */
export function drawSizesTable(results) {
  const head = ['payload', 'µs, at once', 'µs, in a thread', 'in a thread / at once'];
  const rows = results.sizes.map(({ bytes, atOnce, inThread }) => [
    `${bytes / 1024} KiB`,
    digits(atOnce.median),
    digits(inThread.median),
    (inThread.median / atOnce.median).toFixed(2),
  ]);
  return `${layOut([head, ...rows])}\n${describeSource(results)}\n`;
}
