import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, inject, it } from 'vitest';
import { filesIn, root, run } from './run.ts';

const manifest: {
  exports: object;
  scripts: object;
  dependencies?: object;
  optionalDependencies?: object;
  peerDependencies: object;
  peerDependenciesMeta: Record<string, { optional?: boolean }>;
} = JSON.parse(readFileSync(join(inject('installed'), 'package.json'), 'utf8'));

describe('the tarball', () => {
  it('has no dependencies', () => {
    expect(manifest.dependencies).toBeUndefined();
    expect(manifest.optionalDependencies).toBeUndefined();
  });

  it('has peers that nobody has to install', () => {
    const peers = Object.keys(manifest.peerDependencies);
    expect(peers.filter((name) => manifest.peerDependenciesMeta[name]?.optional !== true)).toEqual([]);
    expect(peers).toEqual(['ioredis', 'react', 'redis', 'socks']);
  });

  it('runs no script when it is installed', () => {
    const scripts = Object.keys(manifest.scripts);
    expect(scripts.filter((name) => /install|^prepare$/.test(name))).toEqual([]);
  });

  it('contains these files', () => {
    const files = filesIn(inject('installed')).filter((path) => !path.startsWith('dist/types/'));
    expect(files).toEqual([
      'CHANGELOG.md',
      'LICENSE',
      'README.md',
      'dist/cli.js',
      'dist/client.d.mts',
      'dist/client.d.ts',
      'dist/client.js',
      'dist/client.mjs',
      'dist/client.node.mjs',
      'dist/cluster.d.mts',
      'dist/cluster.d.ts',
      'dist/cluster.js',
      'dist/cluster.mjs',
      'dist/core.d.mts',
      'dist/core.d.ts',
      'dist/core.js',
      'dist/core.mjs',
      'dist/core.node.mjs',
      'dist/hub.d.mts',
      'dist/hub.d.ts',
      'dist/hub.js',
      'dist/hub.mjs',
      'dist/index.browser.js',
      'dist/index.browser.mjs',
      'dist/index.d.mts',
      'dist/index.d.ts',
      'dist/index.js',
      'dist/index.mjs',
      'dist/metrics.d.mts',
      'dist/metrics.d.ts',
      'dist/metrics.js',
      'dist/metrics.mjs',
      'dist/react.d.mts',
      'dist/react.d.ts',
      'dist/react.js',
      'dist/react.mjs',
      'dist/react.node.mjs',
      'dist/redis.d.mts',
      'dist/redis.d.ts',
      'dist/redis.js',
      'dist/redis.mjs',
      'dist/shared/backoff.js',
      'dist/shared/client.js',
      'dist/shared/client.mjs',
      'dist/shared/core.js',
      'dist/shared/hub-error.js',
      'dist/shared/memory-adapter.js',
      'dist/shared/message-streams.js',
      'dist/shared/offset.js',
      'dist/shared/pending-requests.js',
      'dist/shared/presence-message.js',
      'dist/shared/room-message-text.js',
      'dist/shared/subprotocol.js',
      'dist/shared/websocket-server.js',
      'dist/web.browser.js',
      'dist/web.browser.mjs',
      'dist/web.d.mts',
      'dist/web.d.ts',
      'dist/web.js',
      'dist/web.mjs',
      'package.json',
    ]);
  });

  it('has declarations of files in src, and of nothing else, below dist/types', () => {
    const declared = filesIn(join(inject('installed'), 'dist', 'types'));
    const sources = new Set(filesIn(join(root, 'src')).map((path) => path.replace(/\.ts$/, '.d.ts')));
    expect(declared).toContain('index.d.ts');
    expect(declared.filter((path) => !sources.has(path))).toEqual([]);
  });

  it('is small', () => {
    expect(statSync(inject('tarball')).size).toBeLessThan(245 * 1024);
  });

  it('says nothing of the machine that built it', () => {
    const folder = inject('installed');
    const files = filesIn(folder).map((path) => readFileSync(join(folder, path), 'utf8'));
    expect(files.filter((text) => text.includes(root))).toEqual([]);
  });
});

describe('what checks packages', () => {
  it('publint finds nothing', async () => {
    const { code, output } = await tool('publint', '--strict', inject('tarball'));
    expect(output).toContain('All good!');
    expect(code).toBe(0);
  });

  it('attw finds nothing, with node10, node16 in CommonJS and ESM, and bundlers', async () => {
    const { code, output } = await tool('attw', '--format', 'json', inject('tarball'));
    const { analysis } = JSON.parse(output.slice(output.indexOf('{'))) as {
      analysis: { problems: unknown[]; entrypoints: Record<string, { resolutions: object }> };
    };
    expect(analysis.problems).toEqual([]);
    expect(Object.keys(analysis.entrypoints)).toEqual(Object.keys(manifest.exports));
    for (const { resolutions } of Object.values(analysis.entrypoints)) {
      expect(Object.keys(resolutions).sort()).toEqual(['bundler', 'node10', 'node16-cjs', 'node16-esm']);
    }
    expect(code).toBe(0);
  });
});

function tool(name: string, ...args: string[]) {
  return run(join(root, 'node_modules', '.bin', name), args, { cwd: root });
}
