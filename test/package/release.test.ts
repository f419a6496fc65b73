import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';

const root = fileURLToPath(new URL('../../', import.meta.url));

const READY = {
  name: 'released',
  version: '1.2.3',
  repository: { type: 'git', url: 'git+https://github.com/owner/name.git' },
};
const WORKFLOW = { GITHUB_ACTIONS: 'true', GITHUB_REPOSITORY: 'owner/name' };

/** A project with our script, under a tag, and with an npm that only notes what it is called with. */
class Project {
  readonly #folder = mkdtempSync(join(tmpdir(), 'release-'));
  readonly #calls = join(this.#folder, 'bin', 'calls');

  constructor(manifest: object, { tag = 'v1.2.3', changelog = '# Changelog\n\n## 1.2.3\n' } = {}) {
    onTestFinished(() => rmSync(this.#folder, { recursive: true }));
    mkdirSync(join(this.#folder, 'bin'));
    mkdirSync(join(this.#folder, 'project', 'scripts'), { recursive: true });
    const npm = join(this.#folder, 'bin', 'npm');
    writeFileSync(npm, `#!/bin/sh\necho "$@" >> '${this.#calls}'\n`);
    chmodSync(npm, 0o755);
    cpSync(join(root, 'scripts', 'release.mjs'), join(this.#folder, 'project', 'scripts', 'release.mjs'));
    this.write('package.json', JSON.stringify(manifest));
    this.write('CHANGELOG.md', changelog);
    const author = ['-c', 'user.name=test', '-c', 'user.email=test@example.com'];
    for (const args of [
      ['init', '-q'],
      ['add', '.'],
      [...author, 'commit', '-qm', 'release'],
      ['tag', tag],
    ]) {
      expect(spawnSync('git', args, { cwd: join(this.#folder, 'project') }).status).toBe(0);
    }
  }

  write(name: string, text: string): void {
    writeFileSync(join(this.#folder, 'project', name), text);
  }

  /** Runs the script; `npm` is what it called npm with. */
  release(args: readonly string[], environment: Readonly<Record<string, string>> = WORKFLOW) {
    const { status, stdout } = spawnSync(process.execPath, ['scripts/release.mjs', ...args], {
      cwd: join(this.#folder, 'project'),
      env: { PATH: `${join(this.#folder, 'bin')}${delimiter}${process.env.PATH}`, ...environment },
      encoding: 'utf8',
    });
    const npm = existsSync(this.#calls) ? readFileSync(this.#calls, 'utf8').trim() : undefined;
    return { status, obstacles: stdout.split('\n').filter((line) => line !== ''), npm };
  }
}

describe('npm run release', () => {
  it('publishes what is ready', () => {
    expect(new Project(READY).release(['--publish'])).toEqual({ status: 0, obstacles: [], npm: 'publish' });
  });

  it('only shows, without --publish', () => {
    expect(new Project(READY).release([])).toEqual({ status: 0, obstacles: [], npm: 'publish --dry-run' });
  });

  it.each([
    [
      'names no repository',
      { ...READY, repository: undefined },
      'package.json names no repository: {"type": "git", "url": "git+https://github.com/owner/name.git"}',
    ],
    [
      'names another repository',
      { ...READY, repository: { type: 'git', url: 'git+https://github.com/other/name.git' } },
      'package.json names git+https://github.com/other/name.git, and this is git+https://github.com/owner/name.git',
    ],
    ['has another version than the tag', { ...READY, version: '1.2.4' }, 'HEAD has no tag v1.2.4 alone'],
    ['has dependencies', { ...READY, dependencies: { ws: '8' } }, 'there are runtime dependencies'],
  ])('refuses a package that %s', (_what, manifest, obstacle) => {
    const { status, obstacles, npm } = new Project(manifest).release(['--publish']);
    expect({ status, npm }).toEqual({ status: 1, npm: undefined });
    expect(obstacles).toContain(`not ready: ${obstacle}`);
  });

  it('refuses without a section of the changelog', () => {
    const project = new Project(READY, { changelog: '# Changelog\n' });
    const obstacles = ['not ready: CHANGELOG.md has no section 1.2.3'];
    expect(project.release(['--publish'])).toEqual({ status: 1, obstacles, npm: undefined });
  });

  it('refuses changes that are in no commit', () => {
    const project = new Project(READY);
    project.write('other', '');
    const obstacles = ['not ready: the working tree has changes'];
    expect(project.release(['--publish'])).toEqual({ status: 1, obstacles, npm: undefined });
  });

  it('refuses outside of a workflow', () => {
    const obstacles = ['not ready: this is no workflow of GitHub: there would be no provenance'];
    expect(new Project(READY).release(['--publish'], {})).toEqual({ status: 1, obstacles, npm: undefined });
  });
});

it('names the actions of workflows by commit', () => {
  const workflow = readFileSync(join(root, '.github', 'workflows', 'release.yml'), 'utf8');
  const actions = [...workflow.matchAll(/uses: (.*)/g)].map(([, action]) => action);
  expect(actions.length).toBeGreaterThan(0);
  for (const action of actions) expect(action).toMatch(/^actions\/[a-z-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
});
