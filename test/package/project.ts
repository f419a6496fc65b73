import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { inject, onTestFinished } from 'vitest';
import { type Outcome, root, run } from './run.ts';

export interface Project {
  readonly folder: string;
  /** Runs node in the project. */
  node(...args: string[]): Promise<Outcome>;
  /** Runs a command of the repository's dev dependencies in the project. */
  tool(name: string, args: readonly string[], env?: Record<string, string>): Promise<Outcome>;
}

/**
 * Makes a project that has Hawser installed, for the length of one test.
 *
 * @param files - Path to content.
 * @param packages - Packages of this repository's node_modules that it needs besides.
 */
export function createProject(files: Record<string, string>, packages: readonly string[] = []): Project {
  const folder = mkdtempSync(join(tmpdir(), 'hawser-project-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  for (const [path, content] of Object.entries({ 'package.json': '{ "private": true }', ...files })) {
    writeFileSync(join(folder, path), content);
  }
  // A copy: tools look at the real path of a link, and then treat it as the project's own code.
  cpSync(inject('installed'), join(folder, 'node_modules', 'hawser'), { recursive: true });
  for (const name of packages) {
    const link = join(folder, 'node_modules', name);
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(join(root, 'node_modules', name), link, 'dir');
  }
  return {
    folder,
    node: (...args) => run(process.execPath, args, { cwd: folder }),
    tool: (name, args, env = {}) => run(join(root, 'node_modules', '.bin', name), args, { cwd: folder, env }),
  };
}
