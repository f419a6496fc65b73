import { execFileSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { onTestFinished } from 'vitest';
import { findTmux } from '../../scripts/tmux.mjs';

const COLUMNS = 90;
const ROWS = 40;
let count = 0;

/** A terminal in which a shell runs, as a person sits in front of it; it is closed at the end of the test. */
export class Tmux {
  readonly #program: string;
  /** A server of its own. */
  readonly #name = `hawser-${process.pid}-${count++}`;

  /** @param command - What runs in it. */
  constructor(command: string) {
    const { executablePath, reason } = findTmux();
    if (executablePath === undefined) throw new Error(reason);
    this.#program = executablePath;
    onTestFinished(() => void this.#run('kill-server'));
    this.#run('new-session', '-d', '-x', String(COLUMNS), '-y', String(ROWS), command);
  }

  /** Types text. */
  type(text: string): void {
    this.#run('send-keys', '-l', text);
  }

  /** Presses keys, by the names that tmux has for them: `Enter`, `C-c`. */
  press(...keys: string[]): void {
    this.#run('send-keys', ...keys);
  }

  /** What is on the screen, line by line, without what is blank at their ends and below them. */
  screen({ withStyles = false } = {}): string {
    const text = this.#run('capture-pane', '-p', ...(withStyles ? ['-e'] : []));
    return text.replace(/ +$/gm, '').trimEnd();
  }

  /** Waits until what is on the screen matches, and returns it. */
  async shows(pattern: RegExp, options?: { withStyles?: boolean }): Promise<string> {
    for (let screen = this.screen(options); ; screen = this.screen(options)) {
      if (pattern.test(screen)) return screen;
      // A terminal tells nobody that something was written to it.
      await sleep(30);
    }
  }

  #run(...args: string[]): string {
    return execFileSync(this.#program, ['-L', this.#name, '-f', '/dev/null', ...args], { encoding: 'utf8' });
  }
}
