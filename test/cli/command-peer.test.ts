import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { serveCommand } from '../../src/cli/command-peer.ts';
import { WebSocket } from '../../src/index.ts';
import { closeCode, openClient, startTestServer } from '../behaviour/engine.ts';

async function serve(command: string): Promise<string> {
  const { wss, url } = await startTestServer();
  wss.on('connection', (ws) => serveCommand(ws, command));
  return url;
}

/** Waits for so many messages. */
function messages(ws: WebSocket, count: number): Promise<string[]> {
  return new Promise((resolve) => {
    const got: string[] = [];
    ws.on('message', (data) => {
      if (got.push(String(data)) === count) resolve(got);
    });
  });
}

/** Resolves when the process has ended, whether or not somebody has taken notice of it. */
async function gone(pid: string | undefined): Promise<void> {
  const state = (): string => {
    const { stdout } = spawnSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' });
    return stdout.trim();
  };
  while (/^[^Z]/.test(state())) await new Promise(setImmediate);
}

describe('serveCommand', () => {
  it('makes lines of messages, and messages of lines', async () => {
    const client = await openClient(await serve('read line; echo "got $line"; echo two'));
    const got: string[] = [];
    client.on('message', (data) => got.push(String(data)));
    const closed = closeCode(client);
    client.send('it');
    expect(await closed).toBe(1000);
    expect(got).toEqual(['got it', 'two']);
  });

  it.each(['exit 3', 'kill -9 $$', 'no-such-command-anywhere 2> /dev/null'])(
    'closes with 1011 when the command fails: %s',
    async (command) => {
      expect(await closeCode(new WebSocket(await serve(command)))).toBe(1011);
    },
  );

  it('ends the command with its client, and what it has started, and stays', async () => {
    const client = await openClient(await serve('sleep 600 & echo $!; echo $$; cat'));
    const pids = await messages(client, 2);
    client.terminate();
    await Promise.all(pids.map(gone));
  });

  it('ends a command that does not want to', async () => {
    const client = await openClient(await serve("trap '' TERM; echo $$; while :; do sleep 0.05; done"));
    const [pid] = await messages(client, 1);
    client.terminate();
    await gone(pid);
  });

  it('holds the client up while the command does not read', async () => {
    const pause = vi.spyOn(WebSocket.prototype, 'pause');
    const resume = vi.spyOn(WebSocket.prototype, 'resume');
    onTestFinished(() => void vi.restoreAllMocks());
    const url = await serve('echo $$; exec cat > /dev/null');
    const client = await openClient(url, { perMessageDeflate: false });
    const [pid] = await messages(client, 1);
    process.kill(Number(pid), 'SIGSTOP');
    while (pause.mock.calls.length === 0) {
      // Not `ready`: once it is held up, that waits for the command.
      client.send('x'.repeat(2 ** 16));
      await new Promise(setImmediate);
    }
    process.kill(Number(pid), 'SIGCONT');
    while (resume.mock.calls.length === 0) await new Promise(setImmediate);
    client.close();
    await gone(pid);
  });

  it('holds the command up while the client does not read', async () => {
    const { wss, url } = await startTestServer();
    const connection = once(wss, 'connection') as Promise<[WebSocket]>;
    const client = new WebSocket(url, { perMessageDeflate: false });
    const [ws] = await connection;
    await once(client, 'open');
    let read = () => {};
    const ready = vi.spyOn(ws, 'ready').mockImplementation(
      () =>
        new Promise((resolve) => {
          read = resolve;
        }),
    );
    serveCommand(ws, 'yes');
    for (const lines of [1, 2]) {
      while (ready.mock.calls.length < lines) await new Promise(setImmediate);
      // Many lines have come with the first one.
      for (let turn = 0; turn < 10; turn++) await new Promise(setImmediate);
      expect(ready).toHaveBeenCalledTimes(lines);
      read();
    }
    client.terminate();
    await once(ws, 'close');
  });
});
