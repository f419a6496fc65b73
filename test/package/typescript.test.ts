import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { installOnce } from './install-once.ts';
import { createProject } from './project.ts';
import { root } from './run.ts';

/** The oldest TypeScript that the declarations are for, and the last one of its line; the newest is a dev dependency. */
const OTHER_VERSIONS = ['5.6.3', '5.9.3'];

const PROGRAMS = {
  'ws-program.cts': readProgram('ws-program.cts', 'ws'),
  'hawser-program.ts': readProgram('hawser-program.ts', '../../src/index.ts'),
  'hub-program.ts': readProgram('hub-program.ts', '../../src/hub/index.ts', 'hawser/hub'),
  'react-program.ts': readProgram('react-program.ts', '../../src/react/index.ts', 'hawser/react'),
};

/** Reads a program of test/types, with an entry of the package in place of what it imports there. */
function readProgram(name: string, imported: string, entry = 'hawser'): string {
  const text = readFileSync(join(root, 'test', 'types', name), 'utf8');
  if (!text.includes(`'${imported}'`)) throw new Error(`${name} does not import ${imported}`);
  return text.replace(`'${imported}'`, `'${entry}'`);
}

/** Installs a TypeScript beside the others, once, and returns its compiler. */
async function installTypeScript(version: string): Promise<string> {
  const modules = await installOnce(`typescript/${version}`, [`typescript@${version}`]);
  return join(modules, 'typescript', 'bin', 'tsc');
}

function createPrograms(moduleSystem: string) {
  const compilerOptions = {
    strict: true,
    noEmit: true,
    target: 'ES2022',
    lib: ['ES2022'],
    types: ['node'],
    module: moduleSystem,
    ...(moduleSystem === 'esnext' && { moduleResolution: 'bundler' }),
    // The declarations of the package are checked, too; those of Node are for newer compilers.
    skipLibCheck: moduleSystem === 'esnext',
  };
  // `import x = require()` has no place in what a bundler bundles as ESM.
  const names = Object.keys(PROGRAMS).filter((name) => moduleSystem !== 'esnext' || name.endsWith('.ts'));
  const tsconfig = JSON.stringify({ compilerOptions, files: names });
  return createProject({ ...PROGRAMS, 'tsconfig.json': tsconfig }, [
    '@types/node',
    'undici-types',
    '@types/react',
    'csstype',
  ]);
}

const COMPILED = { code: 0, output: '' };

describe.each(['node16', 'esnext'])('with module %s', (moduleSystem) => {
  it('the newest TypeScript takes the programs for ws and for Hawser', async () => {
    expect(await createPrograms(moduleSystem).tool('tsc', ['--pretty', 'false'])).toEqual(COMPILED);
  });

  describe.each(OTHER_VERSIONS)('TypeScript %s', (version) => {
    let compiler: string;
    beforeAll(async () => {
      compiler = await installTypeScript(version);
    }, 120_000);

    it('takes the same', async () => {
      expect(await createPrograms(moduleSystem).node(compiler, '--pretty', 'false')).toEqual(COMPILED);
    });
  });
});
