const MILLISECOND = 0.001;

/** Of what takes from a part of a millisecond to a few seconds, in seconds. */
export const DURATION_BUCKETS_SECONDS = [
  0.5, 1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000,
].map((milliseconds) => milliseconds * MILLISECOND);

interface MetricEntry {
  readonly kind: 'counter' | 'gauge' | 'histogram';
  readonly help: string;
  readonly labels: readonly string[];
}

/** All metrics, by their names without the prefix. */
export const METRICS = {
  connections_open: { kind: 'gauge', help: 'Open connections', labels: ['role'] },
  connections_opened_total: { kind: 'counter', help: 'Connections that were opened', labels: ['role'] },
  connections_closed_total: {
    kind: 'counter',
    help: 'Connections that were closed, by the close code of the peer',
    labels: ['role', 'code'],
  },
  handshake_duration_seconds: {
    kind: 'histogram',
    help: 'How long opening handshakes took that succeeded',
    labels: ['role'],
  },
  handshakes_refused_total: {
    kind: 'counter',
    help: 'Opening handshakes that failed, by the status of the response',
    labels: ['role', 'status'],
  },
  received_messages_total: { kind: 'counter', help: 'Messages that came', labels: ['role', 'type'] },
  received_bytes_total: {
    kind: 'counter',
    help: 'Bytes of payload that came, as inflated',
    labels: ['role', 'type'],
  },
  sent_messages_total: {
    kind: 'counter',
    help: 'Messages that were given to be sent',
    labels: ['role', 'type'],
  },
  sent_bytes_total: {
    kind: 'counter',
    help: 'Bytes of payload that were given to be sent, before they are deflated',
    labels: ['role', 'type'],
  },
  ping_latency_seconds: {
    kind: 'histogram',
    help: 'From a ping of the heartbeat to its pong',
    labels: ['role'],
  },
  connections_full: {
    kind: 'gauge',
    help: 'Connections whose peer does not keep up: more waits than the high mark, and not yet less than the low one',
    labels: ['role'],
  },
  backpressure_total: {
    kind: 'counter',
    help: 'How often more than the high mark came to wait for a peer',
    labels: ['role'],
  },
  limits_total: {
    kind: 'counter',
    help: 'Limits that peers hit, by their option',
    labels: ['role', 'limit'],
  },
  errors_total: {
    kind: 'counter',
    help: 'Connections and attempts at one that failed, by the code of the error',
    labels: ['role', 'code'],
  },
  hub_sockets: { kind: 'gauge', help: 'Clients of hubs that can be spoken to', labels: ['namespace'] },
  hub_rooms: { kind: 'gauge', help: 'Rooms of hubs that have sockets on this node', labels: ['namespace'] },
  hub_refused_total: { kind: 'counter', help: 'Messages that hubs refused', labels: ['code'] },
} as const satisfies Record<string, MetricEntry>;

export type MetricName = keyof typeof METRICS;

/** Those that are counted, up or up and down. */
export type CountedName = { [Name in MetricName]: Kind<Name> extends 'histogram' ? never : Name }[MetricName];

/** Those of which each value counts. */
export type ObservedName = Exclude<MetricName, CountedName>;

type Kind<Name extends MetricName> = (typeof METRICS)[Name]['kind'];
