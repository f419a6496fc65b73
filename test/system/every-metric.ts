import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import * as client from 'prom-client';
import { onTestFinished } from 'vitest';
import { WebSocket } from '../../src/index.ts';
import { createMetrics } from '../../src/metrics/index.ts';
import { closeCode, echo, expectEcho, openClient, startTestServer } from '../behaviour/engine.ts';
import { serveHub } from '../hub/served-hub.ts';
import { WireClient } from '../hub/wire-client.ts';

const MESSAGE_BYTES = 256 * 1024;
/** More than the buffers of two sockets of a system take. */
const MANY = 64;
const MAX_PAYLOAD_BYTES = 1 << 20;

/** Serves the metrics of this process for the test that is running; returns host and port. */
export async function serveMetrics(): Promise<string> {
  const register = new client.Registry();
  const metrics = createMetrics({ client, register });
  const server = createServer(async (_request, response) => {
    response.setHeader('Content-Type', register.contentType);
    response.end(await register.metrics());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    metrics.stop();
    server.closeAllConnections();
    server.close();
  });
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Opens what stays open while a test runs; returns what does once all that any metric counts. */
export async function openTraffic(): Promise<() => Promise<void>> {
  const { wss, url } = await startTestServer({
    heartbeat: { intervalMs: 50 },
    maxPayload: MAX_PAYLOAD_BYTES,
    verifyClient: ({ req }) => req.url !== '/refused',
  });
  wss.on('connection', (ws) => {
    ws.on('error', () => {});
    echo(ws);
  });
  const { url: hubUrl } = await serveHub({ authorizeJoin: (_socket, room) => room !== 'secret' });
  const member = await WireClient.plain(hubUrl);
  await member.request('$join', { room: 'lobby' });
  await openClient(url, { heartbeat: { intervalMs: 50 } });
  return async () => {
    await talk(url);
    await closeCode(new WebSocket(`${url}refused`));
    await goBeyondLimit(url);
    await readLate(url);
    await member.request('$join', { room: 'secret' }).catch(() => {});
  };
}

async function talk(url: string): Promise<void> {
  const ws = await openClient(url);
  await expectEcho(ws, 'hello');
  const echoed = once(ws, 'message');
  ws.send(Buffer.alloc(1000));
  await echoed;
  const closed = closeCode(ws);
  ws.close(1000);
  await closed;
}

async function goBeyondLimit(url: string): Promise<void> {
  const ws = await openClient(url);
  const closed = closeCode(ws);
  ws.send(Buffer.alloc(MAX_PAYLOAD_BYTES + 1));
  await closed;
}

/** Sends more than the peer takes, while that reads nothing. */
async function readLate(url: string): Promise<void> {
  const ws = await openClient(url, { heartbeat: false });
  const { length } = Array.from({ length: MANY }, () => ws.send(Buffer.alloc(MESSAGE_BYTES)));
  let echoed = 0;
  await new Promise<void>((resolve) => {
    ws.on('message', () => {
      echoed++;
      if (echoed === length) resolve();
    });
  });
  ws.terminate();
}
