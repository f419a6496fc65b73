import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { onTestFinished } from 'vitest';

/** Returns the path of a program that was looked for. Throws with the reason why there is none. */
export function pathOf({ executablePath, reason }: { executablePath?: string; reason?: string }): string {
  if (executablePath === undefined) throw new Error(reason);
  return executablePath;
}

/** Makes a folder that is gone with the test. */
export function temporaryFolder(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), `hawser-${name}-`));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

/** Starts a program, which ends with the test. */
export function startProgram(path: string, args: readonly string[]): ChildProcess {
  const child = spawn(path, args, { stdio: 'ignore' });
  onTestFinished(async () => {
    if (child.exitCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'close');
  });
  return child;
}

/** Waits until a program does what it is started for: it tells nobody. Rejects when it ends before. */
export async function whenReady(child: ChildProcess, isReady: () => Promise<boolean>): Promise<void> {
  for (;;) {
    if (child.exitCode !== null) throw new Error(`${child.spawnfile} ended with ${child.exitCode}`);
    if (await isReady()) return;
    await sleep(20);
  }
}
