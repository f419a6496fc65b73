import type { ClientHttp2Session } from 'node:http2';
import { hangUp } from './hang-up.ts';

/** Makes the error of a server with which WebSockets over HTTP/2 can't be. */
export function http2Unsupported(message: string): Error & { code: 'WS_ERR_HTTP2_UNSUPPORTED' } {
  return Object.assign(new Error(message), { code: 'WS_ERR_HTTP2_UNSUPPORTED' as const });
}

/**
 * Waits for a server's SETTINGS, before which nobody may send an extended CONNECT.
 *
 * @throws {Error} The session ended before; or, with the code WS_ERR_HTTP2_UNSUPPORTED, the server does not allow it.
 * @see RFC 8441 §3, §4
 */
export async function extendedConnectAllowed(session: ClientHttp2Session): Promise<void> {
  // A server acknowledges our SETTINGS after it has sent its own, which are its first frame (RFC 9113 §3.4).
  while (!allows(session) && (session.connecting || session.pendingSettingsAck)) await nextSettings(session);
  if (session.destroyed || session.closed) throw hangUp();
  if (!allows(session)) throw http2Unsupported('The server does not take WebSockets over HTTP/2');
}

function allows(session: ClientHttp2Session): boolean {
  return !session.connecting && session.remoteSettings.enableConnectProtocol === true;
}

function nextSettings(session: ClientHttp2Session): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (error?: Error): void => {
      session.off('remoteSettings', onSettings).off('localSettings', onSettings);
      session.off('error', settle).off('close', onClose);
      if (error === undefined) resolve();
      else reject(error);
    };
    const onSettings = (): void => settle();
    const onClose = (): void => settle(hangUp());
    session.on('remoteSettings', onSettings).on('localSettings', onSettings);
    session.on('error', settle).on('close', onClose);
  });
}
