import { once } from 'node:events';
import { expect } from 'vitest';
import { type Case, nextText } from './program.ts';

const page = (heading: string) => `docs/observability.md § ${heading}`;

/** What the client of Prometheus stands on. */
export const PROMETHEUS = ['@prometheus-io/client', '@opentelemetry/api', 'tdigest', 'bintrees'];

export const OBSERVABILITY: Record<string, Case> = {
  [page('Channels')]: {
    after: `
import { WebSocketServer } from 'hawser';
new WebSocketServer({ port: 8080, maxPayload: 3 }).on('connection', (ws) => {
  ws.on('error', () => {});
  ws.send('hello');
});
`,
    async check(start) {
      const program = await start();
      const ws = await program.connect();
      expect(await nextText(ws)).toBe('hello');
      ws.close(4001);
      await program.printed('server closed with 4001');
      (await program.connect()).send('long');
      await program.printed('a peer hit maxPayload');
    },
  },

  [page('Metrics for Prometheus: `hawser/metrics`')]: {
    packages: PROMETHEUS,
    async check(start) {
      const program = await start();
      const ws = await program.connect();
      const text = async () => (await fetch(`http://localhost:${program.port}/metrics`)).text();
      expect(await text()).toContain('hawser_connections_open{role="server"} 1');
      const closed = once(ws, 'close');
      ws.close(1000);
      await closed;
      while (!(await text()).includes('hawser_connections_closed_total{role="server",code="1000"} 1'));
    },
  },
};
