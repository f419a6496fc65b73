import type { IncomingMessage } from 'node:http';
import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type TlsOptions } from 'node:tls';
import { traceRefusal } from '../diagnostics/server-handshakes.ts';
import { hasToken } from '../handshake/header-grammar.ts';
import {
  DEFAULT_HEAD_LIMITS,
  HttpHeadError,
  type RequestHead,
  RequestHeadParser,
} from '../handshake/http-head.ts';
import { HTTP2_PREFACE, Http2PrefaceDetector } from '../handshake/http2-preface.ts';
import { hasDoubtfulLength } from '../handshake/message-length.ts';
import { PLAIN_HTTP_REFUSAL, type Refusal, serializeRefusal } from '../handshake/server-handshake.ts';
import { fastPathAllowed } from './fast-path/allowed.ts';
import { divertSlab, readIntoSlab } from './fast-path/slab-reading.ts';
import type { OnConnect } from './http2-server.ts';
import { Http2Sessions } from './http2-sessions.ts';
import { incomingRequest } from './incoming-message.ts';
import { decodeLatin1 } from './latin1.ts';
import { REFUSED_LINGER_MS } from './server-carrier.ts';

export interface RawServerOptions {
  /** How long a client may take for the head of its request, in milliseconds; 0 for no limit. */
  readonly handshakeTimeout: number;
  /** Makes it a TLS server. */
  readonly tls?: TlsOptions | undefined;
  /** Whether Node's internals may be used; default true. */
  readonly fastPath?: boolean | undefined;
  /** Takes HTTP/2 as well: over TLS where ALPN chooses it, else by its preface (RFC 9113 §3.3). */
  readonly onConnect?: OnConnect | undefined;
}

/** Called with a request that asks for an upgrade, and what came behind its head. */
export type OnUpgrade = (request: IncomingMessage, socket: Socket, head: Buffer) => void;

/**
 * A server of plain sockets that reads the head of one HTTP request from each: a request to upgrade goes to `onUpgrade`,
 * any other is answered 426 (RFC 9110 §15.5.22), what is not HTTP is answered 400, 431 or 505.
 */
export class RawServer {
  readonly server: Server;
  /** Those of sockets that have not become a WebSocket's. */
  readonly #readers = new Set<RequestReader>();
  readonly #http2: Http2Sessions | undefined;

