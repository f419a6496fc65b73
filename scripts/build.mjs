// Builds dist/ from src/: `npm run build`. What is built follows from the `exports` and `bin` of package.json.
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join, posix, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { rolldown } from 'rolldown';
import { parseSync } from 'rolldown/utils';
import { entryPoints } from './entry-points.mjs';

const TARGET = 'es2022';
const root = dirname(dirname(fileURLToPath(import.meta.url)));
const source = join(root, 'src');
const require = createRequire(import.meta.url);

/** Built beside dist/ and moved there whole: a failed build leaves the old one, and nobody sees half of one. */
const out = join(root, '.cache', `build-${process.pid}`);

const started = performance.now();
try {
  await build();
} catch (error) {
  console.error(`build: ${error.stderr || error.stdout || error.stack}`);
  process.exitCode = 1;
} finally {
  await rm(out, { recursive: true, force: true });
}

async function build() {
  await rm(out, { recursive: true, force: true });
  await mkdir(out, { recursive: true });
  const manifest = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
  const entries = await Promise.all(
    entryPoints(manifest, source).map((entryPoint) =>
      readEntry(entryPoint, manifest.exports[entryPoint.path]),
    ),
  );

  const programs = Object.values(manifest.bin).map((path) => basename(path, '.js'));
  // What programs that use an entry bring along.
  const peers = Object.keys(manifest.peerDependencies ?? {});

  await Promise.all([
    bundleCommonJs(entries, programs, peers),
    bundleForBrowsers(entries, peers),
    emitDeclarations(entries),
  ]);
  await Promise.all(
    entries.map((entry) => (entry.default ? writeDefaultEntry(entry) : writeNamedEntry(entry))),
  );

  const files = await filesIn(out);
  assertPromisesKept(manifest, files);
  await replaceDist();
  const kilobytes = (files.reduce((sum, { size }) => sum + size, 0) / 1000).toFixed(0);
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`built dist: ${files.length} files, ${kilobytes} kB, in ${seconds} s`);
}

/** Reads what an entry exports. */
async function readEntry({ name, file }, conditions) {
  const browserFile = join(dirname(file), 'browser.ts');
  return {
    name,
    file,
    // An entry without it needs Node.
    isNeutral: conditions.import.node !== undefined,
    browserFile: existsSync(browserFile) ? browserFile : undefined,
    ...readExports(file, await readFile(file, 'utf8')),
  };
}

function readExports(file, text) {
  const { module, errors } = parseSync(file, text);
  if (errors.length > 0) throw new Error(`${file}: ${errors[0].message}`);
  const entry = { default: undefined, values: [], types: [] };
  for (const { exportName, localName, isType } of module.staticExports.flatMap(({ entries }) => entries)) {
    if (exportName.kind === 'Default') entry.default = localName.name;
    else if (exportName.kind !== 'Name')
      throw new Error(`${file}: an entry names what it exports, it has no "export *"`);
    else (isType ? entry.types : entry.values).push(exportName.name);
  }
  if (entry.default !== undefined && !entry.values.includes(entry.default)) {
    throw new Error(`${file}: the default export must be one of the named exports`);
  }
  return entry;
}

/** One copy of all state: the entries share what they have in common. */
async function bundleCommonJs(entries, programs, peers) {
  const bundle = await rolldown({
    cwd: root,
    input: Object.fromEntries([
      ...entries.map((entry) => [entry.name, `entry:${entry.name}`]),
      ...programs.map((name) => [name, join(source, name, 'index.ts')]),
    ]),
    platform: 'node',
    external: [/^node:/, ...peers],
    transform: { target: TARGET },
    preserveEntrySignatures: 'strict',
    treeshake: { moduleSideEffects: true },
    onLog: failOnWarning,
    plugins: [commonJsEntries(entries)],
  });
  await bundle.write({
    dir: out,
    format: 'cjs',
    strict: true,
    exports: 'auto',
    entryFileNames: '[name].js',
    chunkFileNames: 'shared/[name].js',
    comments: { legal: true, annotation: true, jsdoc: false },
  });
}

