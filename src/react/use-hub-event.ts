import { useEffect } from 'react';
import type {
  Answer,
  Contract,
  DataOf,
  EventContext,
  HubClient,
  HubClientEvents,
  ReplyTo,
} from '../client/index.ts';
import { useLatest } from './use-latest.ts';

/**
 * Calls back for each event of a hub client, also where React draws once for several, as long as its component is mounted.
 *
 * @param client - What {@link useHub} returns; `null` has no events.
 * @param handler - May be another one at each render. What it returns is the answer where the hub asked for one.
 */
export function useHubEvent<Name extends keyof HubClientEvents>(
  client: HubClient<never> | null,
  name: Name,
  handler: (event: HubClientEvents[Name]) => unknown,
): void;
export function useHubEvent<C extends Contract, Type extends keyof C['server'] & string>(
  client: HubClient<C> | null,
  type: Type,
  handler: (data: DataOf<C['server'], Type>, context: EventContext) => Answer<ReplyTo<C['server'], Type>>,
): void;
export function useHubEvent(
  client: HubClient | null,
  type: string,
  handler: (data: unknown, context: EventContext) => unknown,
): void {
  const latest = useLatest(handler);
  useEffect(
    () => client?.on(type, (data: unknown, context: EventContext) => latest.current(data, context)),
    [client, type, latest],
  );
}
