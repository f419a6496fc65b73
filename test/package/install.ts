import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { root, run } from './run.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** The packed tarball. */
    tarball: string;
    /** The package as npm installed it from the tarball, in an empty project. */
    installed: string;
  }
}

/** Packs once for all test files, which builds too, and installs the tarball in an empty project. */
export default async function setup(project: TestProject): Promise<() => void> {
  const folder = mkdtempSync(join(tmpdir(), 'hawser-package-'));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  try {
    const tarball = await packInto(folder);
    writeFileSync(join(folder, 'package.json'), '{ "private": true }');
    await succeed('npm', ['install', '--offline', '--no-audit', '--no-fund', tarball], folder);
    project.provide('tarball', tarball);
    project.provide('installed', join(folder, 'node_modules', 'hawser'));
  } catch (error) {
    // Vitest calls what this function returns, and after a failure there is nothing to call.
    remove();
    throw error;
  }
  return remove;
}

async function packInto(folder: string): Promise<string> {
  await succeed('npm', ['pack', '--pack-destination', folder], root);
  const [name] = readdirSync(folder);
  if (name === undefined) throw new Error('npm pack wrote no file');
  return join(folder, name);
}

async function succeed(command: string, args: string[], cwd: string): Promise<void> {
  const { code, output } = await run(command, args, { cwd });
  if (code !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${code}:\n${output}`);
}
