// What is compared: the versions, how each is installed and started, and what it does not have.
import { execFile, execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, isAbsolute, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { needsOf } from './scenarios.mjs';

const INSTALL_LIMIT_MS = 10 * 60_000;

const here = dirname(fileURLToPath(import.meta.url));
const root = dirname(here);

/**
 * `runtime` runs `server` and `client`; `module` is what they import. `lacks` are needs of scenarios (scenarios.mjs) that
 * the peer has no answer to. A new version is tried by changing it here.
 */
export const PEERS = [
  {
    id: 'hawser',
    title: 'Hawser',
    runtime: 'node',
    packages: {},
    module: join(root, 'dist', 'index.mjs'),
    server: 'hawser.mjs',
    client: 'ws.mjs',
    lacks: [],
  },
  {
    id: 'ws',
    title: 'ws',
    runtime: 'node',
    packages: { ws: '8.23.0' },
    module: 'ws/wrapper.mjs',
    server: 'ws.mjs',
    client: 'ws.mjs',
    lacks: [],
  },
  {
    id: 'ws-bufferutil',
    title: 'ws + bufferutil',
    runtime: 'node',
    packages: { ws: '8.23.0', bufferutil: '4.1.0' },
    native: 'bufferutil',
    module: 'ws/wrapper.mjs',
    server: 'ws.mjs',
    client: 'ws.mjs',
    lacks: [],
  },
  {
    id: 'bun',
    title: 'Bun',
    runtime: 'bun',
    packages: { bun: '1.4.5' },
    server: 'bun.mjs',
    client: 'standard.mjs',
    lacks: [],
  },
  {
    id: 'deno',
    title: 'Deno',
    runtime: 'deno',
    packages: { deno: '2.9.6' },
    server: 'deno.mjs',
    client: 'standard.mjs',
    // Its server does not answer the offer of permessage-deflate.
    lacks: ['deflate'],
  },
  {
    id: 'net',
    title: 'bare sockets',
    runtime: 'node',
    packages: {},
    raw: true,
    server: 'net.mjs',
    client: 'net.mjs',
    // It knows no messages.
    lacks: ['deflate', 'text'],
  },
];

/** Hawser with somebody who listens to its channels: measured when they are named, and never kept. */
export const WATCHED_PEERS = [
  { ...PEERS[0], id: 'hawser-watched', title: 'Hawser, channels heard', server: 'hawser-watched.mjs' },
  { ...PEERS[0], id: 'hawser-metrics', title: 'Hawser, with metrics', server: 'hawser-metrics.mjs' },
];

/** What the others are compared with, in the first place and beside it. */
export const REFERENCES = ['ws', 'ws-bufferutil'];

/** Whether a peer has what a scenario needs. */
export function isAble({ lacks }, scenario) {
  return needsOf(scenario).every((need) => !lacks.includes(need));
}

/** Installs what a peer needs into a folder of its own in `cache`, unless it is there. */
export async function installPeer(peer, cache) {
  const folder = join(cache, peer.id);
  if (!isInstalled(folder, peer.packages)) await install(folder, peer.packages);
  // Without its binary for this platform, bufferutil works too: in JavaScript.
  if (peer.native !== undefined) {
    const script = `require('node-gyp-build').path(require('path').dirname(require.resolve('${peer.native}/package.json')))`;
    execFileSync(process.execPath, ['-e', script], { cwd: folder, stdio: 'pipe' });
  }
}

/** Installs a version of Node, and returns its program. */
export async function installNode(version, cache) {
  const folder = join(cache, `node-${version}`);
  if (!isInstalled(folder, { node: version })) await install(folder, { node: version });
  return programOf(folder, 'node');
}

/**
 * The command that runs a script of a peer.
 *
 * @param nodeProgram - The Node that runs those peers that need one.
 * @param flags - What that Node gets; of them Deno knows `--expose-gc`.
 */
export function commandOf(peer, cache, nodeProgram, flags = []) {
  const folder = join(cache, peer.id);
  if (peer.runtime === 'bun') return [programOf(folder, 'bun'), 'run'];
  if (peer.runtime === 'deno') {
    const v8Flags = flags.includes('--expose-gc') ? ['--v8-flags=--expose-gc'] : [];
    return [
      programOf(folder, 'deno'),
      'run',
      '--allow-all',
      '--no-remote',
      '--no-prompt',
      '--quiet',
      ...v8Flags,
    ];
  }
  return [nodeProgram, ...flags];
}

/** The file that a peer's server and client import; `undefined` when they need none. */
export function moduleOf({ id, module }, cache) {
  if (module === undefined || isAbsolute(module)) return module;
  return join(cache, id, 'node_modules', module);
}

/** What a peer's processes find in their environment, beside what is there. */
export function environmentOf({ packages }) {
  // A bufferutil that happens to be in a folder above would be found too.
  return packages.bufferutil === undefined ? { WS_NO_BUFFER_UTIL: '1' } : {};
}

function isInstalled(folder, packages) {
  return Object.entries(packages).every(([name, version]) => {
    const file = join(folder, 'node_modules', name, 'package.json');
    return existsSync(file) && JSON.parse(readFileSync(file, 'utf8')).version === version;
  });
}

async function install(folder, packages) {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
  const wanted = Object.entries(packages).map(([name, version]) => `${name}@${version}`);
  await promisify(execFile)('npm', ['install', '--no-audit', '--no-fund', '--save-exact', ...wanted], {
    cwd: folder,
    timeout: INSTALL_LIMIT_MS,
  });
}

function programOf(folder, name) {
  return realpathSync(join(folder, 'node_modules', '.bin', name));
}
