import { channel } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { buffer } from 'node:stream/consumers';
import * as current from '@prometheus-io/client';
import * as former from 'prom-client';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { ChannelMessages, ChannelName } from '../../src/index.ts';
import { WebSocket } from '../../src/index.ts';
import { createMetrics } from '../../src/metrics/index.ts';
import { METRICS } from '../../src/metrics/metric-table.ts';
import { closeCode, echo, nextConnection, openClient, startTestServer } from '../behaviour/engine.ts';

/** Metrics in a register of their own, until the test is over. */
function setUp(options: { prefix?: string; labels?: Record<string, string> } = {}) {
  const register = new former.Registry();
  const metrics = createMetrics({ client: former, register, ...options });
  onTestFinished(() => metrics.stop());
  return { register, metrics };
}

/** The samples of a register, as the lines that Prometheus reads. */
async function samples(register: { metrics(): Promise<string> }, name: string): Promise<string[]> {
  const lines = (await register.metrics()).split('\n');
  return lines.filter((line) => line.startsWith(`${name}{`));
}

function publish<Name extends ChannelName>(name: Name, message: ChannelMessages[Name]): void {
  channel(name).publish(message);
}

describe.each([
  ['@prometheus-io/client', () => createMetrics({ client: current, register: new current.Registry() })],
  ['prom-client', () => createMetrics({ client: former, register: new former.Registry() })],
])('with %s', (_, create) => {
  it('is made and stopped', () => {
    const metrics = create();
    expect(channel('hawser:message:in').hasSubscribers).toBe(true);
    metrics.stop();
    expect(channel('hawser:message:in').hasSubscribers).toBe(false);
  });
});

it.each([
  ['@prometheus-io/client', current],
  ['prom-client', former],
])('counts what real connections do, with %s', async (_, client) => {
  const register = new client.Registry();
  // Each of the clients takes its own registers.
  const metrics = createMetrics({ client: client as typeof former, register: register as former.Registry });
  onTestFinished(() => metrics.stop());
  const { wss, url } = await startTestServer();
  const accepted = nextConnection(wss, (ws) => {
    echo(ws);
    return { ws, closed: closeCode(ws) };
  });
  const ws = await openClient(url);
  ws.send('hello');
  await once(ws, 'message');
  expect(await samples(register, 'hawser_connections_open')).toEqual([
    expect.stringMatching(/\{role="(client|server)"\} 1$/),
    expect.stringMatching(/\{role="(client|server)"\} 1$/),
  ]);
  const closed = closeCode(ws);
  ws.close(1000);
  await Promise.all([closed, (await accepted).closed]);
  const text = await register.metrics();
  for (const role of ['client', 'server']) {
    expect(text).toContain(`hawser_connections_open{role="${role}"} 0`);
    expect(text).toContain(`hawser_connections_opened_total{role="${role}"} 1`);
    expect(text).toContain(`hawser_connections_closed_total{role="${role}",code="1000"} 1`);
    expect(text).toContain(`hawser_handshake_duration_seconds_count{role="${role}"} 1`);
    expect(text).toContain(`hawser_received_messages_total{role="${role}",type="text"} 1`);
    expect(text).toContain(`hawser_sent_bytes_total{role="${role}",type="text"} 5`);
  }
});

it('has every metric of the table, and no other', () => {
  const { register, metrics } = setUp();
  const names = register.getMetricsAsArray().map(({ name }) => name);
  expect(names).toEqual(Object.keys(METRICS).map((name) => `hawser_${name}`));
  metrics.stop();
  expect(register.getMetricsAsArray()).toEqual([]);
});

it('goes to the register of the client, where no other is given', () => {
  const metrics = createMetrics({ client: former });
  expect(former.register.getSingleMetric('hawser_connections_open')).toBeDefined();
  metrics.stop();
  expect(former.register.getSingleMetric('hawser_connections_open')).toBeUndefined();
});

it('takes a prefix, and labels for all', async () => {
  const { register } = setUp({ prefix: 'chat_', labels: { room: 'lobby' } });
  publish('hawser:limit', { websocket: {}, role: 'server', limit: 'heartbeat', code: undefined });
  publish('hawser:ping:latency', { websocket: {}, role: 'server', latencyMs: 3 });
  expect(await samples(register, 'chat_limits_total')).toEqual([
    'chat_limits_total{room="lobby",role="server",limit="heartbeat"} 1',
  ]);
  expect(await samples(register, 'chat_ping_latency_seconds_sum')).toEqual([
    'chat_ping_latency_seconds_sum{room="lobby",role="server"} 0.003',
  ]);
});

