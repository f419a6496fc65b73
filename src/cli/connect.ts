import { createInterface, type Interface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket } from '../index.ts';
import { readArguments, readNumber, readUrl } from './arguments.ts';
import { CLIENT_HELP, CLIENT_OPTIONS, clientOptions } from './client-options.ts';
import { ExitCode } from './exit-code.ts';
import { prettyJson } from './json-text.ts';
import type { Terminal } from './terminal.ts';
import { UsageError } from './usage-error.ts';

export const CONNECT_HELP = `hawser connect URL [options]

Opens a connection. What you type goes out, a message a line; what comes in is printed. Without a
terminal it is a part of a pipe: lines of stdin become messages, messages become lines of stdout,
and everything else goes to stderr.

  hawser connect ws://localhost:8080
  hawser connect wss://example.org/chat -H 'Cookie: id=1' -s chat.v2
  echo '{"type":"ping"}' | hawser connect localhost:8080 --messages 1

${CLIENT_HELP}
      --binary                stdin as binary messages, a chunk each; binary messages as they are
      --json                  prints JSON over several lines
      --messages N            ends after as many messages came
      --wait SECONDS          how long to stay, after stdin has ended, for what comes; default 1
      --ping SECONDS          pings, and tells how long the pong took
      --reconnect             comes back when the connection is lost, until Ctrl+C
      --quiet                 prints messages alone

In a terminal: /ping, /close [CODE [REASON]], /help; // sends a slash. Ctrl+C ends.`;

const OPTIONS = {
  ...CLIENT_OPTIONS,
  binary: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
  messages: { type: 'string' },
  wait: { type: 'string', default: '1' },
  ping: { type: 'string' },
  reconnect: { type: 'boolean', default: false },
  quiet: { type: 'boolean', default: false },
} as const;

/** Codes that say that all was well (RFC 6455 §7.4.1). */
const GOOD_CODES: ReadonlySet<number> = new Set([1000, 1001, 1005]);
const MAX_RECONNECT_DELAY_MS = 30_000;
/** Goes to the beginning of the line, and clears it: what a person has typed comes again behind it. */
const CLEAR_LINE = '\r\u001b[K';
/** How much of a binary message is shown to a person. */
const SHOWN_BYTES = 32;

interface Settings {
  readonly url: string;
  readonly subprotocols: readonly string[];
  readonly client: ReturnType<typeof clientOptions>;
  readonly binary: boolean;
  readonly json: boolean;
  readonly messages: number;
  readonly waitMs: number;
  readonly pingMs: number | undefined;
  readonly quiet: boolean;
}

/** Runs `hawser connect`, until the connection ends, or `signal` is aborted. @throws {UsageError} */
export async function connect(
  args: readonly string[],
  terminal: Terminal,
  signal: AbortSignal,
): Promise<number> {
  const { values, positionals } = readArguments(args, OPTIONS);
  const settings: Settings = {
    url: readUrl('connect', positionals),
    subprotocols: values.subprotocol ?? [],
    client: clientOptions(values),
    binary: values.binary,
    json: values.json,
    messages: values.messages === undefined ? Infinity : readNumber('messages', values.messages, 1),
    waitMs: 1000 * readNumber('wait', values.wait, 0),
    pingMs: values.ping === undefined ? undefined : 1000 * readNumber('ping', values.ping, 0.001),
    quiet: values.quiet,
  };
  if (!values.reconnect) return new Session(settings, terminal, signal).ended;
  return reconnecting(settings, terminal, signal);
}

async function reconnecting(settings: Settings, terminal: Terminal, signal: AbortSignal): Promise<number> {
  for (let attempt = 0; ; attempt++) {
    const started = Date.now();
    const session = new Session(settings, terminal, signal);
    const code = await session.ended;
    if (session.isOver) return code;
    // One that lasted has earned a quick return.
    if (Date.now() - started > MAX_RECONNECT_DELAY_MS) attempt = 0;
    const delay = Math.min(MAX_RECONNECT_DELAY_MS, 500 * 2 ** attempt);
    if (!settings.quiet) terminal.note(`connecting again in ${delay / 1000} s`);
    try {
      await sleep(delay, undefined, { signal });
    } catch {
      return ExitCode.OK;
    }
  }
}

/** One connection, from the attempt to its end. */
class Session {
  /** The exit code. */
  readonly ended: Promise<number>;
  readonly #settings: Settings;
  readonly #terminal: Terminal;
  readonly #ws: WebSocket;
  readonly #pings: number[] = [];
  #input: Interface | undefined;
  #received = 0;
  #pingTimer: NodeJS.Timeout | undefined;
  /** Runs once stdin has ended. */
  #waitTimer: NodeJS.Timeout | undefined;
  #error: Error | undefined;
  #isOver = false;

