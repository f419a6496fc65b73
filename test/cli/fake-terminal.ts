import { PassThrough } from 'node:stream';
import { onTestFinished } from 'vitest';
import { run } from '../../src/cli/run.ts';
import { Terminal } from '../../src/cli/terminal.ts';

/** What a command has written, and what waits for it to write something. */
class Output extends PassThrough {
  text = '';
  readonly #waiting: Array<() => void> = [];

  constructor() {
    super();
    this.on('data', (chunk: Buffer) => {
      this.text += chunk;
      for (const look of this.#waiting) look();
    });
  }

  /** Waits until what was written matches. */
  until(pattern: RegExp): Promise<RegExpExecArray> {
    return new Promise((resolve) => {
      const look = (): void => {
        const match = pattern.exec(this.text);
        if (match !== null) resolve(match);
      };
      this.#waiting.push(look);
      look();
    });
  }
}

/** A terminal in the test's hands; `isTTY`: a person sits in front of it. */
export function fakeTerminal({ isTTY = false, colours = false } = {}) {
  const stdin = Object.assign(new PassThrough(), { isTTY });
  const stdout = Object.assign(new Output(), { isTTY });
  const stderr = Object.assign(new Output(), { isTTY });
  return { stdin, stdout, stderr, terminal: new Terminal({ stdin, stdout, stderr }, colours) };
}

/** Runs a command line in a fake terminal; what runs at the end of the test is told to end. */
export function start(args: readonly string[], options: Parameters<typeof fakeTerminal>[0] = {}) {
  const fake = fakeTerminal(options);
  const controller = new AbortController();
  const ended = run(args, fake.terminal, controller.signal);
  onTestFinished(async () => {
    controller.abort();
    await ended;
  });
  return { ...fake, ended, stop: () => controller.abort() };
}