  constructor(options: RawServerOptions, onUpgrade: OnUpgrade) {
    const { tls, onConnect, handshakeTimeout } = options;
    if (onConnect !== undefined)
      this.#http2 = new Http2Sessions({ idleTimeout: handshakeTimeout, onConnect });
    const accept = (socket: Socket): void => {
      // ALPN has told the two apart already.
      const http2 = tls === undefined ? this.#http2 : undefined;
      new RequestReader(socket, options, { onUpgrade, readers: this.#readers, http2 }).start();
    };
    const ALPNProtocols = this.#http2 === undefined ? ['http/1.1'] : ['h2', 'http/1.1'];
    this.server =
      tls === undefined
        ? createServer({ noDelay: true }, accept)
        : createTlsServer({ ALPNProtocols, ...tls, noDelay: true }, (socket) => {
            if (socket.alpnProtocol === 'h2' && this.#http2 !== undefined) this.#http2.take(socket);
            else accept(socket);
          });
  }

  /** Stops listening, drops the peers that have not asked for anything yet, and calls back when all sockets are gone. */
  close(callback: () => void): void {
    this.server.close(callback);
    this.#http2?.close();
    for (const reader of this.#readers) reader.destroy();
  }
}

/** Where a socket has what reads its request. */
const READER = Symbol('reader');

type RequestSocket = Socket & { [READER]?: RequestReader | undefined };

/** What a reader has of its server. */
interface ReaderHost {
  readonly onUpgrade: OnUpgrade;
  /** Those that are reading. */
  readonly readers: Set<RequestReader>;
  /** Takes the sockets that begin with the preface of HTTP/2. */
  readonly http2: Http2Sessions | undefined;
}

/** Reads one request's head from a new socket. */
class RequestReader {
  readonly #socket: RequestSocket;
  readonly #host: ReaderHost;
  /** While the preface of HTTP/2 may come. */
  #preface: Http2PrefaceDetector | undefined;
  readonly #parser = new RequestHeadParser(DEFAULT_HEAD_LIMITS, decodeLatin1);
  /** Whether the bytes come past the stream. */
  readonly #diverted: boolean;
  #timer: NodeJS.Timeout | undefined;

  constructor(socket: Socket, { fastPath, handshakeTimeout }: RawServerOptions, host: ReaderHost) {
    this.#socket = socket;
    this.#host = host;
    if (host.http2 !== undefined) this.#preface = new Http2PrefaceDetector();
    // Otherwise Node would make 64 KiB of memory for each request. Not where the socket may become a session's of HTTP/2:
    // one that reads into memory of ours makes Node 20 abort ("buf.base == buffer_.base").
    this.#diverted =
      host.http2 === undefined &&
      fastPathAllowed(fastPath) &&
      divertSlab(socket, RequestReader.#listeners.slab);
    if (handshakeTimeout > 0) this.#timer = setTimeout(RequestReader.#onTimeout, handshakeTimeout, this);
  }

  start(): void {
    const { data, close } = RequestReader.#listeners;
    this.#host.readers.add(this);
    this.#socket[READER] = this;
    if (!this.#diverted) this.#socket.on('data', data);
    this.#socket.on('close', close);
    // The peer's reset before there is a WebSocket is nobody's business; the socket closes by itself.
    this.#socket.on('error', ignore);
  }

  destroy(): void {
    this.#socket.destroy();
  }

  /** For all the same, as those of connections are. */
  static readonly #listeners = {
    data(this: RequestSocket, chunk: Uint8Array): void {
      this[READER]!.#receive(chunk, chunk.length);
    },
    slab(this: RequestSocket, length: number, slab: Uint8Array): boolean {
      // Somebody else looks at what the socket gets.
      if (this.readableFlowing) this.push(Buffer.from(slab.subarray(0, length)));
      this[READER]!.#receive(slab, length);
      return true;
    },
    close(this: RequestSocket): void {
      this[READER]!.#stop();
    },
  };

  static #onTimeout(reader: RequestReader): void {
    reader.#refuse({ statusCode: 408, message: 'Request Timeout' });
  }

  /** Takes bytes that are lent for the call. */
  #receive(chunk: Uint8Array, end: number): void {
    if (this.#preface === undefined) {
      this.#receiveHead(chunk, end);
      return;
    }
    const { used, result } = this.#preface.receive(chunk, end);
    if (result === 'whole') {
      this.#beginHttp2(Buffer.from(chunk.subarray(used, end)));
    } else if (result === 'different') {
      const head = Buffer.concat([Buffer.from(this.#preface.held), chunk.subarray(used, end)]);
      this.#preface = undefined;
      this.#receiveHead(head, head.length);
    }
  }

  #beginHttp2(rest: Buffer): void {
    const socket = this.#socket;
    this.#letGo();
    socket.unshift(Buffer.concat([Buffer.from(HTTP2_PREFACE), rest]));
    this.#host.http2!.take(socket);
  }

  #receiveHead(chunk: Uint8Array, end: number): void {
    let used: number;
    try {
      used = this.#parser.receive(chunk, end);
    } catch (error) {
      if (!(error instanceof HttpHeadError)) throw error;
      this.#refuse({ statusCode: error.statusCode, message: error.message });
      return;
    }
    const { head } = this.#parser;
    if (head !== undefined)
      this.#onHead(head, used === end ? NO_BYTES : Buffer.from(chunk.subarray(used, end)));
  }

  #stop(): void {
    clearTimeout(this.#timer);
    this.#host.readers.delete(this);
  }

  #onHead(head: RequestHead, rest: Buffer): void {
    if (hasDoubtfulLength(head)) {
      this.#refuse({ statusCode: 400, message: 'Invalid length' });
      return;
    }
    if (!asksForUpgrade(head)) {
      this.#refuse(PLAIN_HTTP_REFUSAL, head.method);
      return;
    }
    this.#letGo();
    const socket = this.#socket;
    this.#host.onUpgrade(incomingRequest(head, socket), socket, rest);
  }

  /** Leaves the socket to somebody else. */
  #letGo(): void {
    const socket = this.#socket;
    const { data, close } = RequestReader.#listeners;
    this.#stop();
    socket.off('close', close).off('error', ignore);
    if (this.#diverted) {
      readIntoSlab(socket);
    } else {
      socket.off('data', data);
      socket.pause();
    }
    socket[READER] = undefined;
  }

  /**
   * Answers, and reads on without looking until the peer ends: closed with something unread, the socket would be reset,
   * and the answer could be lost with it (RFC 9112 §9.6).
   */
  #refuse(refusal: Refusal, method?: string): void {
    const socket = this.#socket;
    const headers = { ...refusal.headers, Date: new Date().toUTCString() };
    clearTimeout(this.#timer);
    traceRefusal(socket, refusal.statusCode);
    this.#timer = setTimeout(() => socket.destroy(), REFUSED_LINGER_MS);
    if (this.#diverted) readIntoSlab(socket);
    socket.off('data', RequestReader.#listeners.data).on('data', ignore);
    socket.end(serializeRefusal({ ...refusal, headers }, method));
  }
}

function asksForUpgrade(head: RequestHead): boolean {
  const { connection, upgrade } = head.headers;
  return Boolean(upgrade) && typeof connection === 'string' && hasToken(connection, 'upgrade');
}

const NO_BYTES = Buffer.alloc(0);

function ignore(): void {}
