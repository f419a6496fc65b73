import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { createClient } from 'redis';
import { freePorts } from '../../examples/chat-cluster/cluster/free-ports.mts';
import { findRedisServer } from '../../scripts/redis-server.mjs';

/** What the server that a sentinel watches is called. */
export const MASTER = 'master';

/** A Redis server of the test's own, on a free port, with its files in a folder of its own. */
export class RedisServer {
  readonly port: number;
  readonly #args: readonly string[];
  /** What a sentinel watches: it has to be in a file, to which it adds what it finds out. */
  readonly #watched: RedisServer | undefined;
  readonly #folder = mkdtempSync(join(tmpdir(), 'hawser-redis-'));
  #child: ChildProcess | undefined;

  private constructor(port: number, args: readonly string[], watched: RedisServer | undefined) {
    this.port = port;
    this.#args = args;
    this.#watched = watched;
  }

  /** Starts a server; throws with what to do about it where there is none. */
  static async start(...args: string[]): Promise<RedisServer> {
    return RedisServer.#start(args);
  }

  /** Starts a sentinel, which lets a replica take over by itself when the server that it watches does not answer. */
  static async startSentinel(watched: RedisServer): Promise<RedisServer> {
    return RedisServer.#start([], watched);
  }

  static async #start(args: readonly string[], watched?: RedisServer): Promise<RedisServer> {
    for (;;) {
      const [port = 0] = await freePorts(0);
      const server = new RedisServer(port, args, watched);
      try {
        await server.start();
        return server;
      } catch (error) {
        await server.stop();
        // Somebody was faster to take the port.
        if (!String(error).includes('Address already in use')) throw error;
      }
    }
  }

  /** Starts a cluster of one server, which has all slots. */
  static async startCluster(): Promise<RedisServer> {
    const server = await RedisServer.start('--cluster-enabled', 'yes', '--cluster-announce-ip', '127.0.0.1');
    const client = createClient({ url: server.url });
    await client.connect();
    await client.sendCommand(['CLUSTER', 'ADDSLOTSRANGE', '0', '16383']);
    let info = '';
    while (!info.includes('cluster_state:ok')) info = String(await client.sendCommand(['CLUSTER', 'INFO']));
    client.destroy();
    return server;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  /** Starts the server again, with what it has in its files. */
  async start(): Promise<void> {
    const { executablePath, reason } = findRedisServer();
    if (executablePath === undefined) throw new Error(reason);
    const own = ['--port', String(this.port), '--bind', '127.0.0.1', '--dir', this.#folder];
    const role = this.#watched === undefined ? ['--save', ''] : ['--sentinel'];
    const args = [...this.#configuration(), ...own, ...role, ...this.#args];
    const child = spawn(executablePath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    this.#child = child;
    const output: string[] = [];
    for await (const line of createInterface(child.stdout!)) {
      output.push(line);
      if (/Ready to accept connections|Sentinel ID is/.test(line)) {
        child.stdout!.resume();
        return;
      }
    }
    throw new Error(`redis-server ended:\n${output.join('\n')}`);
  }

  /** The file that a sentinel begins with. */
  #configuration(): string[] {
    if (this.#watched === undefined) return [];
    const file = join(this.#folder, 'sentinel.conf');
    const lines = [
      `sentinel monitor ${MASTER} 127.0.0.1 ${this.#watched.port} 1`,
      `sentinel down-after-milliseconds ${MASTER} 500`,
      `sentinel failover-timeout ${MASTER} 5000`,
    ];
    writeFileSync(file, lines.join('\n'));
    return [file];
  }

  /** Starts the server again, without anything that it had. */
  async startEmpty(): Promise<void> {
    rmSync(this.#folder, { recursive: true, force: true });
    mkdirSync(this.#folder);
    await this.start();
  }

  /** Ends the server at once. */
  async kill(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (child === undefined || child.exitCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }

  /** Ends the server and removes its files. */
  async stop(): Promise<void> {
    await this.kill();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
