// What has to be there before anything is measured.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { buildLoadGenerator } from './load-generator.mjs';
import { installNode, installPeer } from './peers.mjs';

export const folder = dirname(fileURLToPath(import.meta.url));
export const root = dirname(folder);
export const cache = join(root, '.cache', 'bench');

const FULL = { warmUpMs: 700, windowMs: 1500, settleMs: 500, connectionPart: 1 };
export const QUICK = { warmUpMs: 400, windowMs: 500, settleMs: 200, connectionPart: 1 / 4 };

/** Builds and installs, and returns what all measurements have in common. */
export async function prepare(peers, { quick, node, cores, profile, profiles }) {
  mkdirSync(cache, { recursive: true });
  // Of its own: another run may be under way.
  const scratch = mkdtempSync(join(cache, 'run-'));
  process.once('exit', () => rmSync(scratch, { recursive: true }));
  runTool(process.execPath, join(root, 'scripts', 'build.mjs'));
  for (const peer of peers) await installPeer(peer, cache);
  const [measured, load] = cores.split(',').map(Number);
  const generator = buildLoadGenerator(scratch);
  return {
    ...(quick ? QUICK : FULL),
    cache,
    scratch,
    folder,
    cores: { measured, load },
    node: node === undefined ? process.execPath : await installNode(node, cache),
    loadGenerator: generator.program,
    certificate: generator.tls ? makeCertificate() : undefined,
    profileFile: profile || profiles ? join(cache, 'latest.cpuprofile') : undefined,
  };
}

/** Runs a tool of the project, to its end. */
export function runTool(tool, ...args) {
  const program = tool === 'tsx' ? join(root, 'node_modules', '.bin', 'tsx') : tool;
  execFileSync(program, args, { stdio: 'inherit' });
}

function makeCertificate() {
  const files = { key: join(cache, 'key.pem'), cert: join(cache, 'cert.pem') };
  execFileSync(
    'openssl',
    ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2']
      .concat(['-subj', '/CN=localhost'])
      .concat(['-keyout', files.key, '-out', files.cert]),
    { stdio: 'pipe' },
  );
  return { key: readFileSync(files.key, 'utf8'), cert: readFileSync(files.cert, 'utf8') };
}
