import { Deferred } from './deferred.ts';
import { failureOf } from './error-channel.ts';
import type { WebSocket } from './websocket.ts';

/** What the opening handshake agreed to. */
export interface OpenInfo {
  /** The subprotocol that the server chose, or ''. */
  readonly protocol: string;
  /** The names of the negotiated extensions, or ''. */
  readonly extensions: string;
}

/** Made for those that were asked for. */
const openings = new WeakMap<WebSocket, Promise<OpenInfo>>();

/** Returns a promise of the open, which rejects with the error of the attempt; nobody has to handle that. */
export function openedOf(ws: WebSocket): Promise<OpenInfo> {
  const opened = openings.get(ws) ?? whenOpened(ws);
  openings.set(ws, opened);
  return opened;
}

function whenOpened(ws: WebSocket): Promise<OpenInfo> {
  const opened = new Deferred<OpenInfo>();
  const settle = (): void => {
    ws.off('open', settle).off('close', settle);
    // Without a socket it never was open.
    if (ws._socket === null) opened.reject(failureOf(ws));
    else opened.resolve({ protocol: ws.protocol, extensions: ws.extensions });
  };
  if (ws._socket !== null || failureOf(ws) !== undefined) settle();
  else ws.on('open', settle).on('close', settle);
  return opened.promise;
}
