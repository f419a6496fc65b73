/** What bundlers for browsers take for the entry: the platform's own classes. */
export const { WebSocket, CloseEvent, WebSocketStream, WebSocketError } = globalThis as unknown as {
  WebSocket: typeof import('./websocket.ts').WebSocket;
  CloseEvent: typeof import('./close-event.ts').CloseEvent;
  WebSocketStream: typeof import('./websocket-stream.ts').WebSocketStream;
  WebSocketError: typeof import('./websocket-error.ts').WebSocketError;
};
