import type { OpeningEvents } from './client-opening.ts';
import type { ClientOptions } from './options.ts';
import { emitSafely } from './surface.ts';
import type { WebSocket } from './websocket.ts';

/** What an opening handshake tells the listeners of its WebSocket, and asks of them. */
export function openingEvents(
  ws: WebSocket,
  options: ClientOptions,
): Omit<OpeningEvents, 'onUrl' | 'onOpened' | 'onFailed'> {
  return {
    websocket: ws,
    wantsUnexpectedResponse: () => ws.listenerCount('unexpected-response') > 0,
    // Whoever listens has the response from here on; close() and terminate() still end the attempt.
    onUnexpectedResponse: (request, response) => ws.emit('unexpected-response', request, response),
    wantsRedirect: () => ws.listenerCount('redirect') > 0,
    onRedirect: (url, request) => ws.emit('redirect', url, request),
    finishRequest: (request) => {
      if (options.finishRequest) options.finishRequest(request, ws);
      else request.end();
    },
    onUpgrade: (response) => emitSafely(ws, 'upgrade', response),
  };
}
