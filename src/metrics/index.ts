/** Metrics for Prometheus, of all connections of the process. @module */

export { createMetrics, type Metrics, type MetricsOptions } from './create-metrics.ts';
export type { MetricConfiguration, MetricLabels, MetricsClient, MetricsRegister } from './metrics-client.ts';
