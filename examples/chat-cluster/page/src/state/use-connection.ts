import type { HubClient } from 'hawser/client';
import { type ConnectionStatus, useHubEvent } from 'hawser/react';
import { useState, useSyncExternalStore } from 'react';
import type { Chat, NodeName } from '../../../shared/chat.mts';

export interface Connection {
  readonly status: ConnectionStatus;
  /** Whether the browser has a network at all. */
  readonly isOnline: boolean;
  /** The node that the page was with last. */
  readonly node: NodeName | undefined;
  readonly latencyMs: number | undefined;
  /** Which retry comes next; 0 for none. */
  readonly attempt: number;
}

/** Follows a client's connection. */
export function useConnection(client: HubClient<Chat> | null, status: ConnectionStatus): Connection {
  const [node, setNode] = useState<NodeName>();
  const [latencyMs, setLatencyMs] = useState<number>();
  const [attempt, setAttempt] = useState(0);
  useHubEvent(client, 'node', setNode);
  useHubEvent(client, 'latency', (latency) => setLatencyMs(latency.latencyMs));
  useHubEvent(client, 'reconnecting', (reconnecting) => setAttempt(reconnecting.attempt));
  useHubEvent(client, 'connected', () => setAttempt(0));
  const isOnline = useSyncExternalStore(followNetwork, () => navigator.onLine);
  return { status, isOnline, node, latencyMs, attempt };
}

function followNetwork(onChange: () => void): () => void {
  addEventListener('online', onChange);
  addEventListener('offline', onChange);
  return () => {
    removeEventListener('online', onChange);
    removeEventListener('offline', onChange);
  };
}
