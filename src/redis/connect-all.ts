import type { ConnectionEvents } from './redis-connection.ts';

/** What clients of both libraries have in common. */
interface Connectable {
  on(event: 'error', listener: (error: Error) => void): unknown;
  on(event: 'end', listener: () => void): unknown;
  connect(): Promise<unknown>;
}

/**
 * Connects all of them or none. Rejects with what the first one failed with, when all are ended.
 *
 * @param end - Ends one, whatever its state.
 * @returns What ends them.
 */
export async function connectAll<Client extends Connectable>(
  clients: readonly Client[],
  events: ConnectionEvents,
  end: (client: Client) => void,
): Promise<() => void> {
  const destroy = (): void => clients.forEach(end);
  for (const client of clients) {
    client.on('error', (error) => events.onLost(error));
    client.on('end', () => events.onLost(new Error('Redis closed the connection')));
  }
  try {
    await Promise.all(clients.map((client) => client.connect()));
  } catch (error) {
    destroy();
    throw error;
  }
  return destroy;
}
