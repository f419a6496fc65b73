// Spans and instruments of OpenTelemetry, from what Hawser tells on its channels.
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { context, metrics, propagation, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';

/** Of histograms, in seconds. */
const BOUNDARIES = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** Traces and measures all WebSockets of the process from now on. Returns what stops it. */
export function instrumentHawser({
  tracer = trace.getTracer('hawser'),
  meter = metrics.getMeter('hawser'),
} = {}) {
  const listeners = [...Object.entries(tracing(tracer)), ...Object.entries(measuring(meter))];
  for (const [name, listener] of listeners) subscribe(name, listener);
  return () => {
    for (const [name, listener] of listeners) unsubscribe(name, listener);
  };
}

/** The listeners that make spans. */
function tracing(tracer) {
  /** By the object that is the same from the start to the end. */
  const handshakes = new WeakMap();
  /** Of each WebSocket: the span of its handshake, then that of its connection with what is counted. */
  const opening = new WeakMap();
  const connections = new WeakMap();
  return {
    'hawser:handshake:start'(handshake) {
      const { role, url, request } = handshake;
      const parent =
        request === undefined ? context.active() : propagation.extract(context.active(), request.headers);
      const options = {
        kind: role === 'server' ? SpanKind.SERVER : SpanKind.CLIENT,
        attributes: { 'websocket.role': role, ...(url !== undefined && { 'url.path': pathOf(url) }) },
      };
      handshakes.set(handshake, tracer.startSpan('websocket handshake', options, parent));
    },
    'hawser:handshake:end'(handshake) {
      const span = handshakes.get(handshake);
      if (span === undefined) return;
      span.setAttribute('http.response.status_code', handshake.statusCode);
      span.end();
      opening.set(handshake.websocket, span);
    },
    'hawser:handshake:refused'(handshake) {
      const span = handshakes.get(handshake);
      if (span === undefined) return;
      const { statusCode, error } = handshake;
      if (statusCode !== undefined) span.setAttribute('http.response.status_code', statusCode);
      span.setAttribute('error.type', String(error?.code ?? statusCode ?? 'aborted'));
      span.setStatus({ code: SpanStatusCode.ERROR, ...(error && { message: error.message }) });
      span.end();
    },
    'hawser:open'({ websocket, role }) {
      const handshake = opening.get(websocket);
      const parent = handshake === undefined ? context.active() : trace.setSpan(context.active(), handshake);
      const attributes = { 'websocket.role': role };
      const span = tracer.startSpan('websocket connection', { attributes }, parent);
      connections.set(websocket, { span, received: 0, sent: 0 });
    },
    'hawser:message:in'({ websocket }) {
      const connection = connections.get(websocket);
      if (connection !== undefined) connection.received++;
    },
    'hawser:message:out'({ websocket, fin }) {
      const connection = connections.get(websocket);
      if (connection !== undefined && fin) connection.sent++;
    },
    'hawser:close'({ websocket, code }) {
      const connection = connections.get(websocket);
      if (connection === undefined) return;
      const { span, received, sent } = connection;
      span.setAttributes({
        'websocket.close.code': code,
        'websocket.messages.received': received,
        'websocket.messages.sent': sent,
      });
      span.end();
    },
    'hawser:error'({ websocket, error }) {
      const span = connections.get(websocket)?.span;
      span?.recordException(error);
      span?.setStatus({ code: SpanStatusCode.ERROR, message: error.message });
    },
  };
}

/** The listeners that measure. */
function measuring(meter) {
  const inSeconds = { unit: 's', advice: { explicitBucketBoundaries: BOUNDARIES } };
  const connections = meter.createUpDownCounter('websocket.connections');
  const handshakeDuration = meter.createHistogram('websocket.handshake.duration', inSeconds);
  const messages = meter.createCounter('websocket.messages');
  const bytes = meter.createCounter('websocket.message.bytes', { unit: 'By' });
  const latency = meter.createHistogram('websocket.ping.latency', inSeconds);
  const limits = meter.createCounter('websocket.limits');
  const open = new WeakSet();
  const endHandshake = ({ role, durationMs, statusCode }) => {
    const status = statusCode === undefined ? {} : { 'http.response.status_code': statusCode };
    handshakeDuration.record(durationMs / 1000, { 'websocket.role': role, ...status });
  };
  return {
    'hawser:handshake:end': endHandshake,
    'hawser:handshake:refused': endHandshake,
    'hawser:open'({ websocket, role }) {
      open.add(websocket);
      connections.add(1, { 'websocket.role': role });
    },
    'hawser:close'({ websocket, role }) {
      if (open.delete(websocket)) connections.add(-1, { 'websocket.role': role });
    },
    'hawser:message:in'(message) {
      const attributes = { 'websocket.role': message.role, 'websocket.direction': 'in' };
      messages.add(1, attributes);
      bytes.add(message.bytes, attributes);
    },
    'hawser:message:out'(message) {
      const attributes = { 'websocket.role': message.role, 'websocket.direction': 'out' };
      if (message.fin) messages.add(1, attributes);
      bytes.add(message.bytes, attributes);
    },
    'hawser:ping:latency'({ role, latencyMs }) {
      latency.record(latencyMs / 1000, { 'websocket.role': role });
    },
    'hawser:limit'({ role, limit }) {
      limits.add(1, { 'websocket.role': role, 'websocket.limit': limit });
    },
  };
}

/** Without the query, which may hold a token. */
function pathOf(url) {
  return new URL(url, 'ws://localhost').pathname;
}
