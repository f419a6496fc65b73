import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';
import { NODES, type NodeName } from '../shared/chat.mts';
import { freePorts } from './free-ports.mts';
import { Program } from './program.mts';
import { startProxy } from './proxy.mts';
import { findRequirements, type Requirements } from './requirements.mts';

export interface ClusterOptions {
  /** Where the proxy listens; 0 for a free port. */
  readonly port: number;
  /** Takes what the programs print. */
  log(line: string): void;
}

type Ports = Readonly<Record<'proxy' | 'redis' | NodeName, number>>;

/** The whole example: Redis, two nodes, nginx before them with the built page. */
export class ChatCluster {
  /** Where the page is. */
  readonly url: string;
  /** Settles when a program has ended that the others can't do without. */
  readonly broken: Promise<string>;
  readonly #ports: Ports;
  readonly #folder: string;
  readonly #log: (line: string) => void;
  readonly #nodes = new Map<NodeName, Program>();
  /** In the order in which they are stopped. */
  readonly #others: Program[] = [];
  #tellBroken!: (title: string) => void;
  #isClosing = false;

  private constructor(ports: Ports, folder: string, log: (line: string) => void) {
    this.url = `http://localhost:${ports.proxy}/`;
    this.broken = new Promise((resolve) => (this.#tellBroken = resolve));
    this.#ports = ports;
    this.#folder = folder;
    this.#log = log;
  }

  /** Starts all of it, on 127.0.0.1 only. Rejects when something is missing, or the port is taken. */
  static async start({ port, log }: ClusterOptions): Promise<ChatCluster> {
    const requirements = findRequirements();
    const ports = await choosePorts(port);
    const cluster = new ChatCluster(ports, await mkdtemp(join(tmpdir(), 'hawser-cluster-')), log);
    try {
      await cluster.#start(requirements);
    } catch (error) {
      await cluster.close();
      throw error;
    }
    return cluster;
  }

  /** Tells whether a node lives. */
  isUp(node: NodeName): boolean {
    return this.#nodes.has(node);
  }

  /** Starts a node again, at its old port. */
  async startNode(node: NodeName): Promise<void> {
    const program = await Program.start({
      title: `node ${node}`,
      command: process.execPath,
      args: ['--import', 'tsx', pathOf('server/node.mts')],
      env: {
        NODE_NAME: node,
        PORT: String(this.#ports[node]),
        REDIS_URL: `redis://127.0.0.1:${this.#ports.redis}`,
      },
      readyLine: /listens on port/,
      onLine: (line) => this.#log(`node ${node}: ${line}`),
    });
    this.#nodes.set(node, program);
    void program.ended.then(() => {
      this.#nodes.delete(node);
      if (!this.#isClosing) this.#log(`node ${node} is gone`);
    });
  }

  /** Ends a node as a crash would: nobody is told, nothing is written down. */
  async killNode(node: NodeName): Promise<void> {
    await this.#nodes.get(node)?.kill();
  }

  /** Stops all of it, and leaves nothing. */
  async close(): Promise<void> {
    this.#isClosing = true;
    await Promise.all([...this.#nodes.values()].map((node) => node.stop()));
    for (const program of this.#others) await program.stop();
    await rm(this.#folder, { recursive: true, force: true });
  }

  async #start({ nginx, redisServer }: Requirements): Promise<void> {
    await allSettled([this.#buildPage(), this.#startRedis(redisServer)]);
    await allSettled(NODES.map((node) => this.startNode(node)));
    await this.#startProxy(nginx);
  }

  async #buildPage(): Promise<void> {
    await build({
      configFile: pathOf('vite.config.mts'),
      logLevel: 'warn',
      build: { outDir: join(this.#folder, 'page') },
    });
  }

  async #startRedis(command: string): Promise<void> {
    const args = [
      '--port',
      String(this.#ports.redis),
      '--bind',
      '127.0.0.1',
      '--save',
      '',
      '--appendonly',
      'no',
    ];
    await this.#startOther('redis-server', (onLine) =>
      Program.start({
        title: 'redis-server',
        command,
        args: [...args, '--dir', this.#folder],
        readyLine: /Ready to accept connections/,
        onLine,
      }),
    );
  }

  async #startProxy(command: string): Promise<void> {
    const folder = this.#folder;
    const page = join(folder, 'page');
    await this.#startOther('nginx', (onLine) =>
      startProxy({ command, folder, port: this.#ports.proxy, nodePorts: this.#ports, page, onLine }),
    );
  }

  async #startOther(title: string, start: (onLine: (line: string) => void) => Promise<Program>) {
    const program = await start((line) => {
      if (!this.#isClosing && isWorthTelling(line)) this.#log(`${title}: ${line}`);
    });
    this.#others.unshift(program);
    void program.ended.then(() => {
      if (!this.#isClosing) this.#tellBroken(title);
    });
  }
}

/** Waits for all also when one of them fails, so that nothing is still being started when all is stopped. */
async function allSettled(work: Array<Promise<void>>): Promise<void> {
  const failed = (await Promise.allSettled(work)).find(({ status }) => status === 'rejected');
  if (failed !== undefined) throw (failed as PromiseRejectedResult).reason;
}

async function choosePorts(port: number): Promise<Ports> {
  const [proxy, redis, a, b] = await freePorts(port, 0, 0, 0);
  return { proxy: proxy!, redis: redis!, a: a!, b: b! };
}

/** Warnings and worse, of nginx and of Redis. */
function isWorthTelling(line: string): boolean {
  return /\[(?:warn|error|crit|alert|emerg)\]| # /.test(line);
}

function pathOf(file: string): string {
  return fileURLToPath(new URL(`../${file}`, import.meta.url));
}
