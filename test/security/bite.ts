// npm run security:bite: shows that the tests of the record bite. Each change of mutations.ts undoes, in a copy of the
// source, what stands against an entry; one of the entry's tests has to fail then. Releases of other implementations
// that had the fault take the engine's place in the same way. See --help.
import { spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { Mutation } from './mutation.ts';
import { MUTATIONS } from './mutations.ts';
import { RECORD } from './record.ts';
import { RELEASES, type Release } from './releases.ts';

/** What `bite.json` has of each row. */
export interface Bite {
  /** What each change, or release, is, and how many of the row's tests failed with it. */
  readonly changes: Readonly<Record<string, number>>;
  /** The tests, by the titles of the record, that failed with none. */
  readonly unbitten: readonly string[];
}

const root = fileURLToPath(new URL('../../', import.meta.url));
const sandbox = join(root, '.cache', 'security-bite', 'sandbox');
const resultsFile = join(root, 'test', 'security', 'bite.json');
/** How long a test may wait for what a change has kept from coming; as things are, it may take longer. */
const TEST_TIMEOUT_MS = 4_000;
const RUN_TIMEOUT_MS = 480_000;

interface Outcome {
  readonly passed: readonly string[];
  readonly failed: readonly string[];
}

const { values: options } = parseArgs({
  options: { only: { type: 'string' }, help: { type: 'boolean', default: false } },
});

async function main(): Promise<void> {
  prepare();
  const only = options.only?.split(',').map(Number);
  const rows = RECORD.filter(({ row }) => only?.includes(row) ?? true);
  const results: Record<string, Bite> =
    only === undefined ? {} : JSON.parse(readFileSync(resultsFile, 'utf8'));
  let proven = 0;
  for (const { row, file, tests, hub } of rows) {
    const files = hub === undefined ? [file] : [file, 'hub'];
    const sound = await run(row, files, 30_000);
    if (sound.failed.length > 0 || sound.passed.length === 0) {
      throw new Error(`row ${row} fails as it is: ${sound.failed.join(', ')}`);
    }
    const bite = await biteOf(row, files, [...tests, ...(hub ?? [])]);
    results[row] = bite;
    const counts = Object.entries(bite.changes).map(([name, failed]) => `${name}: ${failed}`);
    const bites = Object.values(bite.changes).every((failed) => failed > 0) && counts.length > 0;
    if (bites) proven++;
    console.log(`${bites ? ' ok ' : 'FAIL'} row ${row}: ${counts.join('; ')}`);
    for (const title of bite.unbitten) console.log(`       not bitten: ${title}`);
    writeFileSync(resultsFile, `${JSON.stringify(results, null, 2)}\n`);
  }
  console.log(`${proven} passed, ${rows.length - proven} failed`);
  if (proven < rows.length) process.exitCode = 1;
}

async function biteOf(row: number, files: readonly string[], tests: readonly string[]): Promise<Bite> {
  const changes: Record<string, number> = {};
  const bitten = new Set<string>();
  const note = (name: string, { failed }: Outcome): void => {
    changes[name] = failed.length;
    for (const title of failed) bitten.add(title);
  };
  for (const mutation of MUTATIONS.filter((each) => each.row === row)) {
    note(`without ${mutation.undoes}`, await mutated(mutation, () => run(row, files)));
  }
  for (const release of RELEASES.filter(({ rows }) => rows.includes(row))) {
    note(`${release.name}@${release.version}`, await replaced(release, () => run(row, files)));
  }
  const unbitten = tests.filter(
    (title) => ![...bitten].some((each) => matches(each, `row ${row}: ${title}`)),
  );
  return { changes, unbitten };
}

/** A copy of what the tests need; the packages are those that are installed. */
function prepare(): void {
  rmSync(sandbox, { recursive: true, force: true });
  mkdirSync(sandbox, { recursive: true });
  for (const name of ['src', 'test', 'package.json', 'tsconfig.json', 'vitest.config.mts']) {
    cpSync(join(root, name), join(sandbox, name), { recursive: true });
  }
  symlinkSync(join(root, 'node_modules'), join(sandbox, 'node_modules'));
}

async function mutated({ file, edits }: Mutation, attempt: () => Promise<Outcome>): Promise<Outcome> {
  const source = readFileSync(join(root, 'src', file), 'utf8');
  const changed = edits.reduce(
    (text, [search, replacement]) => text.replace(search, () => replacement),
    source,
  );
  return withFile(join('src', file), changed, attempt);
}

/** Has the tests attack a release of `ws` in the place of the engine, which has its API. */
async function replaced(release: Release, attempt: () => Promise<Outcome>): Promise<Outcome> {
  const folder = await installed(release);
  const entry = JSON.stringify(join(folder, 'node_modules', release.name, 'index.js'));
  const text = `import ws from ${entry};
    export const WebSocket = ws, WebSocketServer = ws.WebSocketServer ?? ws.Server;
    export const createWebSocketStream = ws.createWebSocketStream;
    export default Object.assign(ws, { WebSocket, WebSocketServer });`;
  return withFile(join('src', 'index.ts'), text, attempt);
}

async function withFile(file: string, text: string, attempt: () => Promise<Outcome>): Promise<Outcome> {
  writeFileSync(join(sandbox, file), text);
  try {
    return await attempt();
  } finally {
    cpSync(join(root, file), join(sandbox, file));
  }
}

async function installed({ name, version }: Release): Promise<string> {
  const folder = join(root, '.cache', 'security-bite', `${name}-${version}`);
  if (existsSync(join(folder, 'node_modules', name))) return folder;
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
  const args = ['install', '--ignore-scripts', '--no-audit', '--no-fund', `${name}@${version}`];
  await finished('npm', args, folder);
  return folder;
}

/** Runs the tests of a row, within limits of time and memory. */
async function run(row: number, files: readonly string[], timeoutMs = TEST_TIMEOUT_MS): Promise<Outcome> {
  const report = join(sandbox, 'report.json');
  rmSync(report, { force: true });
  const tests = files.map((file) => `test/security/${file}.test.ts`);
  const args = ['run', '--project', 'unit', ...tests, '-t', `row ${row}: `];
  const limits = [`--testTimeout=${timeoutMs}`, '--execArgv=--max-old-space-size=1024'];
  const reporter = ['--reporter=json', `--outputFile.json=${report}`];
  await finished(join(root, 'node_modules', '.bin', 'vitest'), [...args, ...limits, ...reporter], sandbox);
  // A process that had to be ended reports nothing: that is noticed as well.
  if (!existsSync(report)) return { passed: [], failed: [`row ${row}: did not end`] };
  return outcomeOf(JSON.parse(readFileSync(report, 'utf8')));
}

interface Report {
  readonly testResults: {
    readonly assertionResults: { readonly title: string; readonly status: string }[];
  }[];
}

function outcomeOf({ testResults }: Report): Outcome {
  const results = testResults.flatMap(({ assertionResults }) => assertionResults);
  const titles = (wanted: string): string[] =>
    results.filter(({ status }) => status === wanted).map(({ title }) => title);
  return { passed: titles('passed'), failed: titles('failed') };
}

function finished(command: string, args: readonly string[], cwd: string): Promise<number | null> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, stdio: 'ignore', detached: true });
    const timer = setTimeout(() => process.kill(-child.pid!, 'SIGKILL'), RUN_TIMEOUT_MS);
    child.on('error', reject);
    child.on('close', (code) => {
      clearTimeout(timer);
      resolve(code);
    });
  });
}

/** Whether a test's title is one that `template` stands for. */
function matches(title: string, template: string): boolean {
  const parts = template.split(/%[a-z]|\$\w+/).map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('[^]*')}$`).test(title);
}

if (options.help) console.log('npm run security:bite -- [--only 5,7]');
else main();
