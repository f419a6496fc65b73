import type { IncomingHttpHeaders, ServerHttp2Session, ServerHttp2Stream, Settings } from 'node:http2';
import type { Socket } from 'node:net';
import { DEFAULT_HEAD_LIMITS } from '../handshake/http-head.ts';
import { asksForWebSocket, plainHttp2Refusal } from '../handshake/http2-server-handshake.ts';
import { refuseStream } from './connect-carrier.ts';
import { HTTP2_LIMITS } from './http2-limits.ts';
import { endWhenSilent } from './http2-liveness.ts';
import { http2Module } from './http2-module.ts';
import type { OnConnect } from './http2-server.ts';
import { hasEnded } from './http2-stream.ts';
import { widenWindow } from './http2-window.ts';

/** How many WebSockets, and requests for them, one session may have at a time. */
export const MAX_STREAMS_PER_SESSION = 1_024;

const SETTINGS: Settings = {
  enableConnectProtocol: true,
  maxConcurrentStreams: MAX_STREAMS_PER_SESSION,
  maxHeaderListSize: DEFAULT_HEAD_LIMITS.maxHeadBytes,
};

/**
 * What a client may do to a session before it is ended, where Node's own default is looser or not in every version. Node
 * itself counts CONTINUATION frames, and answers a SETTINGS frame before it takes too many of them.
 */
const LIMITS = {
  ...HTTP2_LIMITS,
  /** Streams that are opened above the limit. */
  maxSessionRejectedStreams: 100,
  /** Streams that are opened and reset, at once and in a second (CVE-2023-44487). */
  streamResetBurst: 1_000,
  streamResetRate: 33,
} as const;

export interface Http2SessionsOptions {
  /** How long a session may have no stream before it is ended, in milliseconds; 0 for no limit. */
  readonly idleTimeout: number;
  readonly onConnect: OnConnect;
}

/** The sessions of HTTP/2 of a server of our own, which takes nothing but WebSockets. */
export class Http2Sessions {
  readonly #sessions = new Map<ServerHttp2Session, Set<ServerHttp2Stream>>();
  readonly #options: Http2SessionsOptions;

  constructor(options: Http2SessionsOptions) {
    this.#options = options;
  }

  /** Begins a session on a socket, of which nothing but what is in its stream has been read. */
  take(socket: Socket): void {
    const session = http2Module().performServerHandshake(socket, { ...LIMITS, settings: SETTINGS });
    const { idleTimeout } = this.#options;
    const streams = new Set<ServerHttp2Stream>();
    let timer: NodeJS.Timeout | undefined;
    const onIdle = (): void => {
      if (session.closed) session.destroy();
      else if (idleTimeout > 0) timer = setTimeout(() => session.destroy(), idleTimeout);
    };
    this.#sessions.set(session, streams);
    session.on('error', ignore);
    endWhenSilent(session, socket);
    widenWindow(session);
    session.on('stream', (stream, headers) => {
      clearTimeout(timer);
      streams.add(stream);
      stream.on('error', ignore).on('close', () => {
        streams.delete(stream);
        if (streams.size === 0 && !session.destroyed) onIdle();
      });
      this.#onStream(stream, headers);
    });
    session.on('close', () => {
      clearTimeout(timer);
      this.#sessions.delete(session);
    });
    onIdle();
  }

  /**
   * Takes no more streams; ends the sessions that have none now, and the others when the last of theirs is gone. Not by
   * themselves: those of peers that broke a rule would wait to be heard of.
   */
  close(): void {
    for (const [session, streams] of this.#sessions) {
      // Node does not close a stream that has ended in a session that it has said GOAWAY in.
      if ([...streams].every(hasEnded)) session.destroy();
      else session.close();
    }
  }

  #onStream(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): void {
    if (asksForWebSocket(headers)) this.#options.onConnect(stream, headers);
    else refuseStream(stream, plainHttp2Refusal(headers));
  }
}

function ignore(): void {}