it('refuses a label of its own, and a second set of metrics in one register', () => {
  const register = new former.Registry();
  expect(() => createMetrics({ client: former, register, labels: { role: 'x' } })).toThrow(TypeError);
  const metrics = createMetrics({ client: former, register });
  onTestFinished(() => metrics.stop());
  expect(() => createMetrics({ client: former, register })).toThrow(/already been registered/);
  expect(channel('hawser:open').hasSubscribers).toBe(true);
});

it('does not count what was open before, when it closes', async () => {
  const { register } = setUp();
  publish('hawser:close', { websocket: {}, role: 'server', code: 1000, reason: '' });
  publish('hawser:backpressure', { websocket: {}, role: 'server', bufferedBytes: 1 });
  publish('hawser:drain', { websocket: {}, role: 'server', bufferedBytes: 1 });
  expect(await samples(register, 'hawser_connections_open')).toEqual([]);
  expect(await samples(register, 'hawser_connections_full')).toEqual([]);
});

it('knows how many connections have a peer that does not keep up', async () => {
  const { register } = setUp();
  const [one, other] = [
    { websocket: {}, role: 'server' } as const,
    { websocket: {}, role: 'server' } as const,
  ];
  const full = async () => (await samples(register, 'hawser_connections_full'))[0]?.split(' ')[1];
  for (const end of [one, other]) {
    publish('hawser:open', end);
    publish('hawser:backpressure', { ...end, bufferedBytes: 100_000 });
  }
  expect(await full()).toBe('2');
  publish('hawser:drain', { ...one, bufferedBytes: 0 });
  expect(await full()).toBe('1');
  publish('hawser:close', { ...other, code: 1006, reason: '' });
  expect(await full()).toBe('0');
  expect(await samples(register, 'hawser_backpressure_total')).toEqual([
    'hawser_backpressure_total{role="server"} 2',
  ]);
});

it('counts fragments as one message, with all their bytes', async () => {
  const { register } = setUp();
  const sent = { websocket: {}, role: 'client', isBinary: true } as const;
  publish('hawser:message:out', { ...sent, bytes: 1, fin: false });
  publish('hawser:message:out', { ...sent, bytes: 2, fin: true });
  expect(await samples(register, 'hawser_sent_messages_total')).toEqual([
    'hawser_sent_messages_total{role="client",type="binary"} 1',
  ]);
  expect(await samples(register, 'hawser_sent_bytes_total')).toEqual([
    'hawser_sent_bytes_total{role="client",type="binary"} 3',
  ]);
});

it('counts a message that is a stream at both ends, with all its bytes', async () => {
  const { register } = setUp();
  const { wss, url } = await startTestServer();
  const accepted = nextConnection(wss, (ws) => ({ ws, streams: ws.messageStreams() }));
  const client = await openClient(url);
  await client.sendStream([Buffer.alloc(100_000), Buffer.alloc(3)]);
  await buffer((await (await accepted).streams.next()).value!);
  for (const [name, role] of Object.entries({ sent: 'client', received: 'server' })) {
    expect(await samples(register, `hawser_${name}_messages_total`)).toEqual([
      `hawser_${name}_messages_total{role="${role}",type="binary"} 1`,
    ]);
    expect(await samples(register, `hawser_${name}_bytes_total`)).toEqual([
      `hawser_${name}_bytes_total{role="${role}",type="binary"} 100003`,
    ]);
  }
});

it('counts refusals and errors', async () => {
  const { register } = setUp();
  const { url } = await startTestServer({ verifyClient: () => false });
  await closeCode(new WebSocket(url));
  expect(await samples(register, 'hawser_handshakes_refused_total')).toEqual([
    'hawser_handshakes_refused_total{role="server",status="401"} 1',
    'hawser_handshakes_refused_total{role="client",status="401"} 1',
  ]);
  expect(await samples(register, 'hawser_errors_total')).toEqual([
    'hawser_errors_total{role="client",code="other"} 1',
  ]);
});
