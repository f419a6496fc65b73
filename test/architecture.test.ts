import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseSync, transformSync } from 'rolldown/utils';
import { describe, expect, it } from 'vitest';

/**
 * The layers, and what a file in each may import besides its own layer: arrows point one way. `nodeValues` are the
 * modules of Node whose values it may use, and `nodeTypes` says whether it may name Node's types.
 */
const LAYERS: Record<string, Layer> = {
  core: { imports: [], nodeTypes: false, nodeValues: [] },
  handshake: { imports: ['core'], nodeTypes: false, nodeValues: [] },
  // What a hub and its clients say to each other; it runs in browsers too.
  wire: { imports: [], nodeTypes: false, nodeValues: [] },
  // What is told to those who watch: from wherever it happens, and of nothing but that.
  diagnostics: { imports: ['core'], nodeTypes: true, nodeValues: ['node:diagnostics_channel'] },
  // The only folder that opens sockets and calls zlib.
  node: {
    imports: ['core', 'handshake', 'diagnostics'],
    nodeTypes: true,
    nodeValues: 'all',
    // Where it is there.
    packages: ['socks'],
  },
  // The classes that users hold.
  api: {
    imports: ['core', 'handshake', 'diagnostics', 'node'],
    nodeTypes: true,
    nodeValues: ['node:events', 'node:stream'],
  },
  // The classes that ws exports beside its documented API.
  ws: { imports: ['core', 'handshake', 'node', 'api'], nodeTypes: true, nodeValues: ['node:stream'] },
  web: {
    imports: ['core', 'handshake', 'diagnostics', 'node', 'api'],
    nodeTypes: true,
    nodeValues: ['node:buffer', 'node:dns', 'node:timers', 'node:util'],
  },
  // What the channels carry, counted; whatever client of Prometheus does so is handed in.
  metrics: {
    imports: ['core', 'wire', 'diagnostics'],
    nodeTypes: true,
    nodeValues: ['node:diagnostics_channel'],
  },
  // On the public API only; what it tells goes where all that is told goes.
  hub: {
    imports: ['index', 'wire', 'diagnostics'],
    nodeTypes: true,
    // Of node:net what tells addresses apart.
    nodeValues: ['node:crypto', 'node:events', 'node:net'],
  },
  // What is between the nodes of a hub, by a server or in the process that started them.
  redis: {
    imports: ['hub', 'wire'],
    nodeTypes: true,
    nodeValues: ['node:crypto'],
    // Where they are there.
    packages: ['redis', 'ioredis'],
  },
  cluster: { imports: ['hub', 'wire'], nodeTypes: true, nodeValues: ['node:worker_threads'] },
  // In browsers, workers and everywhere else: of the platform it knows what all of them have.
  client: { imports: ['wire'], nodeTypes: false, nodeValues: [] },
  react: { imports: ['client'], nodeTypes: false, nodeValues: [], packages: ['react'] },
  browser: { imports: [], nodeTypes: false, nodeValues: [] },
  // The program: it stands on what every program can have, and comes back as clients of browsers do.
  cli: { imports: ['index', 'client'], nodeTypes: true, nodeValues: 'all' },
  index: { imports: ['api', 'diagnostics', 'ws'], nodeTypes: true, nodeValues: [] },
};

interface Layer {
  readonly imports: readonly string[];
  readonly nodeTypes: boolean;
  readonly nodeValues: readonly string[] | 'all';
  /** The packages of others that it may load. */
  readonly packages?: readonly string[];
}

interface Import {
  readonly specifier: string;
  /** Whether it is gone at run time. */
  readonly isType: boolean;
}

/** Path below src, with `/`, to text. */
type Sources = ReadonlyMap<string, string>;

const MAX_LINES = 500;
const SAYS_NOTHING = /(^|\/)(utils?|types?|helpers?|common|misc)\.ts$/;

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const src = readSources(join(root, 'src'));

