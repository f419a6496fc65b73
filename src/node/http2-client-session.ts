import { once } from 'node:events';
import type { ClientHttp2Session, ClientHttp2Stream } from 'node:http2';
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { DialTarget } from './dial.ts';
import { HTTP2_LIMITS } from './http2-limits.ts';
import { endWhenSilent } from './http2-liveness.ts';
import { http2Module } from './http2-module.ts';
import { extendedConnectAllowed, http2Unsupported } from './http2-session-ready.ts';
import { widenWindow } from './http2-window.ts';
import { connectEvent, openSocket } from './open-socket.ts';

/** What a server may do to a session; pushes are none of it (RFC 9113 §8.4). */
const SESSION_OPTIONS = {
  ...HTTP2_LIMITS,
  maxReservedRemoteStreams: 0,
  settings: { enablePush: false },
} as const;

/** Node remembers all origins that a server names (RFC 8336 §2.3) for as long as the session lives. */
const MAX_ORIGINS = 1_000;

/** A session of HTTP/2 that WebSockets of this process share. */
export class Http2ClientSession {
  readonly target: DialTarget;
  /** What is offered by ALPN. */
  readonly alpn: readonly string[];
  /** Resolves when the server is known to take WebSockets; rejects as {@link extendedConnectAllowed} does. */
  readonly ready: Promise<ClientHttp2Session>;
  readonly #onEmpty: () => void;
  /** Until it is a session's, or that of a WebSocket over HTTP/1.1. */
  #socket: Socket | undefined;
  #session: ClientHttp2Session | undefined;
  /** Whether it takes nobody any more, though it may have streams. */
  #spent = false;
  /** The last stream that the server may have begun with, as its GOAWAY says (RFC 9113 §6.8). */
  #lastStream = Number.POSITIVE_INFINITY;
  /** Those that wait for it or are on it. */
  #users = 0;
  /** Those that are on it. */
  #streams = 0;

  /** @param onEmpty - Called when nobody uses it any more, and it is closed. */
  constructor(target: DialTarget, alpn: readonly string[], onEmpty: () => void) {
    this.target = target;
    this.alpn = alpn;
    this.#onEmpty = onEmpty;
    this.#socket = openSocket(target, alpn);
    this.ready = this.#open(this.#socket);
    this.ready.catch(() => {
      this.#spent = true;
    });
  }

  /** Whether one more may come. */
  get usable(): boolean {
    const session = this.#session;
    if (this.#spent || session?.destroyed || session?.closed) return false;
    return this.#streams < this.#maxStreams;
  }

  join(): void {
    this.#users++;
  }

  leave(): void {
    this.#users--;
    if (this.#users > 0) return;
    this.#onEmpty();
    this.#session?.close();
    this.#socket?.destroy();
  }

  /**
   * Takes the place of a stream, once it is {@link ready}; returns whether there is one.
   *
   * @throws {Error} Code WS_ERR_HTTP2_UNSUPPORTED: the server allows no streams at all.
   */
  occupy(): boolean {
    if (this.#maxStreams < 1) throw http2Unsupported('The server takes no streams over HTTP/2');
    if (!this.usable) return false;
    this.#streams++;
    return true;
  }

  vacate(): void {
    this.#streams--;
  }

  /**
   * Tells whether a request failed of which the server says that it has done nothing with it. This session takes no others then.
   *
   * @param stream - The request's; `undefined` for one that was not sent.
   * @see RFC 9113 §6.8, §8.7
   */
  refused(stream: ClientHttp2Stream | undefined): boolean {
    const id = stream?.id ?? Number.POSITIVE_INFINITY;
    const refused = stream?.rstCode === REFUSED_STREAM || id > this.#lastStream;
    this.#spent ||= refused;
    return refused;
  }

  /** Gives the socket of a server that chose HTTP/1.1 to the first who asks. */
  takeSocket(): Socket | undefined {
    const socket = this.#socket;
    this.#socket = undefined;
    return socket?.off('error', ignore);
  }

  /** As far as it is known. */
  get #maxStreams(): number {
    const session = this.#session;
    if (session === undefined || session.connecting) return Number.POSITIVE_INFINITY;
    return session.remoteSettings.maxConcurrentStreams ?? Number.POSITIVE_INFINITY;
  }

  async #open(socket: Socket): Promise<ClientHttp2Session> {
    await connected(socket, this.target);
    if (this.target.secure && (socket as TLSSocket).alpnProtocol !== 'h2') {
      socket.on('error', ignore);
      throw http2Unsupported('The server does not speak HTTP/2');
    }
    // Nobody waits for it any more.
    if (socket.destroyed) throw new Error('The socket was closed');
    // The name of a server that is an address: Deno 2.9 makes a URL of it, and throws.
    if ((socket as TLSSocket).servername === '') Reflect.set(socket, 'servername', false);
    const origin = `${this.target.secure ? 'https' : 'http'}://localhost`;
    const session = http2Module().connect(origin, { ...SESSION_OPTIONS, createConnection: () => socket });
    this.#socket = undefined;
    this.#session = session;
    session.on('error', ignore).on('stream', (pushed) => pushed.close());
    session.on('goaway', (_code, lastStream) => {
      this.#lastStream = lastStream;
    });
    endWhenSilent(session, socket);
    endWhenOriginsFlood(session);
    widenWindow(session);
    await extendedConnectAllowed(session);
    return session;
  }
}

/** RST_STREAM's code for what was not begun with, and Node's for what is above the last stream of a GOAWAY (RFC 9113 §7). */
const REFUSED_STREAM = 0x7;

/** OpenSSL's code for the alert of a server that has none of the protocols that were offered (RFC 7301 §3.2). */
const NO_APPLICATION_PROTOCOL = 'ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL';

async function connected(socket: Socket, target: DialTarget): Promise<void> {
  try {
    await once(socket, connectEvent(target));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== NO_APPLICATION_PROTOCOL) throw error;
    throw Object.assign(http2Unsupported('The server does not speak HTTP/2'), { cause: error });
  }
}

function endWhenOriginsFlood(session: ClientHttp2Session): void {
  let origins = 0;
  session.on('origin', (named) => {
    origins += named.length;
    if (origins > MAX_ORIGINS) session.destroy();
  });
}

function ignore(): void {}
