import { createHash } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { WebSocket, WebSocketServer } from '../../src/index.ts';

/** What this program tells its parent; memory in bytes, over that of the open connection at rest. */
export interface TransferReport {
  readonly receivedBytes: number;
  readonly intact: boolean;
  readonly samples: number;
  readonly arrayBuffersGrowth: number;
  readonly rssGrowth: number;
}

const MIB = 2 ** 20;
const MESSAGES = 1024;
/** How many messages may be on their way at a time. */
const IN_FLIGHT = 4;
const SAMPLE_EVERY = 64;

const collectGarbage = globalThis.gc!;

/** Sends 1 GiB through one connection of the engine, and tells the parent what came and what memory it took. */
async function main(): Promise<void> {
  const wss = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  await once(wss, 'listening');
  const received = createHash('sha1');
  const sent = createHash('sha1');
  let receivedBytes = 0;
  wss.on('connection', (ws) => {
    ws.on('message', (data) => {
      receivedBytes += (data as Buffer).length;
      received.update(data as Buffer);
    });
  });
  const ws = new WebSocket(`ws://127.0.0.1:${(wss.address() as AddressInfo).port}/`);
  await once(ws, 'open');

  const message = Buffer.alloc(MIB, 'a line of what is sent\n');
  const baseline = sample();
  const samples: NodeJS.MemoryUsage[] = [];
  const inFlight: Promise<void>[] = [];
  for (let i = 0; i < MESSAGES; i++) {
    message.writeUInt32BE(i);
    sent.update(message);
    inFlight.push(send(ws, message));
    if (inFlight.length === IN_FLIGHT) await inFlight.shift();
    if (i % SAMPLE_EVERY === SAMPLE_EVERY - 1) samples.push(sample());
  }
  const closed = Promise.all([once(ws, 'close'), ...[...wss.clients].map((peer) => once(peer, 'close'))]);
  ws.close(1000);
  await closed;

  const report: TransferReport = {
    receivedBytes,
    intact: received.digest('hex') === sent.digest('hex'),
    samples: samples.length,
    arrayBuffersGrowth: growth(baseline, samples, 'arrayBuffers'),
    rssGrowth: growth(baseline, samples, 'rss'),
  };
  wss.close();
  process.send!(report, () => process.disconnect());
}

/** The message is masked in a copy, so the caller's memory can be used again at once. */
function send(ws: WebSocket, message: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    ws.send(message, (error) => (error ? reject(error) : resolve()));
  });
}

function sample(): NodeJS.MemoryUsage {
  // Twice, as what the first one finds of array buffers may be freed in the background.
  collectGarbage();
  collectGarbage();
  return process.memoryUsage();
}

function growth(
  baseline: NodeJS.MemoryUsage,
  samples: NodeJS.MemoryUsage[],
  key: 'arrayBuffers' | 'rss',
): number {
  return Math.max(...samples.map((memory) => memory[key])) - baseline[key];
}

main();
