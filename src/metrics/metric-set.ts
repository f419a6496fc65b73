import {
  type CountedName,
  DURATION_BUCKETS_SECONDS,
  METRICS,
  type MetricName,
  type ObservedName,
} from './metric-table.ts';
import type { MetricConfiguration, MetricLabels, MetricsClient, MetricsRegister } from './metrics-client.ts';
import { Tally } from './tally.ts';

/** Which metrics to make. */
export interface MetricSetOptions<Register extends MetricsRegister> {
  readonly client: MetricsClient<Register>;
  readonly register: Register;
  readonly prefix: string;
  /** Labels that all of them have. */
  readonly labels: Readonly<Record<string, string>>;
}

type Observe = (labels: MetricLabels, value: number) => void;

/** The metrics of the table, in a register. */
export class MetricSet<Register extends MetricsRegister> {
  readonly #options: MetricSetOptions<Register>;
  readonly #tallies = new Map<MetricName, Tally>();
  readonly #histograms = new Map<MetricName, Observe>();

  /**
   * @throws {Error} The register has metrics of these names already, or a name is none.
   * @throws {TypeError} A label of `labels` is one of a metric's own.
   */
  constructor(options: MetricSetOptions<Register>) {
    this.#options = options;
    assertLabels(options.labels);
    for (const name of Object.keys(METRICS) as MetricName[]) this.#make(name);
  }

  /** Counts, by the values of the metric's labels, of which there are one or two. */
  count(name: CountedName, by: number, first: string, second?: string): void {
    this.#tallies.get(name)!.add(by, first, second);
  }

  /** Takes a time of so many milliseconds. */
  observe(name: ObservedName, milliseconds: number, ...values: string[]): void {
    this.#histograms.get(name)!(this.#labelsOf(name, values), milliseconds / 1000);
  }

  /** Takes the metrics out of their register. */
  remove(): void {
    const { register, prefix } = this.#options;
    for (const name of Object.keys(METRICS)) register.removeSingleMetric(`${prefix}${name}`);
  }

  #make(name: MetricName): void {
    const { client } = this.#options;
    const configuration = this.#configurationOf(name);
    const { kind } = METRICS[name];
    if (kind === 'histogram') {
      const histogram = new client.Histogram({ ...configuration, buckets: DURATION_BUCKETS_SECONDS });
      this.#histograms.set(name, (labels, value) => histogram.observe(labels, value));
      return;
    }
    const tally = new Tally();
    const collect = (): void =>
      tally.take((values, count) => metric.inc(this.#labelsOf(name, values), count));
    const metric = new client[kind === 'counter' ? 'Counter' : 'Gauge']({ ...configuration, collect });
    this.#tallies.set(name, tally);
  }

  #configurationOf(name: MetricName): MetricConfiguration<Register> {
    const { register, prefix, labels } = this.#options;
    return {
      name: `${prefix}${name}`,
      help: METRICS[name].help,
      labelNames: [...Object.keys(labels), ...METRICS[name].labels],
      registers: [register],
    };
  }

  #labelsOf(name: MetricName, values: readonly string[]): MetricLabels {
    const labels = { ...this.#options.labels };
    METRICS[name].labels.forEach((label, i) => {
      labels[label] = values[i]!;
    });
    return labels;
  }
}

function assertLabels(labels: Readonly<Record<string, string>>): void {
  const taken = new Set<string>(Object.values(METRICS).flatMap(({ labels }) => labels));
  const conflict = Object.keys(labels).find((label) => taken.has(label));
  if (conflict !== undefined) throw new TypeError(`The label ${conflict} is one of the metrics' own`);
}
