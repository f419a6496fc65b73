import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { NodeName } from '../shared/chat.mts';
import { Program } from './program.mts';

const TEMPLATE = fileURLToPath(new URL('../proxy/nginx.conf.template', import.meta.url));

export interface ProxyOptions {
  /** The path of nginx. */
  readonly command: string;
  /** Takes all that nginx writes. */
  readonly folder: string;
  /** Where it listens. */
  readonly port: number;
  /** Where the nodes listen, or will. */
  readonly nodePorts: Readonly<Record<NodeName, number>>;
  /** The folder of the built page. */
  readonly page: string;
  /** Gets what it prints. */
  onLine(line: string): void;
}

/** Starts nginx before two nodes, on 127.0.0.1. */
export async function startProxy(options: ProxyOptions): Promise<Program> {
  const { command, folder, onLine } = options;
  await writeFile(join(folder, 'nginx.conf'), await configurationFor(options));
  // As root its workers would become somebody else, who can't read the folder.
  const user = process.getuid?.() === 0 ? ' user root;' : '';
  return Program.start({
    title: 'nginx',
    command,
    args: ['-p', folder, '-c', 'nginx.conf', '-e', 'stderr', '-g', `daemon off;${user}`],
    readyLine: /start worker process /,
    onLine,
  });
}

async function configurationFor({ port, nodePorts, page }: ProxyOptions): Promise<string> {
  const values: Record<string, string | number> = {
    PORT: port,
    NODE_A_PORT: nodePorts.a,
    NODE_B_PORT: nodePorts.b,
    PAGE: page,
  };
  const template = await readFile(TEMPLATE, 'utf8');
  return template.replaceAll(/\$\{([A-Z_]+)\}/g, (_, name: string) => String(values[name]));
}
