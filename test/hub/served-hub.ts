import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import {
  type Contract,
  createHub,
  type Hub,
  type HubOptions,
  type OpenContract,
} from '../../src/hub/index.ts';

/** Starts a hub on a port of its own for the test that is running. */
export async function serveHub<C extends Contract = OpenContract, Context = unknown>(
  options: HubOptions<Context> = {},
): Promise<{ hub: Hub<C, Context>; url: string }> {
  const hub = createHub<C, Context>({ ...options, port: 0, host: '127.0.0.1' });
  onTestFinished(() => hub.close());
  await once(hub.events, 'listening');
  const { port } = hub.address() as AddressInfo;
  return { hub, url: `ws://127.0.0.1:${port}` };
}
