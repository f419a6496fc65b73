// Draws what a message that comes allocates: a table.
import { describeSource, digits, layOut } from './document.mjs';

/** A row for each receiver, with what a Buffer of that length takes that is made and emitted, and what is left. */
export function drawAllocationTable(results) {
  const head = [
    `B for each message of ${results.bytes} B`,
    'heap',
    'outside of it',
    '`Buffer.from`: heap',
    'outside of it',
    '`emit` of it: heap',
    'what is left',
  ];
  const rows = results.receivers.map(({ title, message, buffer, emitted }) => [
    title,
    ...[
      message.heap.median,
      message.arrayBuffers.median,
      buffer.heap.median,
      buffer.arrayBuffers.median,
      emitted.heap.median - buffer.heap.median,
      total(message) - total(emitted),
    ].map((bytes) => digits(Math.round(bytes))),
  ]);
  return `${layOut([head, ...rows])}\n${results.atATime} messages at a time. ${describeSource(results)}\n`;
}

function total({ heap, arrayBuffers }) {
  return heap.median + arrayBuffers.median;
}
