import { setTimeout as sleep } from 'node:timers/promises';
import { Backoff } from '../client/backoff.ts';
import { readArguments, readNumber, readUrl } from './arguments.ts';
import { CLIENT_HELP, CLIENT_OPTIONS, clientOptions } from './client-options.ts';
import { ExitCode } from './exit-code.ts';
import { Input } from './input.ts';
import { Session, type SessionSettings } from './session.ts';
import type { Terminal } from './terminal.ts';
import { UsageError } from './usage-error.ts';

export const CONNECT_HELP = `hawser connect URL [options]

Opens a connection. What you type goes out, a message a line; what comes in is printed. Without a
terminal it is a part of a pipe: lines of stdin become messages, messages become lines of stdout,
and everything else goes to stderr.

  hawser connect ws://localhost:8080
  hawser connect wss://example.org/chat -H 'Cookie: id=1' -s chat.v2 --reconnect
  echo '{"type":"ping"}' | hawser connect localhost:8080 --messages 1 --quiet
  hawser connect wss://example.org/camera --binary < question > answer

${CLIENT_HELP}
      --text-lines            lines as text messages, also in a terminal: no prompt, no commands
      --binary                stdin as binary messages, a chunk each; binary messages as they are
      --json                  prints JSON over several lines
      --messages N            ends after as many messages came
      --wait SECONDS          how long to stay, after stdin has ended, for what comes; default 1
      --ping SECONDS          pings, and tells how long the pong took
      --reconnect             comes back when the connection is lost, until Ctrl+C: at most half a
                              second later at first, at most 30 seconds later in the end
      --quiet                 prints messages and errors alone

In a terminal: /ping, /close [CODE [REASON]], /help; // sends a slash. Ctrl+C or Ctrl+D ends.
Colours are used in terminals, unless NO_COLOR is set.

Exit codes: ${ExitCode.OK} all was well, ${ExitCode.FAILED} no connection, or it broke off, ${ExitCode.USAGE} wrong usage, ${ExitCode.CLOSED_WITH_ERROR} closed by the
server with a code other than 1000, 1001 and none.`;

const OPTIONS = {
  ...CLIENT_OPTIONS,
  'text-lines': { type: 'boolean', default: false },
  binary: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
  messages: { type: 'string' },
  wait: { type: 'string', default: '1' },
  ping: { type: 'string' },
  reconnect: { type: 'boolean', default: false },
  quiet: { type: 'boolean', default: false },
} as const;

/** Of the pauses of --reconnect. */
const BACKOFF = { minDelayMs: 500, maxDelayMs: 30_000, delayFactor: 2, maxRetries: Infinity };

/** Runs `hawser connect`, until the connection ends, or `signal` is aborted. @throws {UsageError} */
export async function connect(
  args: readonly string[],
  terminal: Terminal,
  signal: AbortSignal,
): Promise<number> {
  const { values, positionals } = readArguments(args, OPTIONS);
  const isBinary = values.binary;
  if (isBinary && values['text-lines']) throw new UsageError('--binary and --text-lines do not go together');
  const isInteractive = terminal.isInteractive && !isBinary && !values['text-lines'];
  const settings: SessionSettings = {
    url: readUrl('connect', positionals),
    subprotocols: values.subprotocol ?? [],
    client: clientOptions(values),
    isBinary,
    isInteractive,
    json: values.json,
    messages: values.messages === undefined ? Infinity : readNumber('messages', values.messages, 1),
    waitMs: 1000 * readNumber('wait', values.wait, 0),
    pingMs: values.ping === undefined ? undefined : 1000 * readNumber('ping', values.ping, 0.001),
    quiet: values.quiet,
  };
  const interrupt = new AbortController();
  const input = new Input(terminal, { isBinary, isInteractive, onInterrupt: () => interrupt.abort() });
  const stop = AbortSignal.any([signal, interrupt.signal]);
  const open = (): Session => new Session(settings, terminal, input, stop);
  try {
    return values.reconnect ? await reconnecting(open, stop) : await open().ended;
  } finally {
    input.close();
  }
}

/** Opens one connection after the other. */
async function reconnecting(open: () => Session, signal: AbortSignal): Promise<number> {
  const backoff = new Backoff(BACKOFF);
  for (;;) {
    const started = Date.now();
    const session = open();
    const code = await session.ended;
    if (session.isOver) return code;
    // One that lasted has earned a quick return.
    if (Date.now() - started > BACKOFF.maxDelayMs) backoff.reset();
    const delay = backoff.next('now')!;
    session.note('dim', `connecting again in ${(delay / 1000).toFixed(1)} s`);
    try {
      await sleep(delay, undefined, { signal });
    } catch {
      return ExitCode.OK;
    }
  }
}
