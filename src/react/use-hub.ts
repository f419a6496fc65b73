import { useCallback, useMemo, useSyncExternalStore } from 'react';
import { type Contract, HubClient, type HubClientOptions, type OpenContract } from '../client/index.ts';
import { type ConnectionStatus, statusOf } from './connection-status.ts';
import { currentUrl, type HookUrl, keyOf } from './hook-url.ts';
import { useLatest } from './use-latest.ts';
import { useLifetime } from './use-lifetime.ts';

/** They count when the connection is made. */
export type UseHubOptions = Omit<HubClientOptions, 'startClosed'>;

export interface UseHub<C extends Contract = OpenContract> {
  /** The client, `null` with the URL `null`. On a server it does not connect. */
  readonly client: HubClient<C> | null;
  readonly status: ConnectionStatus;
}

/**
 * Holds a client of a hub, as long as its component is mounted.
 *
 * @param url - Another URL is another client; `null` is none.
 */
export function useHub<C extends Contract = OpenContract>(
  url: HookUrl,
  options: UseHubOptions = {},
): UseHub<C> {
  const latest = useLatest(url);
  const key = keyOf(url);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the options count when the connection is made
  const client = useMemo(
    () =>
      key === null
        ? null
        : new HubClient<C>(() => currentUrl(latest.current), { ...options, startClosed: true }),
    [key],
  );
  const subscribe = useCallback(
    (onChange: () => void) => client?.on('state', onChange) ?? (() => {}),
    [client],
  );
  const status = useSyncExternalStore(
    subscribe,
    () => statusOf(client),
    () => (key === null ? 'closed' : 'connecting'),
  );
  useLifetime(client);
  return { client, status };
}
