import { BENCH_HELP, bench } from './bench.ts';
import { closestName } from './closest-name.ts';
import { CONNECT_HELP, connect } from './connect.ts';
import { ExitCode } from './exit-code.ts';
import { SERVE_HELP, serve } from './serve.ts';
import type { Terminal } from './terminal.ts';
import { UsageError } from './usage-error.ts';
import { version } from './version.ts';

interface Command {
  readonly help: string;
  run(args: readonly string[], terminal: Terminal, signal: AbortSignal): Promise<number>;
}

const COMMANDS: Readonly<Record<string, Command>> = {
  connect: { help: CONNECT_HELP, run: connect },
  serve: { help: SERVE_HELP, run: serve },
  bench: { help: BENCH_HELP, run: bench },
};

const HELP = `hawser COMMAND [options]

  hawser connect URL   talks to a server: what you type goes out, what comes in is printed
  hawser serve         runs a server that sends messages back, passes them on, or runs a command
  hawser bench URL     measures how fast a server sends messages back
  hawser --version     prints the version

  hawser connect wss://example.org/feed
  hawser serve --broadcast
  hawser bench ws://localhost:8080

hawser COMMAND --help says more. Exit codes: ${ExitCode.OK} all was well, ${ExitCode.FAILED} the connection failed,
${ExitCode.USAGE} wrong usage, ${ExitCode.CLOSED_WITH_ERROR} closed by the server with a code other than 1000, 1001 and none.`;

/**
 * Runs a command line.
 *
 * @param args - Without the program.
 * @param signal - Ends what runs until somebody ends it.
 * @returns The exit code; everything is told in the terminal.
 */
export async function run(args: readonly string[], terminal: Terminal, signal: AbortSignal): Promise<number> {
  const [name = '', ...rest] = args;
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (name === '--version' || name === '-V') {
    terminal.print(version());
    return ExitCode.OK;
  }
  if (isHelpWanted(name, rest)) {
    terminal.print(command?.help ?? HELP);
    return ExitCode.OK;
  }
  try {
    if (command === undefined) throw new UsageError(name === '' ? HELP : unknownCommand(name));
    return await command.run(rest, terminal, signal);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    const more = command === undefined ? '' : `\nhawser ${name} --help says what there is`;
    terminal.note(`${terminal.style('red', error.message)}${more}`);
    return ExitCode.USAGE;
  }
}

function isHelpWanted(name: string, rest: readonly string[]): boolean {
  return ['--help', '-h'].some((flag) => name === flag || rest.includes(flag));
}

function unknownCommand(name: string): string {
  const meant = closestName(name, Object.keys(COMMANDS));
  return `There is no command "${name}"${meant === undefined ? '' : `: did you mean "${meant}"?`}\n\n${HELP}`;
}
