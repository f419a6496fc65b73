import type { Http2Session } from 'node:http2';
import type { Socket } from 'node:net';

/** How often the peer of a session is asked for a sign of life, in milliseconds. */
const PING_INTERVAL_MS = 30_000;

/**
 * Ends a session whose peer does not answer PING before the next one is due (RFC 9113 §6.7). Nobody else would: Node 20 says
 * GOAWAY to a peer that breaks a rule, tells nobody, hears nothing of it from then on, and keeps the socket and the streams.
 * Node 24 ends such a session at once. When a session is over it waits for the peer to end its half.
 *
 * @param socket - What the session is on.
 */
export function endWhenSilent(session: Http2Session, socket: Socket, intervalMs = PING_INTERVAL_MS): void {
  let waiting = false;
  const timer = setInterval(() => {
    if (waiting || session.destroyed) {
      session.destroy();
      socket.destroy();
      return;
    }
    waiting = true;
    session.ping((error) => {
      if (error === null) waiting = false;
    });
  }, intervalMs);
  session.once('close', () => clearInterval(timer));
}
