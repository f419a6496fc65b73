import { once } from 'node:events';
import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import fc from 'fast-check';
import { WebSocket, WebSocketServer } from '../../src/index.ts';
import { makeCertificate } from '../e2e/certificate.ts';
import { FAULTS, type Plan, startFaultyProxy } from './faulty-proxy.ts';
import { Witness } from './witness.ts';

/** What this program prints as JSON; its process has to end by itself. */
export interface FaultsReport {
  readonly sessions: number;
  readonly faults: number;
  /** Invariants that did not hold. */
  readonly broken: readonly string[];
  readonly clientsLeft: number;
}

const MESSAGES = 12;
/** Ends a session that a stall, or half a stream, keeps from ending. */
const PATIENCE_MS = 1500;

const [scheme, deflate, seed, count] = process.argv.slice(2);
const plan: fc.Arbitrary<Plan> = fc.record({
  fault: fc.constantFrom(...FAULTS),
  side: fc.constantFrom('client', 'server'),
  after: fc.oneof(fc.nat(400), fc.nat(4000), fc.nat(60_000)),
});
const plans = fc.sample(plan, { seed: Number(seed), numRuns: Number(count) });
const broken: string[] = [];
const sent = Array.from({ length: MESSAGES }, (_, i) => `${i} `.repeat(i % 3 === 0 ? 3000 : 10));

async function main(): Promise<void> {
  const certificate = scheme === 'wss' ? makeCertificate() : undefined;
  const http = certificate === undefined ? createServer() : createTlsServer(certificate);
  const options = { perMessageDeflate: deflate === 'deflate' ? { threshold: 0 } : false };
  const wss = new WebSocketServer({ server: http, ...options });
  const accepted: Witness[] = [];
  wss.on('connection', (ws) => {
    accepted.push(new Witness(`server's ${accepted.length}`, ws, sent, broken));
    ws.on('message', (data) => ws.send(String(data)));
  });
  http.on('tlsClientError', () => {});
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  const { port } = http.address() as AddressInfo;
  await Promise.all(plans.map((each, i) => session(port, options, each, i)));
  for (const ws of wss.clients) ws.terminate();
  while (wss.clients.size > 0) await new Promise((resolve) => setImmediate(resolve));
  for (const witness of accepted) witness.check();
  const clientsLeft = wss.clients.size;
  wss.close();
  http.close();
  http.closeAllConnections();
  const faults = plans.filter(({ fault }) => fault !== 'none').length;
  const report: FaultsReport = { sessions: plans.length, faults, broken, clientsLeft };
  console.log(JSON.stringify(report));
}

async function session(port: number, options: object, each: Plan, number: number): Promise<void> {
  const { fault } = each;
  const proxy = await startFaultyProxy(port, each);
  const ws = new WebSocket(`${scheme}://127.0.0.1:${proxy.port}/`, { ...options, rejectUnauthorized: false });
  const witness = new Witness(`client ${number}`, ws, sent, broken);
  ws.on('open', () => {
    for (const text of sent) ws.send(text, () => {});
  });
  ws.on('message', () => {
    if (witness.received.length === MESSAGES) ws.close(1000);
  });
  const closed = new Promise((resolve) => ws.on('close', resolve));
  const harmless = fault === 'none' || fault === 'single bytes';
  const timer = harmless ? undefined : setTimeout(() => ws.terminate(), PATIENCE_MS);
  await closed;
  clearTimeout(timer);
  proxy.close();
  witness.check();
  if (harmless && witness.received.length < MESSAGES) broken.push(`client ${number}: messages are missing`);
}

main();