describe('src', () => {
  it('has files', () => {
    expect(src.size).toBeGreaterThan(20);
    expect([...src.values()].flatMap((text) => importsOf(text)).length).toBeGreaterThan(20);
  });

  it('imports only along the arrows', () => {
    expect(findWrongImports(src)).toEqual([]);
  });

  it('has no cycle of imports', () => {
    expect(findCycle(src)).toEqual([]);
  });

  it('has a test file for each file that does something', () => {
    expect(findUntested(src, (path) => existsSync(join(root, 'test', path)))).toEqual([]);
  });

  it('has no long file', () => {
    expect(findLong(src)).toEqual([]);
  });

  it('has no file whose name says nothing', () => {
    expect(findNameless(src)).toEqual([]);
  });
});

describe('the rule of the arrows', () => {
  it.each([
    ['core/a.ts', `import { b } from '../handshake/b.ts';`, 'core may not import handshake/b.ts'],
    ['core/a.ts', `import type { B } from '../api/b.ts';`, 'core may not import api/b.ts'],
    ['core/a.ts', `export { b } from '../node/b.ts';`, 'core may not import node/b.ts'],
    ['core/a.ts', `export * from '../index.ts';`, 'core may not import index.ts'],
    ['core/a.ts', `import { Buffer } from 'node:buffer';`, 'core may not use node:buffer'],
    ['core/a.ts', `import type { Socket } from 'node:net';`, 'core may not name the types of node:net'],
    ['core/a.ts', `import ws from 'ws';`, 'core may not import the package ws'],
    ['core/a.ts', `import net from 'net';`, 'core may not import the package net'],
    ['core/a.ts', `const b = import('../api/b.ts');`, 'core may not import api/b.ts'],
    ['handshake/a.ts', `import { b } from '../node/b.ts';`, 'handshake may not import node/b.ts'],
    ['handshake/a.ts', `import { createHash } from 'node:crypto';`, 'handshake may not use node:crypto'],
    ['node/a.ts', `import { b } from '../api/b.ts';`, 'node may not import api/b.ts'],
    ['ws/a.ts', `import { b } from '../web/b.ts';`, 'ws may not import web/b.ts'],
    ['ws/a.ts', `import { createDeflateRaw } from 'node:zlib';`, 'ws may not use node:zlib'],
    ['api/a.ts', `import { b } from '../index.ts';`, 'api may not import index.ts'],
    ['api/a.ts', `import { connect } from 'node:net';`, 'api may not use node:net'],
    ['api/a.ts', `import { type A, request } from 'node:http';`, 'api may not use node:http'],
    ['api/a.ts', `import 'node:zlib';`, 'api may not use node:zlib'],
    ['api/a.ts', `import { b } from '../web/b.ts';`, 'api may not import web/b.ts'],
    ['web/a.ts', `import { connect } from 'node:net';`, 'web may not use node:net'],
    ['hub/a.ts', `import { b } from '../redis/b.ts';`, 'hub may not import redis/b.ts'],
    ['redis/a.ts', `import { b } from '../cluster/b.ts';`, 'redis may not import cluster/b.ts'],
    ['cluster/a.ts', `import { createClient } from 'redis';`, 'cluster may not import the package redis'],
    ['client/a.ts', `import { b } from '../hub/b.ts';`, 'client may not import hub/b.ts'],
    ['client/a.ts', `import { useRef } from 'react';`, 'client may not import the package react'],
    ['client/a.ts', `import { once } from 'node:events';`, 'client may not use node:events'],
    ['react/a.ts', `import { render } from 'react-dom';`, 'react may not import the package react-dom'],
    ['diagnostics/a.ts', `import { b } from '../node/b.ts';`, 'diagnostics may not import node/b.ts'],
    [
      'metrics/a.ts',
      `import { Counter } from 'prom-client';`,
      'metrics may not import the package prom-client',
    ],
    ['index.ts', `export { b } from './core/b.ts';`, 'index may not import core/b.ts'],
    ['index.ts', `import { EventEmitter } from 'node:events';`, 'index may not use node:events'],
    ['misplaced/a.ts', '', 'misplaced is no layer: say here what it may import'],
    ['core/a.ts', `import { b } from '../../test/b.ts';`, 'core may not import ../test/b.ts'],
  ])('refuses in %s: %s', (path, text, message) => {
    expect(findWrongImports(new Map([[path, text]]))).toEqual([`${path}: ${message}`]);
  });

  it.each([
    ['core/a.ts', `import { b } from './b.ts';`],
    ['handshake/a.ts', `import { b } from '../core/index.ts'; import { c } from './c.ts';`],
    ['node/a.ts', `import { connect } from 'node:net'; import type { C } from '../handshake/c.ts';`],
    ['api/a.ts', `import { EventEmitter } from 'node:events'; import type { Socket } from 'node:net';`],
    ['api/a.ts', `import { type IncomingMessage } from 'node:http'; import { b } from '../node/b.ts';`],
    ['ws/a.ts', `import { Writable } from 'node:stream'; import { b } from '../node/b.ts';`],
    ['redis/a.ts', `import { b } from '../hub/b.ts'; const c = await import('ioredis');`],
    ['react/a.ts', `import { useRef } from 'react'; import { b } from '../client/index.ts';`],
    ['index.ts', `export { b } from './api/b.ts'; export type { C } from './api/c.ts';`],
  ])('accepts in %s: %s', (path, text) => {
    expect(findWrongImports(new Map([[path, text]]))).toEqual([]);
  });
});

