import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { installOnce } from './install-once.ts';
import { createProject } from './project.ts';
import { root } from './run.ts';

/** The oldest TypeScript that the declarations are for, and the last one of its line; the newest is a dev dependency. */
const OTHER_VERSIONS = ['5.6.3', '5.9.3'];

const HUB = { '../../src/hub/index.ts': 'hawser/hub' };
const REACT = { '../../src/react/index.ts': 'hawser/react' };
const CLIENT = { '../../src/client/index.ts': 'hawser/client' };

const PROGRAMS = {
  'ws-program.cts': readProgram('ws-program.cts', { ws: 'hawser' }),
  'hawser-program.ts': readProgram('hawser-program.ts', { '../../src/index.ts': 'hawser' }),
  'hub-program.ts': readProgram('hub-program.ts', HUB),
  'react-program.ts': readProgram('react-program.ts', REACT),
  'contract-program.ts': readProgram('contract-program.ts', { ...HUB, ...CLIENT, ...REACT }),
};

/** Reads a program of test/types, with entries of the package in place of what it imports there. */
function readProgram(name: string, entries: Readonly<Record<string, string>>): string {
  const text = readFileSync(join(root, 'test', 'types', name), 'utf8');
  return Object.entries(entries).reduce((program, [imported, entry]) => {
    if (!program.includes(`'${imported}'`)) throw new Error(`${name} does not import ${imported}`);
    return program.replace(`'${imported}'`, `'${entry}'`);
  }, text);
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
