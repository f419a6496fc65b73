import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it, onTestFinished } from 'vitest';
import { WebSocket } from '../../src/index.ts';

const PROGRAM = fileURLToPath(new URL('../../examples/chat-cluster/run.mts', import.meta.url));

let program: ChildProcess | undefined;

afterEach(async () => {
  if (program === undefined || program.exitCode !== null) return;
  program.kill('SIGTERM');
  await once(program, 'exit');
});

describe('the cluster as a program', () => {
  it('kills and starts a node by its letter, and on SIGINT says goodbye and leaves nothing', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'hawser-cluster-test-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const { child, stdin, lines } = start({ PORT: '0', TMPDIR: folder });
    const port = Number(/localhost:(\d+)/.exec(await lineWith(lines, 'Chat at'))?.[1]);
    const figures = `http://localhost:${port}/figures/b`;
    await lineWith(lines, 'Ctrl+C');

    stdin.write('b\n');
    await lineWith(lines, 'node b is gone');
    expect((await fetch(figures)).status).toBe(502);
    stdin.write('b\n');
    await lineWith(lines, 'node b is back');
    expect(await (await fetch(figures)).json()).toMatchObject({ node: 'b', connections: 0, failures: 0 });

    const ws = new WebSocket(`ws://localhost:${port}/hub?name=Ada`);
    await once(ws, 'open');
    const closed = once(ws, 'close');
    const ended = once(child, 'exit');
    child.kill('SIGINT');

    expect((await closed)[0]).toBe(1001);
    expect(await ended).toEqual([0, null]);
    expect(await isTaken(port)).toBe(false);
    expect(readdirSync(folder).filter((name) => name.startsWith('hawser-'))).toEqual([]);
  });

  it('says what is missing, and what to do', async () => {
    const { child, stderr } = start({ NGINX_PATH: '/nowhere/nginx', REDIS_SERVER_PATH: '/nowhere/redis' });
    const [problem, [code]] = await Promise.all([text(stderr), once(child, 'exit')]);

    expect(problem).toBe(`NGINX_PATH is /nowhere/nginx, which is no program that can be run
REDIS_SERVER_PATH is /nowhere/redis, which is no program that can be run
On Debian and Ubuntu: sudo apt-get install nginx redis-server
`);
    expect(code).toBe(1);
  });

  it('says in one line that its port is taken, and what to do', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    onTestFinished(() => {
      other.close();
    });
    const { port } = other.address() as AddressInfo;

    const { child, stderr } = start({ PORT: String(port) });
    const [problem, [code]] = await Promise.all([text(stderr), once(child, 'exit')]);

    expect(problem).toBe(
      `Port ${port} is taken: stop the program that uses it, or choose another one: PORT=${port + 1} npm run example:cluster\n`,
    );
    expect(code).toBe(1);
  });
});

function start(env: NodeJS.ProcessEnv) {
  const child = spawn(process.execPath, ['--import', 'tsx', PROGRAM], {
    env: { ...process.env, ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  program = child;
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  return { child, stdin: child.stdin, stderr: child.stderr, lines };
}

/** Takes lines until one has a text in it. */
async function lineWith(lines: AsyncIterator<string>, wanted: string): Promise<string> {
  for (;;) {
    const { value, done } = await lines.next();
    if (done) throw new Error(`The program ended without ${JSON.stringify(wanted)}`);
    if (value.includes(wanted)) return value;
  }
}

async function isTaken(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
