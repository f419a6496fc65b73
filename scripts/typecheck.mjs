// npm run typecheck: everything under tsconfig.json, the pure layers without the types of Node, and those for browsers too with a browser's.
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const PROJECTS = [
  'tsconfig.json',
  'src/tsconfig.pure.json',
  'src/tsconfig.portable.json',
  'examples/chat-cluster/tsconfig.json',
  'examples/jwt/tsconfig.json',
];

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const require = createRequire(import.meta.url);
const tsc = join(dirname(require.resolve('typescript/package.json')), 'bin', 'tsc');

for (const project of PROJECTS) {
  const { status } = spawnSync(process.execPath, [tsc, '--noEmit', '-p', join(root, project)], {
    stdio: 'inherit',
  });
  if (status !== 0) process.exitCode = 1;
}
