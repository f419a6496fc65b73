import { createHash } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { WebSocket, WebSocketServer } from '../../src/index.ts';

/** What this program tells its parent; memory in bytes, over that of the open connection at rest. */
export interface StreamReport {
  readonly receivedBytes: number;
  readonly intact: boolean;
  readonly arrayBuffersGrowth: number;
  readonly rssGrowth: number;
}

const MIB = 2 ** 20;
const [size = '256', compressed = 'plain'] = process.argv.slice(2);
const chunks = Number(size);
const perMessageDeflate = compressed === 'deflate';

const collectGarbage = globalThis.gc!;

/** Sends one message of so many MiB through both ends, and tells the parent what came and what memory it took. */
async function main(): Promise<void> {
  const wss = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate });
  await once(wss, 'listening');
  const [received, sent] = [createHash('sha1'), createHash('sha1')];
  const samples: NodeJS.MemoryUsage[] = [];
  let receivedBytes = 0;
  const over = new Promise<void>((resolve) => {
    wss.on('connection', async (ws) => {
      for await (const message of ws.messageStreams()) {
        for await (const chunk of message) {
          receivedBytes += chunk.length;
          received.update(chunk);
        }
        resolve();
        ws.close();
      }
    });
  });
  const ws = new WebSocket(`ws://127.0.0.1:${(wss.address() as AddressInfo).port}/`, { perMessageDeflate });
  await ws.opened;
  const baseline = sample();
  await ws.sendStream(
    (async function* () {
      for (let i = 0; i < chunks; i++) {
        const chunk = Buffer.alloc(MIB, `a line of what is sent, ${i}\n`);
        sent.update(chunk);
        if (i % 32 === 31) samples.push(sample());
        yield chunk;
      }
    })(),
  );
  await over;
  const growth = (key: 'arrayBuffers' | 'rss') =>
    Math.max(...samples.map((memory) => memory[key])) - baseline[key];
  const report: StreamReport = {
    receivedBytes,
    intact: received.digest('hex') === sent.digest('hex'),
    arrayBuffersGrowth: growth('arrayBuffers'),
    rssGrowth: growth('rss'),
  };
  wss.close();
  process.send!(report, () => process.disconnect());
}

function sample(): NodeJS.MemoryUsage {
  // Twice, as what the first one finds of array buffers may be freed in the background.
  collectGarbage();
  collectGarbage();
  return process.memoryUsage();
}

main();
