import { onTestFinished } from 'vitest';
import {
  type Contract,
  HubClient,
  type HubClientEvents,
  type HubClientOptions,
  type OpenContract,
} from '../../src/client/index.ts';
import { WebSocket } from '../../src/web/index.ts';

/** Makes a client that tries again at once, for the test that is running. */
export function createClient<C extends Contract = OpenContract>(
  url: ConstructorParameters<typeof HubClient>[0],
  options: HubClientOptions = {},
): HubClient<C> {
  const client = new HubClient<C>(url, {
    WebSocket,
    minDelayMs: 1,
    maxDelayMs: 5,
    maxRetries: Number.POSITIVE_INFINITY,
    ...options,
  });
  onTestFinished(() => client.close());
  return client;
}

/** Makes a client and waits until the hub knows it. */
export async function connectClient<C extends Contract = OpenContract>(
  url: ConstructorParameters<typeof HubClient>[0],
  options: HubClientOptions = {},
): Promise<HubClient<C>> {
  const client = createClient<C>(url, options);
  await next(client, 'connected');
  return client;
}

/** Waits for the next thing of a kind that happens to a client. */
export function next<Name extends keyof HubClientEvents>(
  client: HubClient<never> | HubClient,
  name: Name,
): Promise<HubClientEvents[Name]> {
  return new Promise((resolve) => {
    const stop = (client as HubClient).on(name, (event) => {
      stop();
      resolve(event);
    });
  });
}
