import type { Contract, HubClient } from '../../src/client/index.ts';

/** Waits until a client is connected. */
export async function connectedOnce<C extends Contract>(client: HubClient<C>): Promise<void> {
  if (client.state === 'connected') return;
  await new Promise<void>((resolve) => {
    const stop = client.on('connected', () => {
      stop();
      resolve();
    });
  });
}
