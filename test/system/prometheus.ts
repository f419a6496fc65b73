import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePorts } from '../../examples/chat-cluster/cluster/free-ports.mts';
import { findPrometheus } from '../../scripts/prometheus.mjs';
import { pathOf, startProgram, temporaryFolder, whenReady } from './program.ts';

/** A line of what a query has, now. */
export interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** Prometheus, which scrapes one target twice a second; it ends with the test. */
export class Prometheus {
  readonly #url: string;

  private constructor(port: number) {
    this.#url = `http://127.0.0.1:${port}`;
  }

  /**
   * Starts it.
   *
   * @param job - What the target is called.
   * @param target - Its host and port.
   * @param rules - The path of a file of rules.
   */
  static async start(job: string, target: string, rules: string): Promise<Prometheus> {
    const folder = temporaryFolder('prometheus');
    const config = {
      global: { scrape_interval: '500ms', evaluation_interval: '500ms' },
      rule_files: [rules],
      scrape_configs: [{ job_name: job, static_configs: [{ targets: [target] }] }],
    };
    // YAML has all of JSON.
    const configFile = join(folder, 'prometheus.yml');
    writeFileSync(configFile, JSON.stringify(config));
    const [port = 0] = await freePorts(0);
    const child = startProgram(pathOf(findPrometheus('prometheus')), [
      `--config.file=${configFile}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
      '--log.level=error',
    ]);
    const prometheus = new Prometheus(port);
    await whenReady(child, () => prometheus.#isReady());
    return prometheus;
  }

  /** Evaluates an expression. Rejects with what Prometheus says of one that it can't read. */
  async query(expression: string): Promise<Sample[]> {
    const { result } = (await this.#get('query', { query: expression })) as {
      result: ReadonlyArray<{ metric: Record<string, string>; value: [at: number, value: string] }>;
    };
    return result.map(({ metric, value }) => ({ labels: metric, value: Number(value[1]) }));
  }

  /** Returns the values of a label among the series that `selector` takes. */
  async labelValues(label: string, selector: string): Promise<string[]> {
    return (await this.#get(`label/${label}/values`, { 'match[]': selector })) as string[];
  }

  /** Returns the rules, each with how it went: `ok`, `unknown` before the first time, or `err`. */
  async rules(): Promise<Array<{ name: string; health: string; lastError?: string }>> {
    const { groups } = (await this.#get('rules', {})) as {
      groups: Array<{ rules: Array<{ name: string; health: string; lastError?: string }> }>;
    };
    return groups.flatMap(({ rules }) => rules);
  }

  async #get(path: string, parameters: Record<string, string>): Promise<unknown> {
    const response = await fetch(`${this.#url}/api/v1/${path}?${new URLSearchParams(parameters)}`);
    const { status, data, error } = (await response.json()) as Record<string, unknown>;
    if (status !== 'success') throw new Error(`${error}: ${JSON.stringify(parameters)}`);
    return data;
  }

  async #isReady(): Promise<boolean> {
    const response = await fetch(`${this.#url}/-/ready`).catch(() => undefined);
    return response?.ok === true;
  }
}

/** Runs promtool, and returns what it prints. Throws with that when it finds fault. */
export function promtool(...args: string[]): string {
  return execFileSync(pathOf(findPrometheus('promtool')), args, { encoding: 'utf8', stdio: 'pipe' });
}
