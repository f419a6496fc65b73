// npm run mutation: changes src/core and src/handshake one spot at a time and counts which changes the tests notice. It
// ends with 1 when one survives that explanations.json says nothing of.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { setPriority } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { compare, outcomeOf } from './survivors.ts';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const cache = join(root, '.cache', 'mutation');
const resultsFile = join(root, 'mutation', 'results.json');
const explanationsFile = join(root, 'mutation', 'explanations.json');
const FOLDERS = ['src/core', 'src/handshake'];

const { values: options } = parseArgs({
  options: {
    only: { type: 'string' },
    check: { type: 'boolean', default: false },
    concurrency: { type: 'string', default: '1' },
    help: { type: 'boolean', default: false },
  },
});

if (options.help) {
  console.log('npm run mutation -- [--only frame-header,utf8] [--concurrency 2] [--check]');
} else {
  setPriority(10);
  mkdirSync(cache, { recursive: true });
  if (!options.check) for (const file of chosenFiles()) await mutate(file);
  report();
}

/** Says what is not explained, what explains nothing, and which files have changed since they were mutated. */
function report() {
  const results = read(resultsFile);
  const { unexplained, outdated } = compare(results, read(explanationsFile));
  for (const survivor of unexplained) console.log(`not explained: ${survivor}`);
  for (const entry of outdated) console.log(`explained, and does not survive: ${entry}`);
  for (const file of chosenFiles()) {
    if (results[file]?.sha256 !== hashOf(file)) console.log(`changed since it was mutated: ${file}`);
  }
  if (unexplained.length + outdated.length > 0) process.exitCode = 1;
}

function chosenFiles() {
  const files = FOLDERS.flatMap((folder) =>
    readdirSync(join(root, folder))
      .filter((name) => name.endsWith('.ts') && name !== 'index.ts')
      .map((name) => `${folder}/${name}`),
  );
  const only = options.only?.split(',');
  return files.filter((file) => only === undefined || only.includes(basename(file, '.ts')));
}

/** Mutates one file and notes its score at once, so that a run can be done in slices. */
async function mutate(file) {
  const sha256 = hashOf(file);
  const reportFile = join(cache, `${basename(file, '.ts')}.json`);
  const configuration = join(cache, `${basename(file, '.ts')}.config.json`);
  writeFileSync(configuration, JSON.stringify(configurationOf(file, reportFile)));
  const code = await run(
    'node_modules/.bin/stryker',
    ['run', configuration],
    dirname(file).replace('src', 'test'),
  );
  if (code !== 0) throw new Error(`Stryker ended with ${code} at ${file}`);
  const results = existsSync(resultsFile) ? read(resultsFile) : {};
  const { source, mutants } = read(reportFile).files[file] ?? { source: '', mutants: [] };
  results[file] = { sha256, ...outcomeOf(source, mutants) };
  const sorted = Object.fromEntries(Object.entries(results).sort(([a], [b]) => (a < b ? -1 : 1)));
  writeFileSync(resultsFile, `${JSON.stringify(sorted, null, 2)}\n`);
  console.log(`${file}: ${results[file].score} %`);
}

function configurationOf(file, reportFile) {
  return {
    testRunner: 'vitest',
    plugins: ['@stryker-mutator/vitest-runner'],
    vitest: { configFile: 'mutation/vitest.config.mts', related: false },
    mutate: [file],
    concurrency: Number(options.concurrency),
    coverageAnalysis: 'perTest',
    reporters: ['json'],
    jsonReporter: { fileName: reportFile },
    tempDirName: `.cache/mutation/sandbox-${basename(file, '.ts')}`,
    // Stryker's own rewriting of tsconfig.json needs an older TypeScript; the tests don't need the file.
    ignorePatterns: [
      '.cache',
      'autobahn',
      'bench',
      'consumers',
      'coverage',
      'dist',
      'matrix',
      'wpt',
      'tsconfig*.json',
    ],
    timeoutMS: 20_000,
    allowEmpty: true,
    disableTypeChecks: false,
    checkers: [],
    allowConsoleColors: false,
  };
}

function read(file) {
  return JSON.parse(readFileSync(file, 'utf8'));
}

function hashOf(file) {
  return createHash('sha256')
    .update(readFileSync(join(root, file)))
    .digest('hex')
    .slice(0, 16);
}

/** @param tests - The folder whose tests have to notice: those that mirror the file's own folder. */
function run(command, args, tests) {
  return new Promise((resolve, reject) => {
    const child = spawn(join(root, command), args, {
      cwd: root,
      stdio: 'inherit',
      env: { ...process.env, MUTATION_TESTS: tests },
    });
    child.on('error', reject);
    child.on('close', resolve);
  });
}
