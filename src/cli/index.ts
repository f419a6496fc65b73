#!/usr/bin/env node
import { run } from './run.ts';
import { Terminal } from './terminal.ts';

const controller = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => controller.abort());
// Whoever reads our output may have had enough.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  controller.abort();
});
void run(process.argv.slice(2), new Terminal(process), controller.signal).then((code) => {
  process.exitCode = code;
});
