import type { HubError } from '../wire/index.ts';
import type { Disconnected, Reconnecting } from './client-events.ts';

/** Who is in a room. */
export interface Member {
  readonly id: string;
  /** What the hub tells of it. */
  readonly info: unknown;
}

/** What a HubClient tells besides the hub's events; a hub's events of these types can't be listened to. */
export interface HubClientEvents {
  /** The hub knows the client; `resumed` says whether the session goes on. */
  connected: { readonly id: string; readonly resumed: boolean };
  disconnected: Disconnected;
  reconnecting: Reconnecting;
  maxRetriesReached: { readonly attempts: number };
  /** An attempt or a connection failed; `error` is what the function for the URL threw, say, where there is one. */
  attemptFailed: { readonly error: unknown };
  /** The state is another one. */
  state: undefined;
  /** Messages of a room were lost; of `$all` those to everybody. */
  gap: { readonly room: string };
  /** The client is in a room: by its own wish, or by the hub's. */
  joined: { readonly room: string };
  left: { readonly room: string };
  /** Who came into a room, and the ids of those who went, where the hub keeps presence. */
  presence: {
    readonly room: string;
    readonly joined?: readonly Member[];
    readonly left?: readonly string[];
  };
  /** The hub refused to let the client join, or an event that asked for no answer; or it sent what is none of the protocol. */
  refused: HubError;
  /** An event was dropped, as too many waited for a connection. */
  dropped: { readonly type: string; readonly data: unknown };
  /** A ping was answered. */
  latency: { readonly latencyMs: number };
}

const NAMES: Record<keyof HubClientEvents, true> = {
  connected: true,
  disconnected: true,
  reconnecting: true,
  maxRetriesReached: true,
  attemptFailed: true,
  state: true,
  gap: true,
  joined: true,
  left: true,
  presence: true,
  refused: true,
  dropped: true,
  latency: true,
};

export function isHubClientEvent(type: string): type is keyof HubClientEvents {
  return Object.hasOwn(NAMES, type);
}
