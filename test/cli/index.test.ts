import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { echo, startTestServer } from '../behaviour/engine.ts';

const PROGRAM = ['--import', 'tsx', join('src', 'cli', 'index.ts')];

function hawser(...args: string[]): ChildProcess {
  const child = spawn(process.execPath, [...PROGRAM, ...args], { stdio: ['pipe', 'pipe', 'pipe'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  return child;
}

async function outputOf(child: ChildProcess): Promise<{ code: number; output: string }> {
  let output = '';
  child.stdout!.on('data', (chunk) => {
    output += chunk;
  });
  const [code] = await once(child, 'close');
  return { code, output };
}

describe('the program', () => {
  it('is a part of a pipe', async () => {
    const { wss, url } = await startTestServer();
    wss.on('connection', echo);
    const child = hawser('connect', url, '--messages', '2');
    child.stdin!.end('one\ntwo\n');
    expect(await outputOf(child)).toEqual({ code: 0, output: 'one\ntwo\n' });
  });

  it('passes bytes from file to file', async () => {
    const { wss, url } = await startTestServer();
    const bytes = randomBytes(500_000);
    wss.on('connection', (ws) => {
      echo(ws);
      let left = bytes.length;
      ws.on('message', (data) => {
        left -= (data as Buffer).length;
        if (left === 0) ws.close(1000);
      });
    });
    const child = hawser('connect', url, '--binary', '--wait', '600');
    const chunks: Buffer[] = [];
    child.stdout!.on('data', (chunk) => chunks.push(chunk));
    child.stdin!.end(bytes);
    expect((await once(child, 'close'))[0]).toBe(0);
    expect(Buffer.concat(chunks).equals(bytes)).toBe(true);
  });

  it('ends though nobody has ended stdin', async () => {
    const { wss, url } = await startTestServer();
    wss.on('connection', (ws) => ws.close(4000, 'no'));
    for (const options of [[], ['--binary'], ['--text-lines']]) {
      expect((await outputOf(hawser('connect', url, ...options))).code).toBe(3);
    }
  });

  it('ends with the code that tells what happened', async () => {
    expect((await outputOf(hawser('connect', 'ws://127.0.0.1:1'))).code).toBe(1);
    expect((await outputOf(hawser('walk'))).code).toBe(2);
  });

  it('ends at SIGINT, in order', async () => {
    const child = hawser('serve', '--port', '0');
    await once(child.stdout!, 'data');
    child.kill('SIGINT');
    expect((await outputOf(child)).code).toBe(0);
  });

  it('ends when nobody reads it any more', async () => {
    const { wss, url } = await startTestServer();
    wss.on('connection', (ws) => {
      const send = (): void => ws.send('x'.repeat(10_000), (error) => error ?? setImmediate(send));
      send();
    });
    const child = hawser('connect', url);
    await once(child.stdout!, 'data');
    child.stdout!.destroy();
    const [code] = await once(child, 'close');
    expect(code).toBe(0);
  });

  it('speaks HTTP/2 where it is told to', async () => {
    const { wss, url } = await startTestServer({ http2: true });
    const versions: string[] = [];
    wss.on('connection', (ws, { httpVersion }) => {
      versions.push(httpVersion);
      echo(ws);
    });
    const child = hawser('connect', url, '--http2', '--messages', '1');
    child.stdin!.end('hello\n');
    expect([await outputOf(child), versions]).toEqual([{ code: 0, output: 'hello\n' }, ['2.0']]);
  });

  it('talks to a person in a terminal', async () => {
    const { wss, url } = await startTestServer();
    wss.on('connection', echo);
    // `script` of util-linux gives it a terminal.
    const command = [process.execPath, ...PROGRAM, 'connect', url].join(' ');
    const child = spawn('script', ['-qec', command, '/dev/null'], {
      // The reader of the tests may not want colours.
      env: { ...process.env, NO_COLOR: '' },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    onTestFinished(() => void child.kill('SIGKILL'));
    let screen = '';
    const shows = (pattern: RegExp) =>
      new Promise<void>((resolve) => {
        child.stdout.on('data', (chunk) => {
          screen += chunk;
          if (pattern.test(screen)) resolve();
        });
      });
    const prompted = shows(/connected to .*> /s);
    await prompted;
    const answered = shows(/< \S*hello/);
    child.stdin.write('hello\r');
    await answered;
    child.stdin.write('\u0003');
    const [code] = await once(child, 'close');
    expect(code).toBe(0);
    expect(screen).toContain('\u001b[34m< ');
  });
});
