import type { ClientOptions, WebSocket } from '../index.ts';
import { openConnection } from './client-options.ts';
import { ExitCode } from './exit-code.ts';
import type { Input, InputTarget } from './input.ts';
import { prettyJson } from './json-text.ts';
import { printable } from './printable.ts';
import type { Style, Terminal } from './terminal.ts';

/** What `hawser connect` was told of each connection. */
export interface SessionSettings {
  readonly url: string;
  readonly subprotocols: readonly string[];
  readonly client: ClientOptions;
  readonly isBinary: boolean;
  /** Whether a person types, who wants prompts, colours and commands. */
  readonly isInteractive: boolean;
  readonly json: boolean;
  readonly messages: number;
  readonly waitMs: number;
  readonly pingMs: number | undefined;
  readonly quiet: boolean;
}

/** Codes that say that all was well (RFC 6455 §7.4.1). */
const GOOD_CODES: ReadonlySet<number> = new Set([1000, 1001, 1005]);
/** Goes to the beginning of the line, and clears it: what a person has typed comes again behind it. */
const CLEAR_LINE = '\r\u001b[K';
/** How much of a binary message is shown to a person. */
const SHOWN_BYTES = 32;

/** One connection, from the attempt to its end. */
export class Session implements InputTarget {
  /** The exit code. */
  readonly ended: Promise<number>;
  readonly #settings: SessionSettings;
  readonly #terminal: Terminal;
  readonly #input: Input;
  readonly #ws: WebSocket;
  readonly #pings: number[] = [];
  #received = 0;
  #pingTimer: NodeJS.Timeout | undefined;
  /** Runs once the input has ended. */
  #waitTimer: NodeJS.Timeout | undefined;
  #error: Error | undefined;
  #isOver = false;

  /** @throws {UsageError} There can be no connection to this URL, or with these options. */
  constructor(settings: SessionSettings, terminal: Terminal, input: Input, signal: AbortSignal) {
    this.#settings = settings;
    this.#terminal = terminal;
    this.#input = input;
    this.#ws = openConnection(settings.url, settings.subprotocols, settings.client);
    this.#ws.on('open', () => this.#onOpen());
    this.#ws.on('message', (data, isBinary) => this.#onMessage(data as Buffer, isBinary));
    this.#ws.on('pong', () => this.#onPong());
    this.#ws.on('error', (error) => {
      this.#error = error;
    });
    const stop = (): void => this.#finish();
    signal.addEventListener('abort', stop);
    if (signal.aborted) stop();
    this.ended = new Promise((resolve) => {
      this.#ws.on('close', (code, reason) => {
        signal.removeEventListener('abort', stop);
        resolve(this.#onClose(code, String(reason)));
      });
    });
  }

  /** Whether this end wanted the connection to end. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** Sends a line or a chunk, or does what a person commands; resolves when the server keeps up. */
  async take(data: string | Buffer): Promise<void> {
    if (typeof data !== 'string' || !this.#settings.isInteractive) return this.#send(data);
    if (data.startsWith('//')) return this.#send(data.slice(1));
    if (data.startsWith('/')) return this.#command(data);
    if (data !== '') return this.#send(data);
  }

  /** Leaves, as a person does; another program may want what still comes. */
  onInputEnd(): void {
    if (this.#settings.isInteractive) this.#finish();
    else this.#waitTimer ??= setTimeout(() => this.#finish(), this.#settings.waitMs);
  }

  /** Tells how it goes: above the line that a person is typing. */
  note(style: Style, text: string): void {
    if (this.#settings.quiet && style !== 'red') return;
    const { isInteractive } = this.#settings;
    this.#terminal.note(`${isInteractive ? CLEAR_LINE : ''}${this.#terminal.style(style, printable(text))}`);
    this.#input.prompt();
  }

  #onOpen(): void {
    const { protocol, extensions } = this.#ws;
    const agreed = [protocol, extensions].filter((part) => part !== '').join(', ');
    this.note('green', `connected to ${this.#settings.url}${agreed && ` (${agreed})`}`);
    if (this.#settings.pingMs !== undefined) {
      this.#pingTimer = setInterval(() => this.#ping(), this.#settings.pingMs);
    }
    this.#input.attach(this);
  }

  async #send(data: string | Buffer): Promise<void> {
    this.#ws.send(data, { binary: typeof data !== 'string' });
    // It may be gone: what comes next is for another.
    await this.#ws.ready().catch(() => {});
  }

  #command(line: string): void {
    const [name, code, ...reason] = line.slice(1).split(' ');
    if (name === 'ping') this.#ping();
    else if (name === 'close') this.#close(code, reason.join(' '));
    else this.note('dim', '/ping, /close [CODE [REASON]], // for a message that begins with a slash');
  }

  #close(code: string | undefined, reason: string): void {
    try {
      this.#ws.close(code === undefined ? 1000 : Number(code), reason);
      this.#isOver = true;
    } catch (error) {
      this.note('red', (error as Error).message);
    }
  }

  #ping(): void {
    this.#pings.push(performance.now());
    this.#ws.ping();
  }

  #onPong(): void {
    const sent = this.#pings.shift();
    if (sent !== undefined) this.note('dim', `pong after ${(performance.now() - sent).toFixed(1)} ms`);
  }

  #onMessage(data: Buffer, isBinary: boolean): void {
    if (this.#received >= this.#settings.messages) return;
    this.#received++;
    this.#waitTimer?.refresh();
    if (isBinary && this.#settings.isBinary) this.#terminal.stdout.write(data);
    else this.#show(isBinary ? describeBytes(data) : this.#textOf(data));
    if (this.#received >= this.#settings.messages) this.#finish();
    else this.#waitForReader();
  }

  /** Whoever reads the output more slowly than the server sends holds the server up. */
  #waitForReader(): void {
    const { stdout } = this.#terminal;
    if (this.#isOver || !stdout.writableNeedDrain || this.#ws.isPaused) return;
    this.#ws.pause();
    stdout.once('drain', () => this.#ws.resume());
  }

  #textOf(data: Buffer): string {
    const text = this.#terminal.shown(String(data));
    if (!this.#settings.json) return text;
    return prettyJson(text, (style, part) => this.#terminal.style(style, part));
  }

  #show(text: string): void {
    if (!this.#settings.isInteractive) return this.#terminal.print(text);
    this.#terminal.stdout.write(`${CLEAR_LINE}${this.#terminal.style('blue', '< ')}${text}\n`);
    this.#input.prompt();
  }

  #finish(): void {
    this.#isOver = true;
    this.#ws.close(1000);
    // The server's answer is behind what nobody may read any more.
    this.#ws.resume();
  }

  #onClose(code: number, reason: string): number {
    clearInterval(this.#pingTimer);
    clearTimeout(this.#waitTimer);
    this.#input.detach();
    if (this.#isOver) {
      if (this.#settings.isInteractive) this.#terminal.stdout.write(CLEAR_LINE);
      return ExitCode.OK;
    }
    if (this.#error !== undefined) {
      this.note('red', this.#error.message);
      return ExitCode.FAILED;
    }
    this.note('yellow', `closed with ${code}${reason && `: ${reason}`}`);
    if (code === 1006) return ExitCode.FAILED;
    return GOOD_CODES.has(code) ? ExitCode.OK : ExitCode.CLOSED_WITH_ERROR;
  }
}

function describeBytes(data: Buffer): string {
  const more = data.length > SHOWN_BYTES ? ' …' : '';
  const hex = data.toString('hex', 0, SHOWN_BYTES).replace(/..(?=.)/g, '$& ');
  return `binary, ${data.length} B: ${hex}${more}`;
}
