// Finds or makes a way to run the Autobahn TestSuite: docker with its image, or CPython 2.7 in a virtualenv.
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';

const IMAGE = 'crossbario/autobahn-testsuite';
/** The last one that makes environments for Python 2.7. */
const VIRTUALENV = 'virtualenv==20.15.1';
export const SUITE = 'autobahntestsuite==25.10.1';

const LIST_CASES = [
  'import json',
  'from autobahntestsuite.caseset import CaseSet',
  'from autobahntestsuite.case import Cases, CaseCategories, CaseSubCategories, CaseBasename',
  'cases = CaseSet("ws", CaseBasename, Cases, CaseCategories, CaseSubCategories)',
  'print(json.dumps(cases.parseSpecCases({"cases": ["*"], "exclude-cases": []})))',
].join('\n');

/** Returns the one line that says why the suite can't run here, or `undefined` when it can. */
export function whatIsMissing() {
  if (dockerAnswers() || findPython2() !== undefined) return undefined;
  return 'Autobahn needs a docker engine, or a python2.7 on PATH or under ~/.pyenv/versions';
}

/** Prepares the suite and returns how to call it: `wstest(args)` and `listCases()`. */
export function prepare(cacheDirectory, workDirectory) {
  if (dockerAnswers()) return dockerSuite(workDirectory);
  const python2 = findPython2();
  if (python2 === undefined) throw new Error(whatIsMissing());
  return virtualenvSuite(python2, cacheDirectory);
}

function dockerAnswers() {
  return spawnSync('docker', ['info'], { stdio: 'ignore', timeout: 10_000 }).status === 0;
}

function dockerSuite(workDirectory) {
  const run = ['run', '--rm', '--network', 'host', '-v', `${workDirectory}:${workDirectory}`, IMAGE];
  return {
    name: `docker image ${IMAGE}`,
    wstest: (args) => spawn('docker', [...run, 'wstest', ...args], { stdio: ['ignore', 'pipe', 'pipe'] }),
    listCases: () =>
      JSON.parse(execFileSync('docker', [...run, 'python', '-c', LIST_CASES], { encoding: 'utf8' })),
  };
}

function virtualenvSuite(python2, cacheDirectory) {
  const environment = join(cacheDirectory, 'autobahn-venv');
  const bin = join(environment, 'bin');
  const finished = join(environment, 'finished');
  if (!existsSync(finished)) createVirtualenv(python2, environment, cacheDirectory, finished);
  return {
    name: `${SUITE} on ${python2}`,
    wstest: (args) =>
      spawn(join(bin, 'python'), ['-u', join(bin, 'wstest'), ...args], { stdio: ['ignore', 'pipe', 'pipe'] }),
    listCases: () => JSON.parse(execFileSync(join(bin, 'python'), ['-c', LIST_CASES], { encoding: 'utf8' })),
  };
}

function createVirtualenv(python2, environment, cacheDirectory, finished) {
  console.log(`autobahn: setting up ${SUITE} in a virtualenv of ${python2} (about a minute, once)`);
  rmSync(environment, { recursive: true, force: true });
  mkdirSync(cacheDirectory, { recursive: true });
  const tool = join(cacheDirectory, 'virtualenv');
  run('python3', ['-m', 'pip', 'install', '--quiet', '--upgrade', '--target', tool, VIRTUALENV]);
  run('python3', ['-m', 'virtualenv', '--quiet', '--python', python2, environment], { PYTHONPATH: tool });
  run(join(environment, 'bin', 'pip'), ['install', '--quiet', SUITE]);
  writeFileSync(finished, `${SUITE}\n`);
}

function run(command, args, environment = {}) {
  const { status, stderr, error } = spawnSync(command, args, {
    encoding: 'utf8',
    env: { ...process.env, ...environment },
    timeout: 600_000,
  });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} failed: ${error?.message ?? stderr}`);
}

/** A real interpreter: pyenv's shims answer for versions that are not chosen, too. */
function findPython2() {
  const onPath = (process.env.PATH ?? '').split(delimiter).map((directory) => join(directory, 'python2.7'));
  const versions = join(process.env.PYENV_ROOT ?? join(homedir(), '.pyenv'), 'versions');
  const underPyenv = existsSync(versions)
    ? readdirSync(versions)
        .filter((name) => name.startsWith('2.7'))
        .map((name) => join(versions, name, 'bin', 'python2.7'))
    : [];
  return [...onPath, ...underPyenv].find(
    (path) => existsSync(path) && spawnSync(path, ['-c', 'import ssl'], { stdio: 'ignore' }).status === 0,
  );
}
