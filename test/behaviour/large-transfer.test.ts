import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import type { TransferReport } from './large-transfer-child.ts';

const MIB = 2 ** 20;

it('passes 1 GiB through one connection in flat memory', { timeout: 120_000 }, async () => {
  const child = fork(fileURLToPath(new URL('./large-transfer-child.ts', import.meta.url)), {
    execArgv: ['--expose-gc', '--import', 'tsx'],
  });
  onTestFinished(() => {
    child.kill();
  });
  const exited = once(child, 'exit');
  const message = new Promise<TransferReport>((resolve, reject) => {
    child.once('message', resolve as (message: unknown) => void);
    child.once('exit', (code) => reject(new Error(`The child ended early with ${code}`)));
  });
  const report = await message;
  expect(report).toMatchObject({ receivedBytes: 1024 * MIB, intact: true, samples: 16 });
  expect(report.arrayBuffersGrowth).toBeLessThan(64 * MIB);
  expect(report.rssGrowth).toBeLessThan(192 * MIB);
  expect((await exited)[0]).toBe(0);
});
