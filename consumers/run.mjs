// npm run consumers: runs well-known packages with Hawser in the place of `ws`. See --help.
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { findChromium } from '../scripts/chromium.mjs';
import { killChildren, runChild } from './child.mjs';
import { prepareEngines } from './engines.mjs';
import { install } from './installation.mjs';
import { CONSUMERS } from './table.mjs';
import { judge } from './verdict.mjs';

const ENGINES = ['ws', 'hawser', 'broken'];
const HELP = `npm run consumers -- [options]
  --only socket.io,mqtt        these packages only
  --engine ws|hawser|broken    one engine only (or several, with commas); default: each package with all of them,
                               where a scenario has to pass with ws and hawser, and has to fail with a broken hawser
  --quick                      the few packages that are part of npm test
  --verbose                    show all that a scenario printed, also when all is well
packages: ${CONSUMERS.map(({ name }) => name).join(', ')}`;
const SCENARIO_LIMIT_MS = 60_000;
const MAX_LINES_SHOWN = 80;
const MAX_COLUMNS_SHOWN = 200;
const cache = join(dirname(dirname(fileURLToPath(import.meta.url))), '.cache', 'consumers');

const { values: options } = parseArgs({
  options: {
    only: { type: 'string' },
    engine: { type: 'string' },
    quick: { type: 'boolean', default: false },
    verbose: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

if (options.help) {
  console.log(HELP);
} else {
  for (const signal of ['SIGINT', 'SIGTERM']) {
    process.once(signal, () => {
      killChildren();
      process.exit(1);
    });
  }
  await main();
}

async function main() {
  const engineNames = chosen('engine', ENGINES);
  const consumers = chosenConsumers();
  const engines = await prepareEngines(engineNames, join(cache, 'packed'));
  const counts = { passed: 0, failed: 0 };
  for (const consumer of consumers) {
    for (const testCase of casesOf(consumer, engineNames)) {
      counts[(await runCase(consumer, engines, testCase)) ? 'passed' : 'failed'] += 1;
    }
  }
  console.log(`${counts.passed} passed, ${counts.failed} failed`);
  process.exitCode = counts.failed > 0 ? 1 : 0;
}

function chosen(option, all) {
  const names = options[option]?.split(',') ?? all;
  const unknown = names.filter((name) => !all.includes(name));
  if (unknown.length > 0) throw new Error(`--${option}: there is no ${unknown.join(', ')}`);
  return all.filter((name) => names.includes(name));
}

function chosenConsumers() {
  const names = chosen(
    'only',
    CONSUMERS.map(({ name }) => name),
  );
  return CONSUMERS.filter(
    ({ name, quick }) => names.includes(name) && (!options.quick || quick) && canRun(name),
  );
}

function canRun(name) {
  if (!CONSUMERS.find((consumer) => consumer.name === name).needsChromium) return true;
  const { reason } = findChromium();
  if (reason !== undefined) console.log(`skipped: ${name}: ${reason}`);
  return reason === undefined;
}

function casesOf({ breaks }, engineNames) {
  return engineNames.flatMap((engine) =>
    engine === 'broken' ? breaks.map((breaking) => ({ engine, breaking })) : [{ engine }],
  );
}

async function runCase(consumer, engines, { engine, breaking }) {
  const title = `${consumer.name} with ${breaking === undefined ? engine : `a broken hawser (${breaking})`}`;
  const folder = join(cache, `${consumer.name}-${engine}`);
  const { problem, output, seconds } = await install(consumer, engines[engine], folder).then(
    async (installSeconds) => {
      const result = await runScenario(consumer, engines[engine], folder, breaking);
      return { ...result, problem: judge(result, breaking), seconds: [installSeconds, result.seconds] };
    },
    (error) => ({ problem: error.message, output: '', seconds: [] }),
  );
  const times = seconds.map((value) => value.toFixed(1)).join(' + ');
  console.log(`${problem === undefined ? ' ok ' : 'FAIL'}  ${title} (${times} s)`);
  if (problem !== undefined) console.log(indent(`${problem}\n${output}`));
  else if (options.verbose) console.log(indent(output));
  return problem === undefined;
}

async function runScenario({ name, users, example }, { packageName }, folder, breaking) {
  const started = performance.now();
  const file = ['scenario.mjs', 'scenario.cjs'].map((file) => join(folder, name, file)).find(existsSync);
  const env = {
    ...process.env,
    CONSUMER_ENGINE: packageName,
    CONSUMER_USERS: users.join(','),
    CONSUMER_MODULE: example === undefined ? 'ws' : 'hawser',
    HAWSER_BREAK: breaking ?? '',
    CHROMIUM_PATH: findChromium().executablePath ?? '',
  };
  const result = await runChild([process.execPath, file], { cwd: folder, env, limitMs: SCENARIO_LIMIT_MS });
  return { ...result, seconds: (performance.now() - started) / 1000 };
}

/** The end of an output, indented; what a failed comparison prints can have any length. */
function indent(text) {
  const lines = text.trimEnd().split('\n').slice(-MAX_LINES_SHOWN);
  return lines.map((line) => `      ${line.slice(0, MAX_COLUMNS_SHOWN)}`).join('\n');
}
