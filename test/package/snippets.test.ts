import { describe, expect, it } from 'vitest';
import { createProject } from './project.ts';
import { DEPLOYING } from './snippets/deploying.ts';
import { FEATURES } from './snippets/features.ts';
import { GUIDE } from './snippets/guide.ts';
import { HTTP2 } from './snippets/http2.ts';
import { OBSERVABILITY } from './snippets/observability.ts';
import { type Case, sourceOf, starter } from './snippets/program.ts';
import { RECIPES } from './snippets/recipes.ts';
import { readSnippets } from './snippets/snippet.ts';

const CASES: Readonly<Record<string, Case>> = {
  ...FEATURES,
  ...GUIDE,
  ...RECIPES,
  ...DEPLOYING,
  ...OBSERVABILITY,
  ...HTTP2,
};

const snippets = readSnippets();

describe('the programs of the pages', () => {
  it('are all known, and all that are known are there', () => {
    expect(snippets.map(({ name }) => name).sort()).toEqual(Object.keys(CASES).sort());
  });

  it('have the types that the package declares, those that have types', async () => {
    const typed = snippets.filter(({ language }) => language === 'ts');
    const files = Object.fromEntries(
      typed.map((snippet, index) => [
        `${index}.mts`,
        `// ${snippet.name}\n${sourceOf(snippet, CASES[snippet.name]!)}`,
      ]),
    );
    const compilerOptions = {
      noEmit: true,
      strict: true,
      target: 'ES2022',
      module: 'esnext',
      moduleResolution: 'bundler',
      types: ['node'],
      lib: ['ES2023', 'DOM'],
      skipLibCheck: true,
    };
    const tsconfig = JSON.stringify({ compilerOptions, files: Object.keys(files) });
    const project = createProject({ ...files, 'tsconfig.json': tsconfig }, [
      '@types/node',
      'undici-types',
      'jose',
    ]);
    expect(await project.tool('tsc', ['--pretty', 'false'])).toEqual({ code: 0, output: '' });
  });

  it.each(snippets)('$name', async (snippet) => {
    const given = CASES[snippet.name]!;
    await given.check(starter(snippet, given));
  });
});
