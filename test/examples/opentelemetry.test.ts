import { once } from 'node:events';
import { propagation, SpanKind, SpanStatusCode } from '@opentelemetry/api';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import { expect, it, onTestFinished } from 'vitest';
import { instrumentHawser } from '../../examples/opentelemetry/hawser-telemetry.mjs';
import { WebSocket } from '../../src/index.ts';
import { closeCode, echo, nextConnection, openClient, startTestServer } from '../behaviour/engine.ts';
import { frame } from '../behaviour/raw-frames.ts';
import { upgradeRaw } from '../behaviour/raw-peer.ts';

/** Instruments for the test that is running; what it exports stays in memory. */
function setUp() {
  const spans = new InMemorySpanExporter();
  const figures = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const reader = new PeriodicExportingMetricReader({ exporter: figures, exportIntervalMillis: 2 ** 31 - 1 });
  const tracerProvider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(spans)] });
  const meterProvider = new MeterProvider({ readers: [reader] });
  const stop = instrumentHawser({
    tracer: tracerProvider.getTracer('test'),
    meter: meterProvider.getMeter('test'),
  });
  onTestFinished(async () => {
    stop();
    await Promise.all([tracerProvider.shutdown(), meterProvider.shutdown()]);
  });
  return {
    spans: (name: string, role: string) =>
      spans
        .getFinishedSpans()
        .filter((span) => span.name === name && span.attributes['websocket.role'] === role),
    async metric(name: string) {
      await meterProvider.forceFlush();
      const all =
        figures
          .getMetrics()
          .at(-1)
          ?.scopeMetrics.flatMap(({ metrics }) => metrics) ?? [];
      return all.find(({ descriptor }) => descriptor.name === name)?.dataPoints ?? [];
    },
  };
}

it('has spans of a handshake and its connection at both ends, and what was sent', async () => {
  const { spans, metric } = setUp();
  const { wss, url } = await startTestServer();
  const accepted = nextConnection(wss, (ws) => {
    echo(ws);
    return { closed: closeCode(ws) };
  });
  propagation.setGlobalPropagator(new W3CTraceContextPropagator());
  onTestFinished(() => propagation.disable());
  const [traceId, spanId] = ['0af7651916cd43dd8448eb211c80319c', 'b7ad6b7169203331'];
  const traceparent = `00-${traceId}-${spanId}-01`;
  const ws = await openClient(`${url}chat?token=secret`, { headers: { traceparent } });
  ws.send('hello');
  await once(ws, 'message');
  const open = await metric('websocket.connections');
  expect(open.map(({ attributes, value }) => [attributes['websocket.role'], value]).sort()).toEqual([
    ['client', 1],
    ['server', 1],
  ]);
  const closed = closeCode(ws);
  ws.close(4000);
  await Promise.all([closed, (await accepted).closed]);

  for (const [role, kind] of [
    ['client', SpanKind.CLIENT],
    ['server', SpanKind.SERVER],
  ] as const) {
    const [handshake] = spans('websocket handshake', role) as [ReadableSpan];
    const [connection] = spans('websocket connection', role) as [ReadableSpan];
    expect(handshake).toMatchObject({
      kind,
      attributes: { 'url.path': '/chat', 'http.response.status_code': 101 },
      status: { code: SpanStatusCode.UNSET },
    });
    expect(connection.parentSpanContext?.spanId).toBe(handshake.spanContext().spanId);
    expect(connection.attributes).toMatchObject({
      'websocket.close.code': 4000,
      'websocket.messages.received': 1,
      'websocket.messages.sent': 1,
    });
  }
  // What the client's headers say that it belongs to.
  expect(spans('websocket handshake', 'server')[0]!.parentSpanContext).toMatchObject({ traceId, spanId });
  const values = (await metric('websocket.message.bytes')).map(({ attributes, value }) => [
    attributes['websocket.role'],
    attributes['websocket.direction'],
    value,
  ]);
  expect(values.sort()).toEqual([
    ['client', 'in', 5],
    ['client', 'out', 5],
    ['server', 'in', 5],
    ['server', 'out', 5],
  ]);
  expect(await metric('websocket.handshake.duration')).toHaveLength(2);
});

it('has a span of a handshake that is refused', async () => {
  const { spans } = setUp();
  const { url } = await startTestServer({ verifyClient: () => false });
  await closeCode(new WebSocket(url));
  for (const role of ['client', 'server']) {
    const [span] = spans('websocket handshake', role);
    expect(span).toMatchObject({
      attributes: { 'http.response.status_code': 401, 'error.type': '401' },
      status: { code: SpanStatusCode.ERROR },
    });
    expect(spans('websocket connection', role)).toEqual([]);
  }
});

it('has what a connection fails with', async () => {
  const { spans, metric } = setUp();
  const { wss, port } = await startTestServer({ maxPayload: 1 });
  const accepted = nextConnection(wss, (ws) => ({ closed: closeCode(ws) }));
  const peer = await upgradeRaw(port);
  peer.socket.write(frame(0x81, 'long', true));
  await (await accepted).closed;
  const [span] = spans('websocket connection', 'server');
  expect(span!.status).toEqual({ code: SpanStatusCode.ERROR, message: 'Max payload size exceeded' });
  expect(span!.events[0]!.attributes).toMatchObject({
    'exception.type': 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH',
  });
  expect(await metric('websocket.limits')).toMatchObject([
    { value: 1, attributes: { 'websocket.limit': 'maxPayload' } },
  ]);
});
