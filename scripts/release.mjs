// npm run release: shows what would be published, and what keeps it from being published. With --publish it publishes,
// with provenance, which only a workflow that npm trusts can; it ends with 1, and publishes nothing, where something
// keeps it from that.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const { values: options } = parseArgs({ options: { publish: { type: 'boolean', default: false } } });

const obstacles = [
  [git('status', '--porcelain') !== '', 'the working tree has changes'],
  [
    git('tag', '--points-at', 'HEAD') !== `v${manifest.version}`,
    `HEAD has no tag v${manifest.version} alone`,
  ],
  ...repositoryObstacles(),
  [!changelog().includes(`## ${manifest.version}`), `CHANGELOG.md has no section ${manifest.version}`],
  [Object.keys(manifest.dependencies ?? {}).length > 0, 'there are runtime dependencies'],
  [process.env.GITHUB_ACTIONS !== 'true', 'this is no workflow of GitHub: there would be no provenance'],
]
  .filter(([stands]) => stands)
  .map(([, what]) => what);

for (const what of obstacles) console.log(`not ready: ${what}`);
if (!options.publish) npm('publish', '--dry-run');
else if (obstacles.length > 0) process.exitCode = 1;
else npm('publish');

/** What a tag needs is in `publishConfig`: public access, provenance. */
function npm(...args) {
  const { status } = spawnSync('npm', args, { cwd: root, stdio: 'inherit' });
  process.exitCode = status ?? 1;
}

/** npm compares what package.json names with the repository of the workflow, which says it in GITHUB_REPOSITORY. */
function repositoryObstacles() {
  const { url } = manifest.repository ?? {};
  const here = process.env.GITHUB_REPOSITORY;
  const wanted = `git+https://github.com/${here ?? 'OWNER/NAME'}.git`;
  return [
    [url === undefined, `package.json names no repository: {"type": "git", "url": "${wanted}"}`],
    [
      url !== undefined && here !== undefined && url !== wanted,
      `package.json names ${url}, and this is ${wanted}`,
    ],
  ];
}

function git(...args) {
  return spawnSync('git', args, { cwd: root, encoding: 'utf8' }).stdout.trim();
}

function changelog() {
  return readFileSync(join(root, 'CHANGELOG.md'), 'utf8');
}
