import type { IncomingMessage } from 'node:http';
import { createServer, type Server, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { createServer as createTlsServer, type TlsOptions } from 'node:tls';
import { traceRefusal } from '../diagnostics/server-handshakes.ts';
import { hasToken } from '../handshake/header-grammar.ts';
import {
  DEFAULT_HEAD_LIMITS,
  HttpHeadError,
  type RequestHead,
  RequestHeadParser,
} from '../handshake/http-head.ts';
import { hasDoubtfulLength } from '../handshake/message-length.ts';
import { PLAIN_HTTP_REFUSAL, type Refusal, serializeRefusal } from '../handshake/server-handshake.ts';
import { fastPathAllowed } from './fast-path/allowed.ts';
import { divertSlab, readIntoSlab } from './fast-path/slab-reading.ts';
import { incomingRequest } from './incoming-message.ts';
import { decodeLatin1 } from './latin1.ts';

export interface RawServerOptions {
  /** How long a client may take for the head of its request, in milliseconds; 0 for no limit. */
  readonly handshakeTimeout: number;
  /** Makes it a TLS server. */
  readonly tls?: TlsOptions | undefined;
  /** Whether Node's internals may be used; default true. */
  readonly fastPath?: boolean | undefined;
}

/** Called with a request that asks for an upgrade, and what came behind its head. */
export type OnUpgrade = (request: IncomingMessage, socket: Socket, head: Buffer) => void;

/** How long a refused client may go on sending before it is cut off, in milliseconds. */
const LINGER_MS = 2_000;

/**
 * A server of plain sockets that reads the head of one HTTP request from each: a request to upgrade goes to `onUpgrade`,
 * any other is answered 426 (RFC 9110 §15.5.22), what is not HTTP is answered 400, 431 or 505.
 */
export class RawServer {
  readonly server: Server;
  /** Those of sockets that have not become a WebSocket's. */
  readonly #readers = new Set<RequestReader>();

  constructor(options: RawServerOptions, onUpgrade: OnUpgrade) {
    const accept = (socket: Socket): void =>
      new RequestReader(socket, options, onUpgrade, this.#readers).start();
    this.server =
      options.tls === undefined
        ? createServer({ noDelay: true }, accept)
        : createTlsServer({ ALPNProtocols: ['http/1.1'], ...options.tls, noDelay: true }, accept);
  }

  /** Stops listening, drops the peers that have not asked for anything yet, and calls back when all sockets are gone. */
  close(callback: () => void): void {
    this.server.close(callback);
    for (const reader of this.#readers) reader.destroy();
  }
}

/**
 * Writes a full HTTP response and ends the socket.
 *
 * @throws {TypeError | RangeError} From {@link serializeRefusal}; the socket is destroyed then.
 */
export function refuse(socket: Duplex, refusal: Refusal): void {
  const response = orDestroy(socket, () => serializeRefusal(refusal));
  traceRefusal(socket, refusal.statusCode);
  socket.once('finish', () => socket.destroy());
  socket.end(response);
}

/** Returns what `make` makes. What it throws is the application's fault: its client is not left waiting. */
export function orDestroy<T>(socket: Duplex, make: () => T): T {
  try {
    return make();
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

/** Where a socket has what reads its request. */
const READER = Symbol('reader');

type RequestSocket = Socket & { [READER]?: RequestReader | undefined };

/** Reads one request's head from a new socket. */
class RequestReader {
  readonly #socket: RequestSocket;
  readonly #onUpgrade: OnUpgrade;
  /** Those that are reading, this one among them. */
  readonly #readers: Set<RequestReader>;
  readonly #parser = new RequestHeadParser(DEFAULT_HEAD_LIMITS, decodeLatin1);
  /** Whether the bytes come past the stream. */
  readonly #diverted: boolean;
  #timer: NodeJS.Timeout | undefined;

  constructor(
    socket: Socket,
    { fastPath, handshakeTimeout }: RawServerOptions,
    onUpgrade: OnUpgrade,
    readers: Set<RequestReader>,
  ) {
    this.#socket = socket;
    this.#onUpgrade = onUpgrade;
    this.#readers = readers;
    // Otherwise Node would make 64 KiB of memory for each request.
    this.#diverted = fastPathAllowed(fastPath) && divertSlab(socket, RequestReader.#listeners.slab);
    if (handshakeTimeout > 0) this.#timer = setTimeout(RequestReader.#onTimeout, handshakeTimeout, this);
  }

  start(): void {
    const { data, close } = RequestReader.#listeners;
    this.#readers.add(this);
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
    this.#readers.delete(this);
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
    this.#onUpgrade(incomingRequest(head, socket), socket, rest);
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
    this.#timer = setTimeout(() => socket.destroy(), LINGER_MS);
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
