// npm start: installs and builds what is missing, and runs an example: `node scripts/start.mjs [file in examples/]`.
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

// Not `npm ci`: the lock file names native packages for the platform that it was written on only, which `npm ci`
// refuses. This takes the same versions, and leaves the lock file as it is.
if (!isInstalled())
  await run('Installing what the build needs', npm(['install', '--no-save', '--no-audit', '--no-fund']));
if (!isBuilt()) await run('Building', [process.execPath, join(root, 'scripts/build.mjs')]);
if (process.env.npm_lifecycle_event !== undefined) endWithParent();
const example = process.argv[2] ?? 'chat/server.mjs';
if (example.endsWith('.mts')) await readTypeScript();
// In this process, so that signals need nobody to pass them on.
await import(`../examples/${example}`);

/**
 * Ends this process when its parent ends: npm puts a shell in between, which dies of a SIGTERM without passing it on,
 * and the port would stay taken.
 */
function endWithParent() {
  const parent = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(watch);
    process.kill(process.pid, 'SIGTERM');
  }, 500);
  watch.unref();
}

/** Lets this process import TypeScript, which not every Node that is supported does by itself. */
async function readTypeScript() {
  const { register } = await import('tsx/esm/api');
  register();
}

function isInstalled() {
  return Object.keys(manifest.devDependencies).every((name) =>
    existsSync(join(root, 'node_modules', name, 'package.json')),
  );
}

/** Tells whether every file that package.json promises is there, and newer than all that it is made from. */
function isBuilt() {
  const sources = [
    join(root, 'package.json'),
    join(root, 'scripts/build.mjs'),
    ...filesIn(join(root, 'src')),
  ];
  const newest = Math.max(...sources.map((path) => statSync(path).mtimeMs));
  return promisedFiles(manifest.exports)
    .map((path) => join(root, path))
    .every((path) => existsSync(path) && statSync(path).mtimeMs >= newest);
}

function promisedFiles(entry) {
  if (typeof entry === 'string') return entry.startsWith('./dist/') ? [entry] : [];
  return Object.values(entry).flatMap(promisedFiles);
}

function filesIn(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

/** Calls the very npm that runs this script, if one does: on Windows `npm` itself is no program. */
function npm(args) {
  const script = process.env.npm_execpath;
  const isNpm = script !== undefined && basename(script) === 'npm-cli.js';
  return isNpm ? [process.execPath, script, ...args] : ['npm', ...args];
}

function run(title, [command, ...args]) {
  console.log(`${title}: ${basename(command)} ${args.map((arg) => basename(arg)).join(' ')}`);
  const child = spawn(command, args, { cwd: root, stdio: 'inherit' });
  const pass = (signal) => child.kill(signal);
  process.on('SIGINT', pass);
  process.on('SIGTERM', pass);
  return new Promise((resolve) => {
    child.on('error', (error) => {
      console.error(`Can't run ${command}: ${error.message}`);
      process.exit(1);
    });
    child.on('close', (code) => {
      process.off('SIGINT', pass);
      process.off('SIGTERM', pass);
      if (code === 0) resolve();
      else process.exit(code ?? 1);
    });
  });
}