/** An entry with a default export exports that alone, so that `module.exports` is it. */
function commonJsEntries(entries) {
  const find = (id) => entries.find(({ name }) => id === `entry:${name}`);
  return {
    name: 'commonjs-entries',
    resolveId(id) {
      const entry = find(id);
      return entry && (entry.default ? id : entry.file);
    },
    load(id) {
      const entry = find(id);
      return entry && `export { default } from ${JSON.stringify(entry.file)};`;
    },
  };
}

/** Plain ESM for the entries that need nothing of Node; for others what their browser.ts has instead, in both forms. */
async function bundleForBrowsers(entries, peers) {
  const neutral = entries.filter(({ isNeutral }) => isNeutral);
  await Promise.all([
    // Together: a page that has two of them has one copy of what they share.
    bundleNeutral(Object.fromEntries(neutral.map(({ name, file }) => [name, file])), peers, {
      format: 'esm',
      entryFileNames: '[name].mjs',
      chunkFileNames: 'shared/[name].mjs',
    }),
    ...entries
      .filter(({ browserFile }) => browserFile)
      .flatMap(({ name, browserFile }) => [
        bundleNeutral(browserFile, peers, { format: 'esm', entryFileNames: `${name}.browser.mjs` }),
        bundleNeutral(browserFile, peers, { format: 'cjs', entryFileNames: `${name}.browser.js` }),
      ]),
  ]);
}

async function bundleNeutral(input, external, output) {
  const bundle = await rolldown({
    cwd: root,
    input,
    external,
    platform: 'neutral',
    transform: { target: TARGET },
    preserveEntrySignatures: 'strict',
    onLog: failOnWarning,
  });
  await bundle.write({
    dir: out,
    comments: { legal: true, annotation: true, jsdoc: false },
    ...output,
  });
}

function failOnWarning(level, log) {
  // Of an entry it is preserved, which test/package/exports.test.ts looks at.
  if (log.code === 'MODULE_LEVEL_DIRECTIVE') return;
  if (level === 'warn') throw new Error(log.message);
}

/** Writes to types/ the declarations that can be reached from the entries. */
async function emitDeclarations(entries) {
  const emitted = join(out, 'emitted');
  const tsc = join(dirname(require.resolve('typescript/package.json')), 'bin', 'tsc');
  const args = ['-p', join(root, 'tsconfig.build.json'), '--outDir', emitted];
  await promisify(execFile)(process.execPath, [tsc, ...args], { cwd: root });

  const pending = entries.map(({ file }) => pathInSource(file));
  const aliased = entries.filter((entry) => entry.default).map(({ file }) => pathInSource(file));
  const done = new Set();
  for (let path = pending.pop(); path !== undefined; path = pending.pop()) {
    if (done.has(path)) continue;
    done.add(path);
    const declarations = await readFile(join(emitted, path.replace(/\.ts$/, '.d.ts')), 'utf8');
    const { text, imports } = rewriteImports(declarations);
    pending.push(...imports.map((specifier) => posix.join(posix.dirname(path), specifier)));
    const name = join('types', path.replace(/\.ts$/, '.d.ts'));
    await write(name, aliased.includes(path) ? exportWithoutType(text) : text);
  }
  await rm(emitted, { recursive: true });
}

