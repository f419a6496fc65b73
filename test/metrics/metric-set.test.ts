import * as client from 'prom-client';
import { Registry } from 'prom-client';
import { expect, it } from 'vitest';
import { MetricSet } from '../../src/metrics/metric-set.ts';

it('puts what was counted into its register when that is read, and what was observed at once', async () => {
  const register = new Registry();
  const set = new MetricSet({ client, register, prefix: '', labels: {} });
  set.count('errors_total', 2, 'server', 'other');
  set.count('connections_open', 3, 'server');
  set.count('connections_open', -1, 'server');
  set.observe('ping_latency_seconds', 250, 'client');
  const text = await register.metrics();
  expect(text).toContain('errors_total{role="server",code="other"} 2');
  expect(text).toContain('connections_open{role="server"} 2');
  expect(text).toContain('ping_latency_seconds_bucket{le="0.25",role="client"} 1');
  expect(text).toContain('ping_latency_seconds_bucket{le="0.1",role="client"} 0');
  set.count('errors_total', 1, 'server', 'other');
  expect(await register.metrics()).toContain('errors_total{role="server",code="other"} 3');
  set.remove();
  expect(register.getMetricsAsArray()).toEqual([]);
});
