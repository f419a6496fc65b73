// A process on one core that answers questions: a line on its input for each, and a line of JSON on its output.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/** Longer than the load generator waits for a reply, whose word says more. */
const ANSWER_LIMIT_MS = 40_000;
const END_LIMIT_MS = 10_000;

const running = new Set();

/** Ends all processes at once. */
export function killProcesses() {
  for (const child of running) child.kill('SIGKILL');
}

export class PinnedProcess {
  #name;
  #child;
  #answers = [];
  #waiting = [];
  #errors = '';
  #failure;

  /** @param core - The number of the core, for taskset. */
  constructor(name, core, [command, ...args], options = {}) {
    this.#name = name;
    this.#child = spawn('taskset', ['-c', String(core), command, ...args], { stdio: 'pipe', ...options });
    running.add(this.#child);
    this.#child.stderr.on('data', (text) => {
      this.#errors = (this.#errors + text).slice(-2000);
    });
    this.#child.stdin.on('error', () => {});
    createInterface({ input: this.#child.stdout }).on('line', (line) => this.#take(JSON.parse(line)));
    this.#child.on('error', (error) => this.#fail(error.message));
    this.#child.on('close', (code, signal) => {
      running.delete(this.#child);
      this.#fail(`ended: ${signal ?? `code ${code}`}`);
    });
  }

  /** Waits for what the process tells next. */
  next() {
    if (this.#answers.length > 0) return Promise.resolve(this.#answers.shift());
    return new Promise((resolve, reject) => {
      if (this.#failure !== undefined) return reject(this.#failure);
      const timer = setTimeout(() => this.#fail('does not answer'), ANSWER_LIMIT_MS);
      this.#waiting.push({ resolve, reject, timer });
    });
  }

  ask(question) {
    this.#child.stdin.write(`${question}\n`);
    return this.next();
  }

  /** Closes its input, and waits for its end. */
  async stop() {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    this.#child.stdin.end();
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), END_LIMIT_MS);
    await once(this.#child, 'close');
    clearTimeout(timer);
  }

  #take(answer) {
    const waiting = this.#waiting.shift();
    if (waiting === undefined) return this.#answers.push(answer);
    clearTimeout(waiting.timer);
    waiting.resolve(answer);
  }

  #fail(how) {
    this.#failure ??= new Error(`${this.#name} ${how}${this.#errors && `\n${this.#errors.trimEnd()}`}`);
    for (const { reject, timer } of this.#waiting.splice(0)) {
      clearTimeout(timer);
      reject(this.#failure);
    }
  }
}