/** Makes `./x.ts` `./x.js`, which is what the consumer's TypeScript looks up as `./x.d.ts`. */
function rewriteImports(declarations) {
  const imports = [];
  const text = declarations.replaceAll(
    /(\bfrom |\bimport\()(['"])(\.[^'"]+)\.(?:ts|js)\2/g,
    (_, before, quote, path) => {
      imports.push(`${path}.ts`);
      return `${before}${quote}${path}.js${quote}`;
    },
  );
  return { text, imports };
}

/** The members of the entry's namespace are aliases, which TypeScript refuses for what is exported as a type only. */
function exportWithoutType(declarations) {
  return declarations.replaceAll(/^export (?:type )?\{([^}]*)\}/gm, (_, names) => {
    return `export {${names.replaceAll(/\btype /g, '')}}`;
  });
}

/** Writes what is around an entry whose CommonJS form is its default export itself. */
async function writeDefaultEntry({ name, file, default: main, values, types }) {
  const statics = readStatics(name, values);
  const others = values.filter((value) => value !== main);
  await write(
    `${name}.mjs`,
    `import ${main} from './${name}.js';

export default ${main};
export { ${main} };
${others.length > 0 ? `export const { ${others.join(', ')} } = ${main};\n` : ''}`,
  );
  const { declared, used } = await readTypeParameters(main, types);
  await write(
    `${name}.d.ts`,
    `import * as api from '${declarationsOf(file)}';

declare class ${main}${declared} extends api.${main}${used} {}
import itself = ${main};
declare namespace ${main} {
  export import ${main} = itself;
${lines([...statics, ...types.map((type) => [type, type])], ([alias, name]) => `  export import ${alias} = api.${name};`)}}
export = ${main};
`,
  );
  await write(
    `${name}.d.mts`,
    `import ${main} = require('./${name}.js');

export default ${main};
export { ${main} };
${lines([...others, ...types], (other) => `export import ${other} = ${main}.${other};`)}`,
  );
}

/** Reads the type parameters of the main class: as they are declared, and as they are handed on. */
async function readTypeParameters(main, types) {
  const declaration = new RegExp(`^export declare class ${main}<(.+?)> extends `, 'm');
  for (const { path } of await filesIn(join(out, 'types'))) {
    const text = declaration.exec(await readFile(join(out, 'types', path), 'utf8'))?.[1];
    if (text === undefined) continue;
    const declared = text.replaceAll(/\w+/g, (word) => (types.includes(word) ? `api.${word}` : word));
    const used = text.split(',').map((parameter) => parameter.trim().split(' ')[0]);
    return { declared: `<${declared}>`, used: `<${used.join(', ')}>` };
  }
  return { declared: '', used: '' };
}

/** Finds which statics of the built class are exports, under which names: these are the members of its namespace. */
function readStatics(name, values) {
  const main = require(join(out, `${name}.js`));
  if (typeof main !== 'function') throw new Error(`require of ${name}.js gives no function: ${typeof main}`);
  for (const value of values) {
    if (main[value] === undefined)
      throw new Error(`${name}: ${value} is exported, and no static of ${main.name}`);
  }
  const nameOf = new Map(values.map((value) => [main[value], value]));
  nameOf.delete(main);
  return Object.entries(main)
    .filter(([, value]) => Object(value) === value && nameOf.has(value))
    .map(([alias, value]) => [alias, nameOf.get(value)]);
}

function lines(items, toLine) {
  return items.map((item) => `${toLine(item)}\n`).join('');
}

async function writeNamedEntry({ name, file, isNeutral, values }) {
  await write(`${name}.d.ts`, `export * from '${declarationsOf(file)}';\n`);
  await write(`${name}.d.mts`, `export * from './${name}.js';\n`);
  // In Node a second copy of the classes would break `instanceof` between the entries.
  await write(
    `${name}${isNeutral ? '.node' : ''}.mjs`,
    `import ${name} from './${name}.js';\n\nexport const { ${values.join(', ')} } = ${name};\n`,
  );
}

function declarationsOf(file) {
  return `./types/${pathInSource(file).replace(/\.ts$/, '.js')}`;
}

function pathInSource(file) {
  return relative(source, file).replaceAll('\\', '/');
}

function assertPromisesKept(manifest, files) {
  const built = new Set(files.map(({ path }) => `./dist/${path}`));
  const promised = leaves([manifest.exports, manifest.bin, manifest.main, manifest.types]).filter((path) =>
    path.startsWith('./dist/'),
  );
  const missing = promised.filter((path) => !built.has(path));
  if (missing.length > 0) throw new Error(`package.json promises what was not built: ${missing.join(', ')}`);
}

function leaves(value) {
  return typeof value === 'string' ? [value] : Object.values(value).flatMap(leaves);
}

async function filesIn(folder) {
  const found = await readdir(folder, { recursive: true, withFileTypes: true });
  return Promise.all(
    found
      .filter((entry) => entry.isFile())
      .map(async (entry) => {
        const path = join(entry.parentPath, entry.name);
        return { path: relative(folder, path).replaceAll('\\', '/'), size: (await stat(path)).size };
      }),
  );
}

async function replaceDist() {
  const dist = join(root, 'dist');
  const old = `${out}-old`;
  if (existsSync(dist)) await rename(dist, old);
  await rename(out, dist);
  await rm(old, { recursive: true, force: true });
}

async function write(path, text) {
  await mkdir(dirname(join(out, path)), { recursive: true });
  await writeFile(join(out, path), text);
}