describe('the rule against cycles', () => {
  it('finds one', () => {
    const sources = new Map([
      ['core/a.ts', `import { b } from './b.ts';`],
      ['core/b.ts', `export { c } from './c.ts';`],
      ['core/c.ts', `import { b } from './b.ts';`],
    ]);
    expect(findCycle(sources)).toEqual(['core/b.ts', 'core/c.ts', 'core/b.ts']);
  });

  it('knows that types are gone at run time', () => {
    const sources = new Map([
      ['core/a.ts', `import { b } from './b.ts';`],
      ['core/b.ts', `import type { A } from './a.ts'; import { type B } from './a.ts';`],
    ]);
    expect(findCycle(sources)).toEqual([]);
  });

  it('accepts two ways to one file', () => {
    const sources = new Map([
      ['core/a.ts', `import { b } from './b.ts'; import { c } from './c.ts';`],
      ['core/b.ts', `import { c } from './c.ts';`],
      ['core/c.ts', `export const c = 1;`],
    ]);
    expect(findCycle(sources)).toEqual([]);
  });
});

describe('the rules about files', () => {
  it('asks for a test of what does something', () => {
    const sources = new Map([
      ['core/tested.ts', 'export const a = 1;'],
      ['core/untested.ts', 'export const a = 1;'],
      [
        'core/shape.ts',
        `import type { B } from './b.ts'; export interface Shape { b: B } export type T = Shape;`,
      ],
      ['core/index.ts', `export { a } from './tested.ts';`],
    ]);
    const untested = findUntested(sources, (path) => path === 'core/tested.test.ts');
    expect(untested).toEqual(['core/untested.ts has no test/core/untested.test.ts']);
  });

  it('refuses more than 500 lines', () => {
    const lines = (count: number) => '\n'.repeat(count);
    const sources = new Map([
      ['core/a.ts', lines(500)],
      ['core/b.ts', lines(501)],
    ]);
    expect(findLong(sources)).toEqual(['core/b.ts has 501 lines']);
  });

  it('refuses names that say nothing', () => {
    const paths = ['core/utils.ts', 'types.ts', 'api/helpers.ts', 'core/opcode.ts', 'api/event-types.ts'];
    expect(findNameless(new Map(paths.map((path) => [path, ''])))).toEqual(paths.slice(0, 3));
  });
});

function findWrongImports(sources: Sources): string[] {
  return [...sources].flatMap(([path, text]) => {
    const name = layerOf(path);
    const layer = LAYERS[name];
    if (layer === undefined) return [`${path}: ${name} is no layer: say here what it may import`];
    return importsOf(text)
      .map((found) => faultOf(path, found, name, layer))
      .filter((fault) => fault !== undefined)
      .map((fault) => `${path}: ${name} may not ${fault}`);
  });
}

