import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { ChannelMessages, ChannelName } from '../diagnostics/channels.ts';
import { closeCodeLabel, errorLabel, hubErrorLabel, statusLabel } from './bounded-labels.ts';
import { MetricSet } from './metric-set.ts';
import type { MetricsClient, MetricsRegister } from './metrics-client.ts';

export interface MetricsOptions<Register extends MetricsRegister> {
  /** The client of Prometheus: all that `@prometheus-io/client`, or `prom-client`, exports. */
  readonly client: MetricsClient<Register>;
  /** Where the metrics go, a register of the same client; by default its own. */
  readonly register?: Register | undefined;
  /** What all names begin with; `hawser_` by default. */
  readonly prefix?: string | undefined;
  /** Labels that all metrics have, with their values. */
  readonly labels?: Readonly<Record<string, string>> | undefined;
}

/** Metrics that are kept until they are stopped. */
export interface Metrics {
  /** Stops listening, and takes the metrics out of the register. */
  stop(): void;
}

type Listeners = { readonly [Name in ChannelName]?: (message: ChannelMessages[Name]) => void };

/**
 * Keeps metrics of all connections of the process, of servers and clients, for Prometheus. It counts what the channels of
 * `node:diagnostics_channel` carry from now on: make them before there are connections (docs/observability.md).
 *
 * @throws {Error} The register has metrics of these names already, or the prefix makes them no names.
 * @throws {TypeError} A label of `labels` is one of a metric's own.
 */
export function createMetrics<Register extends MetricsRegister>({
  client,
  register = client.register,
  prefix = 'hawser_',
  labels = {},
}: MetricsOptions<Register>): Metrics {
  const set = new MetricSet({ client, register, prefix, labels });
  const unsubscribeAll = subscribeAll(listenersOf(set));
  return {
    stop() {
      unsubscribeAll();
      set.remove();
    },
  };
}

function subscribeAll(listeners: Listeners): () => void {
  const all = Object.entries(listeners) as Array<[ChannelName, (message: unknown) => void]>;
  for (const [name, listener] of all) subscribe(name, listener);
  return () => {
    for (const [name, listener] of all) unsubscribe(name, listener);
  };
}

function listenersOf<Register extends MetricsRegister>(set: MetricSet<Register>): Listeners {
  /** Those that were seen to open: what was there before is not counted when it closes either. */
  const open = new WeakSet<object>();
  const full = new WeakSet<object>();
  const noLongerFull = (websocket: object, role: string): void => {
    if (full.delete(websocket)) set.count('connections_full', -1, role);
  };
  return {
    'hawser:open'({ websocket, role }) {
      open.add(websocket);
      set.count('connections_opened_total', 1, role);
      set.count('connections_open', 1, role);
    },
    'hawser:close'({ websocket, role, code }) {
      if (!open.delete(websocket)) return;
      set.count('connections_closed_total', 1, role, closeCodeLabel(code));
      set.count('connections_open', -1, role);
      noLongerFull(websocket, role);
    },
    'hawser:handshake:end'({ role, durationMs }) {
      set.observe('handshake_duration_seconds', durationMs!, role);
    },
    'hawser:handshake:refused'({ role, statusCode }) {
      set.count('handshakes_refused_total', 1, role, statusLabel(statusCode));
    },
    'hawser:message:in'({ role, isBinary, bytes }) {
      const type = typeOf(isBinary);
      set.count('received_messages_total', 1, role, type);
      set.count('received_bytes_total', bytes, role, type);
    },
    'hawser:message:out'({ role, isBinary, bytes, fin }) {
      const type = typeOf(isBinary);
      set.count('sent_messages_total', fin ? 1 : 0, role, type);
      set.count('sent_bytes_total', bytes, role, type);
    },
    'hawser:ping:latency'({ role, latencyMs }) {
      set.observe('ping_latency_seconds', latencyMs, role);
    },
    'hawser:backpressure'({ websocket, role }) {
      set.count('backpressure_total', 1, role);
      if (!open.has(websocket) || full.has(websocket)) return;
      full.add(websocket);
      set.count('connections_full', 1, role);
    },
    'hawser:drain'({ websocket, role }) {
      noLongerFull(websocket, role);
    },
    'hawser:limit'({ role, limit }) {
      set.count('limits_total', 1, role, limit);
    },
    'hawser:error'({ role, error }) {
      set.count('errors_total', 1, role, errorLabel(error));
    },
    'hawser:hub:connect'({ socket, namespace }) {
      open.add(socket);
      set.count('hub_sockets', 1, namespace);
    },
    'hawser:hub:disconnect'({ socket, namespace }) {
      if (open.delete(socket)) set.count('hub_sockets', -1, namespace);
    },
    'hawser:hub:room:open'({ namespace }) {
      set.count('hub_rooms', 1, namespace);
    },
    'hawser:hub:room:close'({ namespace }) {
      set.count('hub_rooms', -1, namespace);
    },
    'hawser:hub:refused'({ code }) {
      set.count('hub_refused_total', 1, hubErrorLabel(code));
    },
  };
}

function typeOf(isBinary: boolean): string {
  return isBinary ? 'binary' : 'text';
}
