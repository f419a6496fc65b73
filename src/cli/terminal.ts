import type { Readable, Writable } from 'node:stream';
import { styleText } from 'node:util';
import { printable } from './printable.ts';

export type Style = Parameters<typeof styleText>[0];

/** What a command reads from and writes to. */
export interface TerminalStreams {
  readonly stdin: Readable & { readonly isTTY?: boolean };
  readonly stdout: Writable & { readonly isTTY?: boolean };
  readonly stderr: Writable & { readonly isTTY?: boolean };
}

/** Where a person, or another program, runs a command: results go to stdout, everything else to stderr. */
export class Terminal {
  readonly stdin: TerminalStreams['stdin'];
  readonly stdout: TerminalStreams['stdout'];
  readonly stderr: TerminalStreams['stderr'];
  readonly #colours: boolean;

  /** @param colours - Whether to use them; by default where both outputs are a terminal's and NO_COLOR is not set. */
  constructor(streams: TerminalStreams, colours?: boolean) {
    this.stdin = streams.stdin;
    this.stdout = streams.stdout;
    this.stderr = streams.stderr;
    this.#colours =
      colours ?? (Boolean(streams.stdout.isTTY && streams.stderr.isTTY) && !process.env.NO_COLOR);
  }

  /** Whether a person types what comes in, and reads what goes out. */
  get isInteractive(): boolean {
    return Boolean(this.stdin.isTTY && this.stdout.isTTY);
  }

  /** Writes a line of the result. */
  print(line: string): void {
    this.stdout.write(`${line}\n`);
  }

  /** Writes a line about what goes on. */
  note(line: string): void {
    this.stderr.write(`${line}\n`);
  }

  /** Returns a peer's text as it can go to stdout: to another program as it is, to a person as {@link printable}. */
  shown(text: string): string {
    return this.stdout.isTTY ? printable(text) : text;
  }

  /** Returns `text` in a style, where there are styles. */
  style(style: Style, text: string): string {
    // Whether there are colours is decided here, for both outputs.
    return this.#colours ? styleText(style, text, { validateStream: false }) : text;
  }
}
