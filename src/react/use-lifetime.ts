import { useEffect } from 'react';

interface Connection {
  reconnect(): void;
  close(): void;
}

/** Opens a connection when its component is mounted, and closes it when that is gone. */
export function useLifetime(connection: Connection | null): void {
  useEffect(() => {
    if (connection === null) return undefined;
    let state: 'mounted' | 'opened' | 'gone' = 'mounted';
    // StrictMode mounts, unmounts and mounts again in one go: only the last counts. And all effects have run by then, so
    // that whoever wants to listen does.
    queueMicrotask(() => {
      if (state === 'gone') return;
      state = 'opened';
      connection.reconnect();
    });
    return () => {
      if (state === 'opened') connection.close();
      state = 'gone';
    };
  }, [connection]);
}
