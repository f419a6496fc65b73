import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { createProject } from './project.ts';

/** What a page loads for a piece of the package, minified and compressed, in bytes. */
async function sizeOf(source: string): Promise<number> {
  const project = createProject({ 'main.mjs': source });
  const args = ['main.mjs', '--bundle', '--minify', '--format=esm', '--target=es2022', '--platform=browser'];
  const external = '--external:react';
  const bundled = await project.tool('esbuild', [
    ...args,
    external,
    '--outfile=out.mjs',
    '--log-level=warning',
  ]);
  expect(bundled).toEqual({ code: 0, output: '' });
  return gzipSync(readFileSync(join(project.folder, 'out.mjs')), { level: 9 }).length;
}

it('ReconnectingWebSocket is at most 4 kB', async () => {
  const size = await sizeOf(`export { ReconnectingWebSocket } from 'hawser/client';`);
  expect(size).toBeGreaterThan(1000);
  expect(size).toBeLessThanOrEqual(4000);
});

it('HubClient, with it, is at most 8.5 kB', async () => {
  expect(await sizeOf(`export { HubClient } from 'hawser/client';`)).toBeLessThanOrEqual(8500);
});

it('the hooks add at most 1.5 kB', async () => {
  const client = await sizeOf(`export { HubClient, ReconnectingWebSocket } from 'hawser/client';`);
  const both = await sizeOf(
    `export { HubClient, ReconnectingWebSocket } from 'hawser/client'; export * from 'hawser/react';`,
  );
  expect(both - client).toBeLessThanOrEqual(1500);
});
