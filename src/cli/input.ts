import { createInterface, type Interface } from 'node:readline';
import type { Terminal } from './terminal.ts';

/** Where goes what is read: a connection that is open. */
export interface InputTarget {
  /** Takes a line or a chunk; resolves when there may be another. */
  take(data: string | Buffer): Promise<void>;
  onInputEnd(): void;
}

export interface InputSettings {
  /** Chunks, as they come, in the place of lines. */
  readonly isBinary: boolean;
  /** Whether a person types, at a prompt. */
  readonly isInteractive: boolean;
  /** Ctrl+C, which a prompt takes from the system. */
  onInterrupt(): void;
}

/**
 * What a person types or another program writes, for one connection after the other: it is read while there is one, and what
 * was read too much waits for the next.
 */
export class Input {
  readonly #terminal: Terminal;
  readonly #settings: InputSettings;
  #interface: Interface | undefined;
  #target: InputTarget | undefined;
  #onTarget: ((target: InputTarget) => void) | undefined;
  #state: 'unread' | 'reading' | 'ended' = 'unread';

  constructor(terminal: Terminal, settings: InputSettings) {
    this.#terminal = terminal;
    this.#settings = settings;
  }

  /** Reads for a connection, until {@link detach}. */
  attach(target: InputTarget): void {
    this.#target = target;
    this.#onTarget?.(target);
    if (this.#state === 'ended') target.onInputEnd();
    else if (this.#state === 'unread') void this.#read();
    else this.prompt();
  }

  detach(): void {
    this.#target = undefined;
  }

  /** Shows a person what they have typed, below what was printed. */
  prompt(): void {
    if (this.#settings.isInteractive) this.#interface?.prompt(true);
  }

  /** Reads no more: a terminal's input would keep the process. */
  close(): void {
    this.#interface?.close();
    if (this.#settings.isBinary) this.#terminal.stdin.destroy();
    else this.#terminal.stdin.pause();
  }

  async #read(): Promise<void> {
    this.#state = 'reading';
    try {
      for await (const data of this.#settings.isBinary ? this.#terminal.stdin : this.#lines()) {
        const target = this.#target ?? (await this.#nextTarget());
        await target.take(data);
        this.prompt();
      }
    } catch {
      // What can't be read any more has ended.
    }
    this.#state = 'ended';
    this.#target?.onInputEnd();
  }

  #lines(): Interface {
    const { stdin, stdout } = this.#terminal;
    const { isInteractive } = this.#settings;
    this.#interface = createInterface({
      input: stdin,
      ...(isInteractive && { output: stdout, prompt: this.#terminal.style('dim', '> ') }),
      terminal: isInteractive,
      crlfDelay: Number.POSITIVE_INFINITY,
    });
    this.#interface.on('SIGINT', () => this.#settings.onInterrupt());
    this.prompt();
    return this.#interface;
  }

  #nextTarget(): Promise<InputTarget> {
    return new Promise((resolve) => {
      this.#onTarget = (target) => {
        this.#onTarget = undefined;
        resolve(target);
      };
    });
  }
}
