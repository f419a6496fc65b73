// npm run mutation: changes src/core and src/handshake one spot at a time and counts which changes the tests notice.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { setPriority } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const cache = join(root, '.cache', 'mutation');
const resultsFile = join(root, 'mutation', 'results.json');
const FOLDERS = ['src/core', 'src/handshake'];

const { values: options } = parseArgs({
  options: {
    only: { type: 'string' },
    concurrency: { type: 'string', default: '1' },
    help: { type: 'boolean', default: false },
  },
});

if (options.help) {
  console.log('npm run mutation -- [--only frame-header,utf8] [--concurrency 2]');
} else {
  setPriority(10);
  mkdirSync(cache, { recursive: true });
  for (const file of chosenFiles()) await mutate(file);
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
  const report = join(cache, `${basename(file, '.ts')}.json`);
  const configuration = join(cache, `${basename(file, '.ts')}.config.json`);
  writeFileSync(configuration, JSON.stringify(configurationOf(file, report)));
  const code = await run(
    'node_modules/.bin/stryker',
    ['run', configuration],
    dirname(file).replace('src', 'test'),
  );
  if (code !== 0) throw new Error(`Stryker ended with ${code} at ${file}`);
  const results = existsSync(resultsFile) ? JSON.parse(readFileSync(resultsFile, 'utf8')) : {};
  results[file] = scoreOf(JSON.parse(readFileSync(report, 'utf8')).files[file]);
  const sorted = Object.fromEntries(Object.entries(results).sort(([a], [b]) => (a < b ? -1 : 1)));
  writeFileSync(resultsFile, `${JSON.stringify(sorted, null, 2)}\n`);
  console.log(`${file}: ${results[file].score} %`);
}

function configurationOf(file, report) {
  return {
    testRunner: 'vitest',
    plugins: ['@stryker-mutator/vitest-runner'],
    vitest: { configFile: 'mutation/vitest.config.mts', related: false },
    mutate: [file],
    concurrency: Number(options.concurrency),
    coverageAnalysis: 'perTest',
    reporters: ['json'],
    jsonReporter: { fileName: report },
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

/** A mutant counts as noticed when a test failed or did not end; those that no test runs count as unnoticed. */
function scoreOf(result) {
  const mutants = (result?.mutants ?? []).filter(({ status }) => status !== 'Ignored');
  const noticed = mutants.filter(({ status }) => ['Killed', 'Timeout', 'RuntimeError'].includes(status));
  const survivors = mutants
    .filter((mutant) => !noticed.includes(mutant))
    .map(({ location, mutatorName, replacement }) => {
      const { line, column } = location.start;
      return `${line}:${column} ${mutatorName}: ${replacement}`;
    });
  const score = mutants.length === 0 ? 100 : Math.round((noticed.length / mutants.length) * 1000) / 10;
  return { mutants: mutants.length, noticed: noticed.length, score, survivors };
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
