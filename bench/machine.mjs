// What the figures were measured on.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cpus, loadavg, release, totalmem, type } from 'node:os';
import { join } from 'node:path';

export function describeMachine() {
  return {
    cpu: cpus()[0].model,
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    system: `${type()} ${release()}`,
    // Others that were at work beside the benchmark.
    loadAverageBefore: Math.round(loadavg()[0] * 10) / 10,
  };
}

export function describeVersions(root, nodeProgram, peers) {
  const installed = peers.flatMap(({ packages }) => Object.entries(packages));
  return {
    hawser: describeHawser(root),
    node: execFileSync(nodeProgram, ['--version'], { encoding: 'utf8' }).trim().slice(1),
    ...Object.fromEntries(installed),
  };
}

/** The version, and the commit that it was built from. */
function describeHawser(root) {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const git = (...args) => execFileSync('git', args, { cwd: root, encoding: 'utf8', stdio: 'pipe' }).trim();
  try {
    const changed = git('status', '--porcelain', '--', 'src') !== '';
    return `${version} (${git('rev-parse', '--short', 'HEAD')}${changed ? ', changed' : ''})`;
  } catch {
    // Not a git checkout.
    return version;
  }
}
