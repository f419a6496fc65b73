import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import type { StreamReport } from './streamed-message-child.ts';

const MIB = 2 ** 20;

it.each(['plain', 'deflate'])(
  'passes one message of 256 MiB in flat memory, %s',
  { timeout: 120_000 },
  async (compressed) => {
    const child = fork(
      fileURLToPath(new URL('./streamed-message-child.ts', import.meta.url)),
      ['256', compressed],
      { execArgv: ['--expose-gc', '--import', 'tsx'] },
    );
    onTestFinished(() => {
      child.kill();
    });
    const exited = once(child, 'exit');
    const report = await new Promise<StreamReport>((resolve, reject) => {
      child.once('message', resolve as (message: unknown) => void);
      child.once('exit', (code) => reject(new Error(`The child ended early with ${code}`)));
    });
    expect(report).toMatchObject({ receivedBytes: 256 * MIB, intact: true });
    expect(report.arrayBuffersGrowth).toBeLessThan(32 * MIB);
    expect((await exited)[0]).toBe(0);
  },
);
