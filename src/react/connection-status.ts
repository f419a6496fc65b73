import type { ConnectionState } from '../client/index.ts';

/** What a component shows of its connection; `closed` with the URL `null` too. */
export type ConnectionStatus = Exclude<ConnectionState, 'idle'>;

/** The status of a connection, which is about to be opened where it was not yet. */
export function statusOf(connection: { readonly state: ConnectionState } | null): ConnectionStatus {
  if (connection === null) return 'closed';
  return connection.state === 'idle' ? 'connecting' : connection.state;
}
