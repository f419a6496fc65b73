import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { WebSocket } from '../index.ts';
import { readArguments, readNumber, readUrl } from './arguments.ts';
import { CLIENT_HELP, CLIENT_OPTIONS, clientOptions, openConnection } from './client-options.ts';
import { ExitCode } from './exit-code.ts';
import { LatencyHistogram } from './latency-histogram.ts';
import type { Terminal } from './terminal.ts';

export const BENCH_HELP = `hawser bench URL [options]

Loads a server that sends messages back, and measures how long they take: every connection has some
messages under way, and sends the next when one comes back.

  hawser bench ws://localhost:8080
  hawser bench ws://localhost:8080 --connections 1000 --size 1024 --seconds 30
  hawser bench wss://example.org --in-flight 16 --text --no-deflate

      --connections N         default 50
      --in-flight N           messages under way on each connection; default 1
      --size BYTES            of a message; default 32
      --text                  text messages, not binary ones
      --seconds N             how long; default 5
${CLIENT_HELP}

Ctrl+C ends it early: what was measured until then counts. Exit codes: ${ExitCode.OK} it was measured, ${ExitCode.FAILED} a
connection failed, or nothing came back, ${ExitCode.USAGE} wrong usage.`;

const OPTIONS = {
  ...CLIENT_OPTIONS,
  connections: { type: 'string', default: '50' },
  'in-flight': { type: 'string', default: '1' },
  size: { type: 'string', default: '32' },
  text: { type: 'boolean', default: false },
  seconds: { type: 'string', default: '5' },
} as const;

const PROGRESS_MS = 500;
/** How long the server may take to close a connection at the end, in milliseconds. */
const CLOSE_MS = 1000;

interface Load {
  readonly payload: Buffer;
  readonly text: boolean;
  readonly inFlight: number;
  /** Of the messages that came back. */
  readonly latencies: LatencyHistogram;
  running: boolean;
}

/** Runs `hawser bench`, for its time, or until `signal` is aborted. @throws {UsageError} */
export async function bench(
  args: readonly string[],
  terminal: Terminal,
  signal: AbortSignal,
): Promise<number> {
  const { values, positionals } = readArguments(args, OPTIONS);
  const url = readUrl('bench', positionals);
  const count = readNumber('connections', values.connections, 1);
  const seconds = readNumber('seconds', values.seconds, 0.1);
  const load: Load = {
    payload: Buffer.alloc(readNumber('size', values.size, 0), 'x'),
    text: values.text,
    inFlight: readNumber('in-flight', values['in-flight'], 1),
    latencies: new LatencyHistogram(),
    running: true,
  };
  const options = { ...clientOptions(values), closeTimeout: CLOSE_MS };
  const sockets = Array.from({ length: count }, () => openConnection(url, values.subprotocol ?? [], options));
  const ended = sockets.map((ws) => new Promise<unknown>((resolve) => void ws.on('close', resolve)));
  let failure: Error | undefined;
  for (const ws of sockets) {
    ws.on('error', (error) => {
      failure ??= error;
    });
    ws.on('close', (code) => {
      if (load.running) failure ??= new Error(`closed with ${code}`);
    });
  }
  signal.addEventListener('abort', () => {
    for (const ws of sockets) if (ws.readyState === ws.CONNECTING) ws.terminate();
  });
  const opened = await Promise.all(sockets.map(isOpened));
  if (opened.includes(false)) {
    for (const ws of sockets) ws.terminate();
    await Promise.all(ended);
    terminal.note(terminal.style('red', failure?.message ?? 'A connection was closed'));
    return ExitCode.FAILED;
  }
  const started = performance.now();
  for (const ws of sockets) drive(ws, load);
  await run(load, seconds * 1000, terminal, signal);
  const elapsed = (performance.now() - started) / 1000;
  load.running = false;
  for (const ws of sockets) ws.close(1000);
  await Promise.all(ended);
  return report(load, count, elapsed, failure, terminal);
}

function isOpened(ws: WebSocket): Promise<boolean> {
  return Promise.race([once(ws, 'open'), once(ws, 'close').then(() => Promise.reject())]).then(
    () => true,
    () => false,
  );
}

/** Keeps messages of one connection under way. */
function drive(ws: WebSocket, load: Load): void {
  const sentAt: number[] = [];
  const send = (): void => {
    sentAt.push(performance.now());
    ws.send(load.payload, { binary: !load.text });
  };
  ws.on('message', () => {
    const sent = sentAt.shift();
    if (sent === undefined || !load.running) return;
    load.latencies.record(performance.now() - sent);
    send();
  });
  for (let i = 0; i < load.inFlight; i++) send();
}

async function run(load: Load, ms: number, terminal: Terminal, signal: AbortSignal): Promise<void> {
  const started = performance.now();
  let before = 0;
  try {
    for (let left = ms; left > 0; left = ms - (performance.now() - started)) {
      await sleep(Math.min(PROGRESS_MS, left), undefined, { signal });
      const rate = Math.round(((load.latencies.count - before) / PROGRESS_MS) * 1000);
      before = load.latencies.count;
      if (terminal.stderr.isTTY) {
        const time = ((performance.now() - started) / 1000).toFixed(1);
        terminal.stderr.write(`\r\u001b[K${time} s  ${rate.toLocaleString('en')} messages/s`);
      }
    }
  } catch {
    // Ctrl+C: what was measured until then counts.
  }
  if (terminal.stderr.isTTY) terminal.stderr.write('\r\u001b[K');
}

function report(
  { latencies, payload, inFlight }: Load,
  connections: number,
  seconds: number,
  failure: Error | undefined,
  terminal: Terminal,
): number {
  if (failure !== undefined) terminal.note(terminal.style('red', `a connection failed: ${failure.message}`));
  if (latencies.count === 0) {
    terminal.note(terminal.style('red', 'no message came back: does the server send them back?'));
    return ExitCode.FAILED;
  }
  const rate = latencies.count / seconds;
  const megabytes = ((rate * payload.length) / 1e6).toFixed(1);
  terminal.print(
    `${connections} connections, ${inFlight} in flight, ${payload.length} B, ${seconds.toFixed(1)} s`,
  );
  terminal.print(`${Math.round(rate).toLocaleString('en')} messages/s, ${megabytes} MB/s each way`);
  terminal.print(latencies.summary);
  for (const line of latencies.draw()) terminal.print(line);
  return failure === undefined ? ExitCode.OK : ExitCode.FAILED;
}
