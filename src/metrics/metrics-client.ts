/** What is used of a client of Prometheus: @prometheus-io/client, or prom-client, which it was called before. */
export interface MetricsClient<Register extends MetricsRegister> {
  readonly Counter: new (
    configuration: MetricConfiguration<Register>,
  ) => { inc(labels: MetricLabels, value: number): void };
  readonly Gauge: new (
    configuration: MetricConfiguration<Register>,
  ) => { inc(labels: MetricLabels, value: number): void };
  readonly Histogram: new (
    configuration: MetricConfiguration<Register> & { buckets: number[] },
  ) => { observe(labels: MetricLabels, value: number): void };
  /** Where metrics go that no other register is named for. */
  readonly register: Register;
}

/** What is used of its registers. */
export interface MetricsRegister {
  removeSingleMetric(name: string): void;
}

export type MetricLabels = Record<string, string>;

export interface MetricConfiguration<Register> {
  name: string;
  help: string;
  labelNames: string[];
  registers: Register[];
  /** Called before the metric is read. */
  collect?: () => void;
}