function faultOf(
  path: string,
  { specifier, isType }: Import,
  name: string,
  layer: Layer,
): string | undefined {
  if (specifier.startsWith('.')) {
    const target = resolve(path, specifier);
    return [name, ...layer.imports].includes(layerOf(target)) ? undefined : `import ${target}`;
  }
  if (!specifier.startsWith('node:')) {
    return layer.packages?.includes(specifier) ? undefined : `import the package ${specifier}`;
  }
  if (isType) return layer.nodeTypes ? undefined : `name the types of ${specifier}`;
  const allowed = layer.nodeValues === 'all' || layer.nodeValues.includes(specifier);
  return allowed ? undefined : `use ${specifier}`;
}

/** Returns the files of one cycle of what is imported at run time, or nothing. */
function findCycle(sources: Sources): string[] {
  const done = new Set<string>();
  const visit = (path: string, way: string[]): string[] => {
    if (way.includes(path)) return [...way.slice(way.indexOf(path)), path];
    if (done.has(path)) return [];
    done.add(path);
    for (const { specifier, isType } of importsOf(sources.get(path) ?? '')) {
      if (isType || !specifier.startsWith('.')) continue;
      const cycle = visit(resolve(path, specifier), [...way, path]);
      if (cycle.length > 0) return cycle;
    }
    return [];
  };
  for (const path of sources.keys()) {
    const cycle = visit(path, []);
    if (cycle.length > 0) return cycle;
  }
  return [];
}

function findUntested(sources: Sources, isThere: (path: string) => boolean): string[] {
  return [...sources]
    .filter(([path, text]) => posix.basename(path) !== 'index.ts' && doesSomething(path, text))
    .map(([path]) => ({ path, test: path.replace(/\.ts$/, '.test.ts') }))
    .filter(({ test }) => !isThere(test))
    .map(({ path, test }) => `${path} has no test/${test}`);
}

/** Tells whether anything of a file is left at run time. */
function doesSomething(path: string, text: string): boolean {
  return transformSync(path, text).code.replace('export {};', '').trim() !== '';
}

function findLong(sources: Sources): string[] {
  return [...sources]
    .map(([path, text]) => ({ path, lines: text.split('\n').length - 1 }))
    .filter(({ lines }) => lines > MAX_LINES)
    .map(({ path, lines }) => `${path} has ${lines} lines`);
}

function findNameless(sources: Sources): string[] {
  return [...sources.keys()].filter((path) => SAYS_NOTHING.test(path));
}

function importsOf(text: string): Import[] {
  const { module, errors } = parseSync('source.ts', text);
  if (errors.length > 0) throw new Error(errors[0]?.message);
  const imports = module.staticImports.map(({ moduleRequest, entries }) => ({
    specifier: moduleRequest.value,
    isType: entries.length > 0 && entries.every(({ isType }) => isType),
  }));
  const reexports = module.staticExports
    .flatMap(({ entries }) => entries)
    .flatMap(({ moduleRequest, isType }) =>
      moduleRequest ? [{ specifier: moduleRequest.value, isType }] : [],
    );
  const dynamic = module.dynamicImports.map(({ moduleRequest }) => ({
    specifier: text.slice(moduleRequest.start + 1, moduleRequest.end - 1),
    isType: false,
  }));
  return [...imports, ...reexports, ...dynamic];
}

function layerOf(path: string): string {
  return (path.split('/')[0] ?? '').replace(/\.ts$/, '');
}

function resolve(path: string, specifier: string): string {
  return posix.join(posix.dirname(path), specifier);
}

function readSources(folder: string): Map<string, string> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => join(entry.parentPath, entry.name));
  return new Map(
    files.sort().map((file) => [relative(folder, file).replaceAll('\\', '/'), readFileSync(file, 'utf8')]),
  );
}
