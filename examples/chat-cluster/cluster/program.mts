import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

export interface ProgramOptions {
  /** What it is called in messages. */
  readonly title: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: NodeJS.ProcessEnv | undefined;
  /** What it prints when others may use it. */
  readonly readyLine: RegExp;
  /** Gets what it prints from then on. */
  onLine(line: string): void;
}

/** A program that runs until it is stopped. */
export class Program {
  readonly title: string;
  /** Settles when it has ended, for whatever reason. */
  readonly ended: Promise<void>;
  readonly #child: ChildProcess;

  private constructor(title: string, child: ChildProcess, ended: Promise<void>) {
    this.title = title;
    this.#child = child;
    this.ended = ended;
  }

  /** Starts a program. Rejects with what it printed, when it ends before it is ready. */
  static async start({ title, command, args, env, readyLine, onLine }: ProgramOptions): Promise<Program> {
    const child = spawn(command, args, {
      env: { ...process.env, ...env },
      // By the channel a node learns that this process is gone, whatever became of it.
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      // In a process group of its own: Ctrl+C is for the one who starts and stops all of them in their order.
      detached: true,
    });
    const ended = once(child, 'close').then(() => {});
    const printed: string[] = [];
    await new Promise<void>((resolve, reject) => {
      let take = (line: string): void => {
        printed.push(line);
        if (!readyLine.test(line)) return;
        take = onLine;
        resolve();
      };
      for (const stream of [child.stdout!, child.stderr!]) {
        createInterface(stream).on('line', (line) => take(line));
      }
      child.once('error', (error) => reject(new Error(`${title} can't be started: ${error.message}`)));
      ended.then(
        () => reject(new Error(`${title} ended before it was ready:\n${printed.join('\n')}`)),
        reject,
      );
    });
    return new Program(title, child, ended);
  }

  /** Asks it to end. */
  async stop(): Promise<void> {
    this.#child.kill('SIGTERM');
    await this.ended;
  }

  /** Ends it as a crash would. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.ended;
  }
}
