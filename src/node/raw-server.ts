import type { IncomingMessage } from 'node:http';
import { createServer, type Server, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { createServer as createTlsServer, type TlsOptions } from 'node:tls';
import { hasToken } from '../handshake/header-grammar.ts';
import { HttpHeadError, type RequestHead, RequestHeadParser } from '../handshake/http-head.ts';
import { hasDoubtfulLength } from '../handshake/message-length.ts';
import { PLAIN_HTTP_REFUSAL, type Refusal, serializeRefusal } from '../handshake/server-handshake.ts';
import { fastPathAllowed } from './fast-path/allowed.ts';
import { borrowing, pause, readIntoSlab } from './fast-path/slab-reading.ts';
import { incomingRequest } from './incoming-message.ts';

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
    const accept = (socket: Socket): void => {
      const reader = new RequestReader(socket, options, {
        onUpgrade,
        onDone: () => this.#readers.delete(reader),
      });
      this.#readers.add(reader);
      reader.start();
    };
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
  socket.once('finish', () => socket.destroy());
  socket.end(response);
}

/** Returns what `serialize` makes. What it throws is the application's fault: its client is not left waiting. */
export function orDestroy(socket: Duplex, serialize: () => string): string {
  try {
    return serialize();
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

interface RequestReaderEvents {
  readonly onUpgrade: OnUpgrade;
  /** The socket is closed, or is `onUpgrade`'s from here on. */
  onDone(): void;
}

/** Where a socket has what reads its request. */
const READER = Symbol('reader');

type RequestSocket = Socket & { [READER]?: RequestReader | undefined };

/** Reads one request's head from a new socket. */
class RequestReader {
  readonly #socket: Socket;
  readonly #events: RequestReaderEvents;
  readonly #parser = new RequestHeadParser();
  #timer: NodeJS.Timeout | undefined;

  constructor(socket: Socket, options: RawServerOptions, events: RequestReaderEvents) {
    this.#socket = socket;
    this.#events = events;
    // Otherwise Node would make 64 KiB of memory for each request.
    if (fastPathAllowed(options.fastPath)) readIntoSlab(socket);
    if (options.handshakeTimeout > 0) {
      this.#timer = setTimeout(this.#onTimeout, options.handshakeTimeout);
    }
  }

  start(): void {
    (this.#socket as RequestSocket)[READER] = this;
    this.#socket.on('data', RequestReader.#onData);
    this.#socket.on('close', this.#onClose);
    // The peer's reset before there is a WebSocket is nobody's business; the socket closes by itself.
    this.#socket.on('error', ignore);
  }

  destroy(): void {
    this.#socket.destroy();
  }

  static readonly #onData = borrowing(function (this: RequestSocket, chunk: Uint8Array, end?: number): void {
    this[READER]!.#receive(end === undefined ? chunk : chunk.subarray(0, end));
  });

  /** Takes bytes that are lent for the call. */
  #receive(chunk: Uint8Array): void {
    let used: number;
    try {
      used = this.#parser.receive(chunk);
    } catch (error) {
      if (!(error instanceof HttpHeadError)) throw error;
      this.#refuse({ statusCode: error.statusCode, message: error.message });
      return;
    }
    const { head } = this.#parser;
    if (head !== undefined) this.#onHead(head, Buffer.from(chunk.subarray(used)));
  }

  readonly #onTimeout = (): void => {
    this.#refuse({ statusCode: 408, message: 'Request Timeout' });
  };

  readonly #onClose = (): void => {
    clearTimeout(this.#timer);
    this.#events.onDone();
  };

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
    clearTimeout(this.#timer);
    socket.off('data', RequestReader.#onData).off('close', this.#onClose).off('error', ignore);
    pause(socket);
    (socket as RequestSocket)[READER] = undefined;
    this.#events.onDone();
    this.#events.onUpgrade(incomingRequest(head, socket), socket, rest);
  }

  /**
   * Answers, and reads on without looking until the peer ends: closed with something unread, the socket would be reset,
   * and the answer could be lost with it (RFC 9112 §9.6).
   */
  #refuse(refusal: Refusal, method?: string): void {
    const socket = this.#socket;
    const headers = { ...refusal.headers, Date: new Date().toUTCString() };
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => socket.destroy(), LINGER_MS);
    socket.off('data', RequestReader.#onData).on('data', ignore);
    socket.end(serializeRefusal({ ...refusal, headers }, method));
  }
}

function asksForUpgrade(head: RequestHead): boolean {
  const { connection, upgrade } = head.headers;
  return Boolean(upgrade) && typeof connection === 'string' && hasToken(connection, 'upgrade');
}

function ignore(): void {}
