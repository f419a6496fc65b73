import { HubClient } from 'hawser/client';
import { WebSocket } from 'hawser/web';
import type { Ship } from './ship.mts';

/** How long the endpoint may take, in milliseconds: less than an attempt to connect may. */
const TOKEN_TIMEOUT_MS = 5_000;

/**
 * Connects to the hub, with a fresh token for each attempt.
 *
 * @param origin - Where tokens and hub are, as in `https://ship.example`.
 * @param key - The account's.
 */
export function connect(origin: string, key: string): HubClient<Ship> {
  const client = new HubClient<Ship>(origin.replace(/^http/, 'ws'), {
    // Node 20 has none.
    WebSocket,
    // A subprotocol is in no log, other than a URL.
    protocols: async () => [`bearer.${await fetchToken()}`],
    // Comes back when a token has expired (4401): there is another one for the asking.
    retryUnauthorized: true,
    // Shorter than a token's life: only after a connection that held, the next 4401 is forgiven, too.
    stableAfterMs: 200,
  });
  return client;

  async function fetchToken(): Promise<string> {
    const response = await fetch(`${origin}/token`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${key}` },
      signal: AbortSignal.timeout(TOKEN_TIMEOUT_MS),
    });
    // The account itself is not good any more: no attempt would help.
    if (response.status === 401) client.close();
    if (!response.ok) throw new Error(`No token: ${response.status}`);
    const { token } = (await response.json()) as { token: string };
    return token;
  }
}
