import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { root } from './run.ts';
import { PROMETHEUS } from './snippets/observability.ts';
import { type Case, nextText, type Program, starter } from './snippets/program.ts';

/** Starts an example's server, with Hawser as it is published. */
function startExample(name: string, given: Pick<Case, 'packages' | 'files'>): Promise<Program> {
  const text = readFileSync(join(root, 'examples', name, 'server.mjs'), 'utf8');
  return starter({ name, language: 'js', text }, { ...given, check: async () => {} })();
}

it('examples/metrics says what it does, and ends quietly', async () => {
  const program = await startExample('metrics', { packages: PROMETHEUS });
  await program.printed('/metrics');
  const ws = await program.connect();
  ws.send('hello');
  expect(await nextText(ws)).toBe('hello');
  const get = (path: string) =>
    fetch(`http://localhost:${program.port}${path}`, { headers: { Connection: 'close' } });
  const text = await (await get('/metrics')).text();
  expect(text).toContain('hawser_sent_bytes_total{service="echo",role="server",type="text"} 5');
  expect(text).toContain('nodejs_eventloop_lag_seconds');
  expect((await get('/other')).status).toBe(404);
  program.kill('SIGTERM');
  await program.ended();
});

it('examples/opentelemetry prints spans and metrics, and ends quietly', async () => {
  const packages = ['api', 'core', 'resources', 'sdk-metrics', 'sdk-trace', 'sdk-trace-base'];
  const program = await startExample('opentelemetry', {
    packages: [...packages, 'semantic-conventions'].map((name) => `@opentelemetry/${name}`),
    files: () => ({
      'hawser-telemetry.mjs': readFileSync(
        join(root, 'examples', 'opentelemetry', 'hawser-telemetry.mjs'),
        'utf8',
      ),
    }),
  });
  const ws = await program.connect();
  ws.send('hello');
  expect(await nextText(ws)).toBe('hello');
  await program.printed('websocket handshake');
  ws.close();
  await program.printed('websocket connection');
  program.kill('SIGTERM');
  expect(await program.ended()).toContain("'websocket.message.bytes'");
});
