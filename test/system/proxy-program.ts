import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { freePorts } from '../../examples/chat-cluster/cluster/free-ports.mts';
import { findProxyServer } from '../../scripts/proxy-servers.mjs';
import type { Certificate } from '../e2e/certificate.ts';
import { pathOf, startProgram, temporaryFolder, whenReady } from './program.ts';

/** Who may use the proxies. */
export const USER = 'me';
export const PASSWORD = 'secret';

/** Starts tinyproxy for the test that is running, and returns its port. */
export async function startTinyproxy(): Promise<number> {
  const folder = openFolder();
  const [port = 0] = await freePorts(0);
  const config = `Port ${port}\nListen 127.0.0.1\nTimeout 600\nBasicAuth ${USER} ${PASSWORD}\n`;
  await run('tinyproxy', ['-d', '-c', write(folder, 'tinyproxy.conf', config)], [port]);
  return port;
}

/** Starts squid for the test that is running, and returns its ports: for HTTP, and for TLS. */
export async function startSquid({ cert, key }: Certificate): Promise<[http: number, https: number]> {
  const folder = openFolder();
  const [http = 0, https = 0] = await freePorts(0, 0);
  const hash = execFileSync('openssl', ['passwd', '-apr1', PASSWORD], { encoding: 'utf8' });
  const users = write(folder, 'users', `${USER}:${hash}`);
  const pair = write(folder, 'pair.pem', `${cert}${key}`);
  const helper = process.env.SQUID_NCSA_AUTH_PATH ?? '/usr/lib/squid/basic_ncsa_auth';
  const config = `
http_port 127.0.0.1:${http}
https_port 127.0.0.1:${https} tls-cert=${pair}
auth_param basic program ${helper} ${users}
acl known proxy_auth REQUIRED
http_access allow known
http_access deny all
cache deny all
cache_mem 0
pid_filename none
access_log none
cache_log /dev/null
pinger_enable off
shutdown_lifetime 0 seconds
`;
  await run('squid', ['-N', '-f', write(folder, 'squid.conf', config)], [http, https]);
  return [http, https];
}

/** Starts microsocks for the test that is running, and returns its port. */
export async function startMicrosocks(): Promise<number> {
  const [port = 0] = await freePorts(0);
  await run('microsocks', ['-i', '127.0.0.1', '-p', `${port}`, '-u', USER, '-P', PASSWORD], [port]);
  return port;
}

async function run(
  name: 'tinyproxy' | 'squid' | 'microsocks',
  args: readonly string[],
  ports: readonly number[],
): Promise<void> {
  const child = startProgram(pathOf(findProxyServer(name)), args);
  for (const port of ports) await whenReady(child, () => isListening(port));
}

async function isListening(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

/** Who the program runs as may be another user. */
function openFolder(): string {
  const folder = temporaryFolder('proxy');
  chmodSync(folder, 0o755);
  return folder;
}

function write(folder: string, name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}
