// The server of Hawser, with its metrics.
import * as client from 'prom-client';
import { settings } from './control.mjs';

const { createMetrics } = await import(new URL('metrics.mjs', `file://${settings.module}`));
createMetrics({ client });

await import('./hawser.mjs');
