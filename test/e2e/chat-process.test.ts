import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { WebSocket } from '../../src/index.ts';

const PROGRAM = fileURLToPath(new URL('../../examples/chat/server.mjs', import.meta.url));
const BUILT = new URL('../../dist/index.mjs', import.meta.url);

let program: ChildProcess | undefined;

beforeAll(() => {
  if (!existsSync(BUILT))
    throw new Error('dist is missing: the example uses the built library, `npm run build`');
});
afterEach(async () => {
  if (program === undefined || program.exitCode !== null) return;
  program.kill('SIGKILL');
  await once(program, 'exit');
});

describe('the chat as a program', () => {
  it.each(['SIGINT', 'SIGTERM'] as const)(
    'prints its address, and on %s closes all with 1001 and ends',
    async (signal) => {
      const { child, stdout } = start({ PORT: '0' });
      const [line] = await once(createInterface(stdout), 'line');
      const [, port] = /^Chat at http:\/\/localhost:(\d+) /.exec(line) ?? [];
      const ws = new WebSocket(`ws://localhost:${port}/chat`);
      await once(ws, 'message');
      const closed = once(ws, 'close');
      const ended = once(child, 'exit');

      child.kill(signal);

      expect((await closed)[0]).toBe(1001);
      expect(await ended).toEqual([0, null]);
    },
  );

  it('says in one line that its port is taken, and what to do', async () => {
    const other = createServer();
    other.listen(0, '127.0.0.1');
    await once(other, 'listening');
    onTestFinished(() => {
      other.close();
    });
    const { port } = other.address() as AddressInfo;

    const { child, stderr } = start({ PORT: String(port) });
    const [problem, [code]] = await Promise.all([text(stderr), once(child, 'exit')]);

    expect(problem).toBe(
      `Port ${port} is taken: stop the program that uses it, or choose another one: PORT=${port + 1} npm start\n`,
    );
    expect(code).toBe(1);
  });

  it('refuses a PORT that is none', async () => {
    const { child, stderr } = start({ PORT: 'http' });
    const [problem, [code]] = await Promise.all([text(stderr), once(child, 'exit')]);

    expect(problem).toBe('PORT=http is not a port: use a number from 0 to 65535\n');
    expect(code).toBe(1);
  });
});

function start(env: NodeJS.ProcessEnv) {
  const child = spawn(process.execPath, [PROGRAM], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  program = child;
  return { child, stdout: child.stdout, stderr: child.stderr };
}
