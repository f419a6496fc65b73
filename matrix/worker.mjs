// Runs the suite, or the server that another runtime's clients talk to, in processes of the tested runtimes.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const MARK = '@matrix ';
/** What a case may take by its own clock. */
const CASE_LIMIT_MS = 20_000;
/** What it may take when its own clock has stopped with it. */
const LIMITS = { silenceMs: CASE_LIMIT_MS + 10_000 };

const children = new Set();

/**
 * Runs the suite to its end. A process that fails, crashes or hangs in a case is followed by a fresh one for the rest.
 *
 * @param onOutcome - Called with each case's `{ id, feature, error }`; `error` is undefined when it passed.
 */
export async function runSuite(project, command, settings, onOutcome, limits = LIMITS) {
  const done = new Set();
  let left = Number.POSITIVE_INFINITY;
  while (left > 0) {
    const before = done.size;
    const tell = (outcome) => {
      done.add(outcome.id);
      onOutcome(outcome);
    };
    left = await runOnce(project, command, { ...settings, done: [...done] }, tell, limits);
    if (left > 0 && done.size === before) throw new Error(`${settings.runtime}: the suite doesn't get on`);
  }
}

/** Runs one process of the suite; returns how many cases are left. */
async function runOnce(project, command, settings, onOutcome, { silenceMs }) {
  const child = start(project, 'suite.mjs', command, { ...settings, caseLimitMs: CASE_LIMIT_MS });
  const features = new Map();
  const left = new Set();
  let current;
  const conclude = (id, error) => {
    left.delete(id);
    current = undefined;
    onOutcome({ id, feature: features.get(id), error });
  };
  let silence;
  const watch = () => {
    clearTimeout(silence);
    silence = setTimeout(() => child.process.kill('SIGKILL'), silenceMs);
  };
  watch();
  for await (const said of child.said) {
    watch();
    for (const { id, feature } of said.plan ?? []) {
      features.set(id, feature);
      if (!settings.done.includes(id)) left.add(id);
    }
    if (said.begun !== undefined) current = said.begun;
    if (said.ended !== undefined) conclude(said.ended, said.error);
  }
  const how = await child.ended;
  clearTimeout(silence);
  if (features.size === 0) throw new Error(`${settings.runtime}: the suite didn't start: ${how}`);
  if (current !== undefined) conclude(current, `ends the process: ${how}`);
  return left.size;
}

/** Starts the server that clients on another runtime talk to; returns its URL and how to stop it. */
export async function startPeer(project, command, settings) {
  const child = start(project, 'peer.mjs', command, settings);
  for await (const { port } of child.said) {
    const stop = async () => {
      child.process.stdin.end();
      await child.ended;
    };
    return { url: `ws://127.0.0.1:${port}/`, stop };
  }
  throw new Error(`${settings.runtime}: the peer didn't start: ${await child.ended}`);
}

/** Ends what is still running. */
export function killChildren() {
  for (const child of children) child.kill('SIGKILL');
}

function start(project, script, [program, ...args], settings) {
  const child = spawn(program, [...args, join(project.folder, 'suite', script)], {
    cwd: project.folder,
    env: { ...process.env, NO_COLOR: '1', MATRIX_SETTINGS: JSON.stringify(settings) },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  children.add(child);
  let errors = '';
  child.stderr.on('data', (chunk) => {
    errors = (errors + chunk).slice(-2000);
  });
  const ended = new Promise((resolve) => {
    child.on('close', (code, signal) => {
      children.delete(child);
      resolve(`${signal ?? `exit code ${code}`}${errors && `\n${errors.trimEnd()}`}`);
    });
  });
  return { process: child, said: readMarked(child.stdout), ended };
}

async function* readMarked(stream) {
  for await (const line of createInterface(stream)) {
    if (line.startsWith(MARK)) yield JSON.parse(line.slice(MARK.length));
  }
}