  constructor(settings: Settings, terminal: Terminal, signal: AbortSignal) {
    this.#settings = settings;
    this.#terminal = terminal;
    this.#ws = open(settings);
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

  #onOpen(): void {
    const { protocol, extensions } = this.#ws;
    const agreed = [protocol, extensions].filter((part) => part !== '').join(', ');
    this.#note('green', `connected to ${this.#settings.url}${agreed && ` (${agreed})`}`);
    if (this.#settings.pingMs !== undefined) {
      this.#pingTimer = setInterval(() => this.#ping(), this.#settings.pingMs);
    }
    if (this.#settings.binary) this.#readChunks();
    else this.#readLines();
  }

  #readLines(): void {
    const { stdin, stdout, isInteractive } = this.#terminal;
    const input = createInterface({
      input: stdin,
      ...(isInteractive && { output: stdout, prompt: this.#terminal.style('dim', '> ') }),
      terminal: isInteractive,
      crlfDelay: Number.POSITIVE_INFINITY,
    });
    this.#input = input;
    input.on('line', (line) => this.#onLine(line));
    input.on('SIGINT', () => this.#finish());
    input.on('close', () => this.#onInputEnd());
    if (isInteractive) input.prompt();
  }

  #readChunks(): void {
    const { stdin } = this.#terminal;
    stdin.on('data', (chunk: Buffer) => void this.#send(chunk));
    stdin.on('end', () => this.#onInputEnd());
  }

  #onLine(line: string): void {
    if (!this.#terminal.isInteractive) void this.#send(line);
    else if (line.startsWith('//')) void this.#send(line.slice(1));
    else if (line.startsWith('/')) this.#command(line);
    else if (line !== '') void this.#send(line);
    if (this.#terminal.isInteractive) this.#input?.prompt();
  }

  /** Reads on when the server keeps up. */
  async #send(data: string | Buffer): Promise<void> {
    const { stdin } = this.#terminal;
    this.#ws.send(data, { binary: typeof data !== 'string' });
    if (!this.#ws.writableNeedDrain) return;
    stdin.pause();
    await this.#ws.ready().catch(() => {});
    stdin.resume();
  }

  #command(line: string): void {
    const [name, code, ...reason] = line.slice(1).split(' ');
    if (name === 'ping') this.#ping();
    else if (name === 'close') this.#close(code, reason.join(' '));
    else this.#note('dim', '/ping, /close [CODE [REASON]], // for a message that begins with a slash');
  }

  #close(code: string | undefined, reason: string): void {
    try {
      this.#ws.close(code === undefined ? 1000 : Number(code), reason);
      this.#isOver = true;
    } catch (error) {
      this.#note('red', (error as Error).message);
    }
  }

  #ping(): void {
    this.#pings.push(performance.now());
    this.#ws.ping();
  }

  #onPong(): void {
    const sent = this.#pings.shift();
    if (sent !== undefined) this.#note('dim', `pong after ${(performance.now() - sent).toFixed(1)} ms`);
  }

  #onMessage(data: Buffer, isBinary: boolean): void {
    if (this.#received >= this.#settings.messages) return;
    this.#received++;
    this.#waitTimer?.refresh();
    if (isBinary && this.#settings.binary) this.#terminal.stdout.write(data);
    else this.#show(isBinary ? describeBytes(data) : this.#textOf(data));
    if (this.#received >= this.#settings.messages) this.#finish();
  }

  #textOf(data: Buffer): string {
    const text = String(data);
    if (!this.#settings.json) return text;
    return prettyJson(text, (style, part) => this.#terminal.style(style, part));
  }

  /** Prints above the line that a person is typing. */
  #show(text: string): void {
    if (!this.#terminal.isInteractive) return this.#terminal.print(text);
    this.#terminal.stdout.write(`${CLEAR_LINE}${this.#terminal.style('blue', '< ')}${text}\n`);
    this.#input?.prompt(true);
  }

  #onInputEnd(): void {
    if (this.#terminal.isInteractive) this.#finish();
    else this.#waitTimer ??= setTimeout(() => this.#finish(), this.#settings.waitMs);
  }

  #finish(): void {
    this.#isOver = true;
    this.#ws.close(1000);
  }

  #onClose(code: number, reason: string): number {
    clearInterval(this.#pingTimer);
    clearTimeout(this.#waitTimer);
    this.#input?.close();
    this.#input = undefined;
    if (this.#terminal.isInteractive) this.#terminal.stdout.write(CLEAR_LINE);
    // Otherwise a terminal's input, which nobody reads any more, keeps the process.
    this.#terminal.stdin.pause();
    if (this.#error !== undefined && !this.#isOver) {
      this.#note('red', this.#error.message);
      return ExitCode.FAILED;
    }
    if (this.#isOver) return ExitCode.OK;
    this.#note('yellow', `closed with ${code}${reason && `: ${reason}`}`);
    if (code === 1006) return ExitCode.FAILED;
    return GOOD_CODES.has(code) ? ExitCode.OK : ExitCode.CLOSED_WITH_ERROR;
  }

  #note(style: Parameters<Terminal['style']>[0], text: string): void {
    if (this.#settings.quiet && style !== 'red') return;
    const { isInteractive } = this.#terminal;
    this.#terminal.note(`${isInteractive ? CLEAR_LINE : ''}${this.#terminal.style(style, text)}`);
    if (isInteractive) this.#input?.prompt(true);
  }
}

function open({ url, subprotocols, client }: Settings): WebSocket {
  try {
    return new WebSocket(url, [...subprotocols], client);
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

function describeBytes(data: Buffer): string {
  const more = data.length > SHOWN_BYTES ? ' …' : '';
  const hex = data.toString('hex', 0, SHOWN_BYTES).replace(/..(?=.)/g, '$& ');
  return `binary, ${data.length} B: ${hex}${more}`;
}
