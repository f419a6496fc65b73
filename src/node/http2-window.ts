import type { Http2Session } from 'node:http2';

/** How much of all that a peer sends on one session may be under way, in bytes. */
const SESSION_WINDOW_BYTES = 1024 * 1024;

/**
 * Lets the peer of a session send more at a time than the 65,535 bytes that HTTP/2 begins with, which all its streams share: a
 * message of 64 KiB is more than that. The window of each stream stays as it is, and with it what is held for one.
 *
 * @see RFC 9113 §6.9.2
 */
export function widenWindow(session: Http2Session): void {
  // Bun 1.4 gives no more than the first 65,535 bytes to a session whose window was changed.
  if (process.versions.bun !== undefined) return;
  const widen = (): void => {
    // It says that it is connected a turn late.
    if (!session.destroyed) session.setLocalWindowSize(SESSION_WINDOW_BYTES);
  };
  if (session.connecting) session.once('connect', widen);
  else widen();
}
