import type { Role } from '../core/index.ts';

/** Returns which end of its connection a WebSocket is. */
export function roleOf({ _isServer }: { readonly _isServer: boolean }): Role {
  return _isServer ? 'server' : 'client';
}
