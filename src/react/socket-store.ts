import type { ReconnectingWebSocket } from '../client/index.ts';
import { type ConnectionStatus, statusOf } from './connection-status.ts';

/** What a component shows of a WebSocket; another object whenever something is different. */
export interface SocketSnapshot {
  readonly status: ConnectionStatus;
  /** JSON as what it stands for, other text and bytes as they came; `null` before the first one. */
  readonly lastMessage: unknown;
}

/** A WebSocket in the shape that `useSyncExternalStore` wants. */
export class SocketStore {
  readonly #socket: ReconnectingWebSocket;
  readonly #onChange = new Set<() => void>();
  #snapshot: SocketSnapshot;

  constructor(socket: ReconnectingWebSocket) {
    this.#socket = socket;
    this.#snapshot = { status: statusOf(socket), lastMessage: null };
    socket.addEventListener('message', ({ data }) => {
      this.#change({ ...this.#snapshot, lastMessage: readMessage(data) });
    });
    socket.on('state', () => this.#change({ ...this.#snapshot, status: statusOf(this.#socket) }));
  }

  readonly snapshot = (): SocketSnapshot => this.#snapshot;

  readonly subscribe = (onChange: () => void): (() => void) => {
    this.#onChange.add(onChange);
    return () => this.#onChange.delete(onChange);
  };

  #change(snapshot: SocketSnapshot): void {
    this.#snapshot = snapshot;
    for (const onChange of this.#onChange) onChange();
  }
}

/** Reads a message: JSON where it is that. */
export function readMessage(data: unknown): unknown {
  if (typeof data !== 'string') return data;
  try {
    return JSON.parse(data);
  } catch {
    return data;
  }
}
