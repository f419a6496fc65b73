/** What a WebSocket sends. */
export type Sendable = string | ArrayBufferLike | ArrayBufferView | Blob;

/** How binary messages are handed over. */
export type BinaryType = 'blob' | 'arraybuffer';

/** How a connection ended: the members of the standard's CloseEvent. */
export interface Close {
  readonly code: number;
  readonly reason: string;
  readonly wasClean: boolean;
}

/** A WebSocket of the WHATWG standard, as far as it is used here (https://websockets.spec.whatwg.org). */
export interface WebSocketShape {
  readonly readyState: number;
  readonly url: string;
  readonly protocol: string;
  readonly extensions: string;
  readonly bufferedAmount: number;
  // It is only ever set to one of its own values.
  binaryType: string;
  onopen: unknown;
  onmessage: unknown;
  onerror: unknown;
  onclose: unknown;
  send(data: never): void;
  close(code?: number, reason?: string): void;
}

/** The platform's WebSocket, that of `hawser/web`, or another one of the same shape. */
export type WebSocketClass = new (url: string, protocols?: string | string[]) => WebSocketShape;
