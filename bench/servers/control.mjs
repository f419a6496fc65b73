// What every measured process has in common: it tells that it is ready, answers questions about itself, and ends with its
// input. It runs on Node, Bun and Deno.

import { monitorEventLoopDelay } from 'node:perf_hooks';
import process from 'node:process';
import { createInterface } from 'node:readline';

/** What the runner asks for; see scenarios.mjs. */
export const settings = JSON.parse(process.argv[2]);

const collectGarbage = globalThis.gc ?? (() => globalThis.Bun?.gc(true));

/** The answers to the runner's questions; a server may add some. */
export const QUESTIONS = {
  cpu: () => process.cpuUsage(),
  memory: () => {
    for (let i = 0; i < 3; i++) collectGarbage();
    return { rss: process.memoryUsage().rss };
  },
  // How late a timer of 1 ms is.
  watch: () => {
    delay = monitorEventLoopDelay({ resolution: 1 });
    delay.enable();
    return {};
  },
  watched: () => {
    delay.disable();
    const milliseconds = (nanoseconds) => nanoseconds / 1e6;
    return {
      p50: milliseconds(delay.percentile(50)),
      p99: milliseconds(delay.percentile(99)),
      max: milliseconds(delay.max),
    };
  },
  // On the clock of profiles, in µs.
  time: () => ({ time: Number(process.hrtime.bigint() / 1000n) }),
};

let delay;

const input = createInterface({ input: process.stdin });
input.on('line', async (question) => say(await QUESTIONS[question]()));
input.on('close', () => process.exit());

/** Tells the runner. */
export function say(value) {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}
