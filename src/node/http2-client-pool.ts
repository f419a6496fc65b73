import type { ClientHttp2Session, ClientHttp2Stream } from 'node:http2';
import type { Socket } from 'node:net';
import type { DialTarget } from './dial.ts';
import { Http2ClientSession } from './http2-client-session.ts';

/** What a WebSocket has of the sessions of HTTP/2 to its origin: a place on one of them. */
export class Http2Place {
  readonly #target: DialTarget;
  readonly #alpn: readonly string[];
  #pooled: Http2ClientSession | undefined;
  #onStream = false;
  #left = false;

  /** @param alpn - What to offer where a session has to be opened first. */
  constructor(target: DialTarget, alpn: readonly string[]) {
    this.#target = target;
    this.#alpn = alpn;
  }

  /**
   * Waits for a session that takes one more WebSocket: one that is open already, or a new one.
   *
   * @throws {Error} There can't be one: code WS_ERR_HTTP2_UNSUPPORTED, or what a socket or a session fails with.
   */
  async session(): Promise<ClientHttp2Session> {
    for (;;) {
      const pooled = findSession(this.#target, this.#alpn);
      this.#pooled = pooled;
      pooled.join();
      const session = await pooled.ready;
      // Several may have waited for more than it takes.
      if (!this.#left && pooled.occupy()) {
        this.#onStream = true;
        return session;
      }
      if (this.#left) return session;
      pooled.leave();
    }
  }

  /**
   * Tells whether the server says that it has done nothing with a request, which may be made again from another place.
   *
   * @param stream - The request's; `undefined` when it was not sent.
   */
  refused(stream: ClientHttp2Stream | undefined): boolean {
    return this.#pooled?.refused(stream) ?? false;
  }

  /** The socket of a server that chose HTTP/1.1, if nobody has taken it. */
  takeSocket(): Socket | undefined {
    return this.#pooled?.takeSocket();
  }

  /** Gives the place back. */
  leave(): void {
    if (this.#left) return;
    this.#left = true;
    if (this.#onStream) this.#pooled!.vacate();
    this.#pooled?.leave();
  }
}

/** The sessions of this process. */
const sessions = new Set<Http2ClientSession>();

function findSession(target: DialTarget, alpn: readonly string[]): Http2ClientSession {
  for (const pooled of sessions) {
    if (pooled.usable && pooled.alpn === alpn && leadsToTheSame(pooled.target, target)) return pooled;
  }
  const pooled: Http2ClientSession = new Http2ClientSession(target, alpn, () => sessions.delete(pooled));
  sessions.add(pooled);
  return pooled;
}

/**
 * Options of a client that say nothing of its socket. All others, of TLS above all, have to be the same: a session that was
 * opened without a check of the certificate is not for those who want one.
 */
const NOT_OF_THE_SOCKET: ReadonlySet<string> = new Set([
  'allowSynchronousEvents',
  'auth',
  'autoPong',
  'binaryType',
  'closeTimeout',
  'earlyMessageTimeoutMs',
  'fastPath',
  'generateMask',
  'handshakeTimeout',
  'headers',
  'heartbeat',
  'highWaterMarkBytes',
  'http2',
  'lowWaterMarkBytes',
  'maxBufferedBytes',
  'maxBufferedChunks',
  'maxControlFramesPerSecond',
  'maxEarlyMessageBytes',
  'maxFragments',
  'maxPayload',
  'maxPendingAutoPongs',
  'origin',
  'perMessageDeflate',
  'protocols',
  'protocolVersion',
  'skipUTF8Validation',
  'slowPeer',
]);

/** Tells whether two targets have the same origin, and the same to say of the way to it. */
export function leadsToTheSame(a: DialTarget, b: DialTarget): boolean {
  if (
    a.secure !== b.secure ||
    a.host !== b.host ||
    `${a.port}` !== `${b.port}` ||
    a.socketPath !== b.socketPath
  ) {
    return false;
  }
  const names = new Set([...Object.keys(a.options), ...Object.keys(b.options)]);
  return [...names].every(
    (name) =>
      NOT_OF_THE_SOCKET.has(name) || isSame(Reflect.get(a.options, name), Reflect.get(b.options, name)),
  );
}

/** Objects are the same when they are one, but for bytes and lists. */
function isSame(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (a instanceof Uint8Array && b instanceof Uint8Array) return Buffer.compare(a, b) === 0;
  if (!Array.isArray(a) || !Array.isArray(b) || a.length !== b.length) return false;
  return a.every((each, i) => isSame(each, b[i]));
}
