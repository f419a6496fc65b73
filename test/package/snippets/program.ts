import { type ChildProcess, spawn } from 'node:child_process';
import { on, once } from 'node:events';
import { cpSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { transformSync } from 'rolldown/utils';
import { onTestFinished } from 'vitest';
import { freePorts } from '../../../examples/chat-cluster/cluster/free-ports.mts';
import { type ClientOptions, WebSocket, WebSocketServer } from '../../../src/index.ts';
import { installOnce } from '../install-once.ts';
import { createProject } from '../project.ts';
import type { Snippet } from './snippet.ts';

/** What a page takes for granted of the program it shows, and how the program is looked at. */
export interface Case {
  /** Comes before the program: names that the page does not define, with their types for the compiler. */
  readonly before?: string;
  /** Comes behind it. */
  readonly after?: string;
  /** Texts of it that are others here. The port 8080 is always another. */
  readonly replace?: Readonly<Record<string, string>>;
  /** Packages that it needs beside Hawser. */
  readonly packages?: readonly string[];
  /** Packages of the registry that it needs, each with its version. */
  readonly installed?: readonly string[];
  /** Files that it reads. */
  readonly files?: () => Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
  /** Runs it and looks at what it does. */
  check(start: Start): Promise<void>;
}

/** Starts the program. `peer` is where the page's URLs lead; `listener` is the descriptor of a socket that it gets as 3. */
export type Start = (options?: { peer?: string; listener?: number }) => Promise<Program>;

const URL_OF_PAGE = /\bwss?:\/\/(?:example\.(?:org|com)|localhost:8080)/g;

/** Returns what the compiler and Node get of a snippet. */
export function sourceOf({ text }: Snippet, { before = '', after = '', replace = {} }: Case): string {
  let source = text;
  for (const [from, to] of Object.entries(replace)) {
    if (!source.includes(from)) throw new Error(`The snippet does not contain ${from}`);
    source = source.replaceAll(from, to);
  }
  return [before, source, after].filter((part) => part !== '').join('\n');
}

/** Makes what starts a snippet in a project that has Hawser installed from its tarball. */
export function starter(snippet: Snippet, given: Case): Start {
  return async ({ peer, listener } = {}) => {
    const [port = 0] = await freePorts(0);
    const source = sourceOf(snippet, given)
      .replaceAll(URL_OF_PAGE, peer ?? '$&')
      .replaceAll('8080', String(port));
    const { code } = transformSync(`program.${snippet.language === 'js' ? 'ts' : 'tsx'}`, source);
    const project = createProject({ 'program.mjs': code, ...given.files?.() }, given.packages);
    if (given.installed !== undefined) {
      cpSync(
        await installOnce(`snippets/${given.installed.join('+')}`, given.installed),
        join(project.folder, 'node_modules'),
        {
          recursive: true,
        },
      );
    }
    const child = spawn(process.execPath, ['program.mjs'], {
      cwd: project.folder,
      env: { ...process.env, NODE_OPTIONS: '', ...given.env },
      stdio: ['ignore', 'pipe', 'pipe', listener ?? 'ignore'],
    });
    return new Program(child, port);
  };
}

/** A snippet that runs. */
export class Program {
  readonly port: number;
  readonly #child: ChildProcess;
  #output = '';
  readonly #ended: Promise<number | null>;

  constructor(child: ChildProcess, port: number) {
    this.#child = child;
    this.port = port;
    for (const stream of [child.stdout!, child.stderr!]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        this.#output += text;
      });
    }
    this.#ended = once(child, 'close').then(([code]) => code as number | null);
    onTestFinished(async () => {
      child.kill('SIGKILL');
      await this.#ended;
    });
  }

  /** Connects to it, as soon as it listens. */
  async connect(path = '/', options: ClientOptions = {}, port = this.port): Promise<WebSocket> {
    const ws = await this.attempt(path, options, port);
    if (typeof ws === 'string') throw new Error(ws);
    return ws;
  }

  /** As `connect`; returns the error's message where it refuses. */
  async attempt(
    path = '/',
    options: ClientOptions = {},
    port: number = this.port,
  ): Promise<WebSocket | string> {
    for (;;) {
      const ws = new WebSocket(`ws://localhost:${port}${path}`, options);
      onTestFinished(() => ws.terminate());
      const error = await once(ws, 'open').then(
        () => undefined,
        (reason: NodeJS.ErrnoException) => reason,
      );
      if (error === undefined) return ws;
      if (!isNotListening(error)) return error.message;
      if (this.#child.exitCode !== null) throw new Error(`It ended without listening: ${this.#output}`);
    }
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Resolves with what it printed until it contained `text`. */
  async printed(text: string): Promise<string> {
    while (!this.#output.includes(text)) {
      if (this.#child.exitCode !== null) throw new Error(`It did not print ${text}: ${this.#output}`);
      await Promise.race([once(this.#child.stdout!, 'data'), once(this.#child.stderr!, 'data'), this.#ended]);
    }
    return this.#output;
  }

  /** Resolves with all that it printed when it has ended by itself. @throws {Error} It failed. */
  async ended(): Promise<string> {
    const code = await this.#ended;
    if (code !== 0) throw new Error(`It ended with ${code}: ${this.#output}`);
    return this.#output;
  }
}

function isNotListening(error: NodeJS.ErrnoException): boolean {
  const errors = error instanceof AggregateError ? error.errors : [error];
  return errors.every(({ code }) => code === 'ECONNREFUSED');
}

/** Gives a program what browsers have, and Node from version 22 on. */
export const PLATFORM = `
import { WebSocket as Platform } from 'hawser/web';
Object.assign(globalThis, { WebSocket: Platform });
`;

/** Starts a server that a snippet connects to, and returns it with its URL. */
export async function startPeer(): Promise<{ wss: WebSocketServer; url: string }> {
  const wss = new WebSocketServer({ port: 0 });
  await once(wss, 'listening');
  onTestFinished(() => {
    for (const ws of wss.clients) ws.terminate();
    wss.close();
  });
  return { wss, url: `ws://localhost:${(wss.address() as AddressInfo).port}` };
}

const messages = new WeakMap<WebSocket, ReturnType<typeof on>>();

/** Resolves with the next message, as text; those that come between two calls wait. */
export async function nextText(ws: WebSocket): Promise<string> {
  const waiting = messages.get(ws) ?? on(ws, 'message');
  messages.set(ws, waiting);
  const { value } = await waiting.next();
  return String(value[0]);
}
