import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { type AllowedOrigins, type ServerOptions, type WebSocket, WebSocketServer } from '../index.ts';
import { readArguments, readNumber } from './arguments.ts';
import { readFile } from './client-options.ts';
import { serveCommand } from './command-peer.ts';
import { ExitCode } from './exit-code.ts';
import type { Terminal } from './terminal.ts';
import { UsageError } from './usage-error.ts';

export const SERVE_HELP = `hawser serve [options]

Runs a server to try things with. It sends every message back, unless it is told otherwise.

  hawser serve
  hawser serve --port 9000 --broadcast
  hawser serve --http2 --cert cert.pem --key key.pem
  hawser serve --exec 'grep --line-buffered -i error'

      --port N                default 8080; 0 for any that is free
      --host ADDRESS          default 127.0.0.1: this machine alone can connect
      --broadcast             sends every message to all
      --exec COMMAND          starts a command for each connection: messages are lines of its
                              stdin, and lines of its stdout messages. It ends with its client,
                              and what it has started with it
      --origin ORIGIN         lets pages of this origin connect, such as http://localhost:3000,
                              and no others; may be given several times. Default: any, and
                              none with --exec
      --deflate               accepts permessage-deflate
      --cert FILE --key FILE  serves wss:
      --http2                 takes WebSockets over HTTP/2, too: by ALPN, or without --cert from
                              clients that know, such as hawser connect --http2
      --quiet                 prints where it listens, and nothing else

Ctrl+C ends it: clients are told 1001. Exit codes: ${ExitCode.OK} it was ended, ${ExitCode.FAILED} it can't listen, ${ExitCode.USAGE} wrong
usage. A command that fails closes its connection with 1011.`;

const OPTIONS = {
  port: { type: 'string', default: '8080' },
  host: { type: 'string', default: '127.0.0.1' },
  broadcast: { type: 'boolean', default: false },
  exec: { type: 'string' },
  origin: { type: 'string', multiple: true },
  deflate: { type: 'boolean', default: false },
  cert: { type: 'string' },
  key: { type: 'string' },
  http2: { type: 'boolean', default: false },
  quiet: { type: 'boolean', default: false },
} as const;

/** How long clients may take to leave at the end, in milliseconds. */
const DRAIN_MS = 1000;

/** What is done with a connection. */
type Serve = (ws: WebSocket, server: WebSocketServer) => void;

/** Runs `hawser serve`, until `signal` is aborted. @throws {UsageError} */
export async function serve(
  args: readonly string[],
  terminal: Terminal,
  signal: AbortSignal,
): Promise<number> {
  const { values, positionals } = readArguments(args, OPTIONS);
  const { port, host, broadcast, exec, origin, deflate, cert, key, http2, quiet } = values;
  if (positionals.length > 0)
    throw new UsageError(`hawser serve wants options alone, not "${positionals[0]}"`);
  if ((cert === undefined) !== (key === undefined)) throw new UsageError('--cert and --key go together');
  const tls = cert === undefined ? undefined : { cert: readFile('cert', cert), key: readFile('key', key!) };
  const server = createServer({
    port: readNumber('port', port, 0),
    host,
    origins: originsOf(origin, exec),
    perMessageDeflate: deflate,
    http2,
    ...(tls && { tls }),
  });
  const note = (text: string): void => {
    if (!quiet) terminal.note(terminal.style('dim', text));
  };
  const mode = modeOf(broadcast, exec);
  server.on('connection', (ws, { socket, url, httpVersion }) => {
    const over = httpVersion === '2.0' ? ' over HTTP/2' : '';
    const name = `${socket.remoteAddress}:${socket.remotePort} ${url}${over}`;
    note(`+ ${name}`);
    ws.on('error', (error) => note(`! ${name} ${error.message}`));
    ws.on('close', (code) => note(`- ${name} ${code}`));
    mode.serve(ws, server);
  });
  try {
    await once(server, 'listening');
  } catch (error) {
    terminal.note(terminal.style('red', (error as Error).message));
    return ExitCode.FAILED;
  }
  const { address, port: actual, family } = server.address() as AddressInfo;
  const where = family === 'IPv6' ? `[${address}]` : address;
  terminal.print(`${mode.title} on ${tls ? 'wss' : 'ws'}://${where}:${actual}`);
  if (!signal.aborted) await once(signal, 'abort');
  await server.drain({ deadlineMs: DRAIN_MS });
  await new Promise((resolve) => server.close(resolve));
  return ExitCode.OK;
}

/** @throws {UsageError} There can be no server with these options. */
function createServer(options: ServerOptions): WebSocketServer {
  try {
    return new WebSocketServer(options);
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

/** Returns which pages may connect. A browser lets each talk to this machine: to one's own command by default none. */
function originsOf(origins: readonly string[] | undefined, command: string | undefined): AllowedOrigins {
  if (origins === undefined) return command === undefined ? 'any' : [];
  return origins.includes('any') ? 'any' : origins;
}

function modeOf(broadcast: boolean, command: string | undefined): { title: string; serve: Serve } {
  if (broadcast && command !== undefined) throw new UsageError('--broadcast and --exec do not go together');
  if (command !== undefined) return { title: command, serve: (ws) => serveCommand(ws, command) };
  if (broadcast) return { title: 'broadcast', serve: passOn };
  return { title: 'echo', serve: sendBack };
}

/** Reads no more of a client than it takes back. */
function sendBack(ws: WebSocket): void {
  ws.on('message', (data, isBinary) => {
    ws.send(data as Buffer, { binary: isBinary });
    if (!ws.writableNeedDrain || ws.isPaused) return;
    ws.pause();
    ws.once('drain', () => ws.resume());
  });
}

function passOn(ws: WebSocket, server: WebSocketServer): void {
  ws.on('message', (data, isBinary) => server.broadcast(data as Buffer, { binary: isBinary }));
}
