import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { WebSocket } from '../index.ts';

/** How long a command that was told to end may take, in milliseconds. */
const GRACE_MS = 2000;

/**
 * Connects a client with a command of its own: messages are lines of its input, and lines of its output messages. A client
 * that does not read holds the command up, and the other way round. When the client goes, so does the command, with all
 * that it has started.
 */
export function serveCommand(ws: WebSocket, command: string): void {
  // It leads a process group, so that what it starts can be ended with it.
  const child = spawn(command, { shell: true, stdio: ['pipe', 'pipe', 'inherit'], detached: true });
  const { stdin, stdout } = child;
  const ended = once(child, 'close').catch(() => [null]);
  stdin.on('error', () => {});
  ws.on('message', (data) => {
    if (stdin.write(`${data}\n`)) return;
    ws.pause();
    stdin.once('drain', () => ws.resume());
  });
  ws.on('close', () => endGroup(child, ended));
  const lines = createInterface({ input: stdout, crlfDelay: Number.POSITIVE_INFINITY });
  void sendLines(ws, lines).then(async () => {
    const [code] = await ended;
    ws.close(code === 0 ? 1000 : 1011);
  });
}

async function sendLines(ws: WebSocket, lines: AsyncIterable<string>): Promise<void> {
  for await (const line of lines) {
    ws.send(line, () => {});
    // It has gone; its end ends the command.
    await ws.ready().catch(() => {});
  }
}

/** Asks a command to end, and all that it has started; then ends them. */
function endGroup(child: ChildProcess, ended: Promise<unknown>): void {
  if (child.pid === undefined) return;
  child.stdin?.end();
  signalGroup(child.pid, 'SIGTERM');
  const timer = setTimeout(signalGroup, GRACE_MS, child.pid, 'SIGKILL');
  void ended.then(() => clearTimeout(timer));
}

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch {
    // All of it has ended.
  }
}
