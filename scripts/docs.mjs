// npm run docs: makes the documentation site from the pages and the doc comments, and checks its links. See --help.
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { deadLinks } from '../site/dead-links.mjs';
import { stage } from '../site/stage.mjs';
import { entryPoints } from './entry-points.mjs';

/** In the order in which they are read; what is not named comes behind. */
const PAGES = [
  'guide.md',
  'recipes.md',
  'deploying.md',
  'migrating-from-ws.md',
  'hub.md',
  'client.md',
  'react.md',
  'scaling.md',
  'reliability.md',
  'back-pressure.md',
  'streams.md',
  'observability.md',
  'proxies.md',
  'cli.md',
];

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const site = join(root, 'site');
// The generator has its own TypeScript, which is not to be the project's.
const workplace = join(root, '.cache', 'site');
const out = join(site, 'out');

const { values: options } = parseArgs({ options: { help: { type: 'boolean', default: false } } });
if (options.help) console.log('npm run docs: writes the site to site/out; open site/out/index.html');
else main();

function main() {
  install();
  const pages = ['README.md', ...docs(), 'SECURITY.md', 'CHANGELOG.md', 'CONTRIBUTING.md'];
  const staged = join(workplace, 'stage');
  rmSync(staged, { recursive: true, force: true });
  stage(root, pages, staged);
  rmSync(out, { recursive: true, force: true });
  runTypedoc(staged, pages);
  const dead = deadLinks(out);
  for (const link of dead) console.error(`dead link: ${link}`);
  console.log(`${countPages()} pages in site/out, ${dead.length} dead links`);
  if (dead.length > 0) process.exitCode = 1;
}

function docs() {
  const names = readdirSync(join(root, 'docs')).filter((name) => name.endsWith('.md'));
  const place = (name) => (PAGES.includes(name) ? PAGES.indexOf(name) : PAGES.length);
  return names.sort((a, b) => place(a) - place(b) || a.localeCompare(b)).map((name) => `docs/${name}`);
}

function install() {
  const wanted = readFileSync(join(site, 'package.json'), 'utf8');
  const manifest = join(workplace, 'package.json');
  const modules = join(workplace, 'node_modules', '.package-lock.json');
  if (existsSync(modules) && readFileSync(manifest, 'utf8') === wanted) return;
  mkdirSync(workplace, { recursive: true });
  cpSync(join(site, 'package.json'), manifest);
  run('npm', ['install', '--no-save', '--no-package-lock', '--no-audit', '--no-fund']);
}

function runTypedoc(staged, pages) {
  // Where the plugin finds the generator.
  cpSync(join(site, 'names.mjs'), join(workplace, 'names.mjs'));
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const [readme, ...others] = pages.map((page) => join(staged, page));
  const list = (name, values) => values.flatMap((value) => [`--${name}`, value]);
  run(process.execPath, [
    join(workplace, 'node_modules', 'typedoc', 'bin', 'typedoc'),
    ...['--options', join(site, 'typedoc.json')],
    ...['--plugin', join(workplace, 'names.mjs')],
    ...['--tsconfig', join(root, 'tsconfig.json')],
    ...['--basePath', root],
    ...['--readme', readme],
    ...['--customCss', join(site, 'style.css')],
    ...['--out', out],
    ...list('projectDocuments', others),
    ...list(
      'entryPoints',
      entryPoints(manifest, join(root, 'src')).map(({ file }) => file),
    ),
  ]);
}

function run(command, args) {
  const { status } = spawnSync(command, args, { cwd: workplace, stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}

function countPages() {
  return readdirSync(out, { recursive: true }).filter((name) => name.endsWith('.html')).length;
}
