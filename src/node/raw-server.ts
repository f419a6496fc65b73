import type { IncomingMessage } from 'node:http';
import { createServer, type Server, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { createServer as createTlsServer, type TlsOptions } from 'node:tls';
import { hasToken } from '../handshake/header-grammar.ts';
import { HttpHeadError, type RequestHead, RequestHeadParser } from '../handshake/http-head.ts';
import { PLAIN_HTTP_REFUSAL, type Refusal, serializeRefusal } from '../handshake/server-handshake.ts';
import { incomingRequest } from './incoming-message.ts';

export interface RawServerOptions {
  /** How long a client may take for the head of its request, in milliseconds; 0 for no limit. */
  readonly handshakeTimeout: number;
  /** Makes it a TLS server. */
  readonly tls?: TlsOptions | undefined;
}

/** Called with a request that asks for an upgrade, and what came behind its head. */
export type OnUpgrade = (request: IncomingMessage, socket: Socket, head: Buffer) => void;

/**
 * A server of plain sockets that reads the head of one HTTP request from each: a request to upgrade goes to `onUpgrade`,
 * any other is answered 426 (RFC 9110 §15.5.22), what is not HTTP is answered 400, 431 or 505.
 */
export class RawServer {
  readonly server: Server;
  /** Sockets that have not become a WebSocket's. */
  readonly #pending = new Set<Socket>();

  constructor(options: RawServerOptions, onUpgrade: OnUpgrade) {
    const accept = (socket: Socket): void => {
      this.#pending.add(socket);
      socket.once('close', () => this.#pending.delete(socket));
      const reader = new RequestReader(socket, options, (request, _socket, head) => {
        this.#pending.delete(socket);
        onUpgrade(request, socket, head);
      });
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
    for (const socket of this.#pending) socket.destroy();
  }
}

/** Writes a full HTTP response and ends the socket. */
export function refuse(socket: Duplex, refusal: Refusal): void {
  socket.once('finish', () => socket.destroy());
  socket.end(serializeRefusal(refusal));
}

/** Reads one request's head from a new socket. */
class RequestReader {
  readonly #socket: Socket;
  readonly #onUpgrade: OnUpgrade;
  readonly #parser = new RequestHeadParser();
  readonly #timer: NodeJS.Timeout | undefined;

  constructor(socket: Socket, options: RawServerOptions, onUpgrade: OnUpgrade) {
    this.#socket = socket;
    this.#onUpgrade = onUpgrade;
    if (options.handshakeTimeout > 0) {
      this.#timer = setTimeout(this.#onTimeout, options.handshakeTimeout);
    }
  }

  start(): void {
    this.#socket.on('data', this.#onData);
    this.#socket.on('close', this.#stop);
    // The peer's reset before there is a WebSocket is nobody's business; the socket closes by itself.
    this.#socket.on('error', ignore);
  }

  readonly #onData = (chunk: Buffer): void => {
    let used: number;
    try {
      used = this.#parser.receive(chunk);
    } catch (error) {
      if (!(error instanceof HttpHeadError)) throw error;
      this.#refuse({ statusCode: error.statusCode, message: error.message });
      return;
    }
    const { head } = this.#parser;
    if (head !== undefined) this.#onHead(head, chunk.subarray(used));
  };

  readonly #onTimeout = (): void => {
    this.#refuse({ statusCode: 408, message: 'Request Timeout' });
  };

  readonly #stop = (): void => {
    clearTimeout(this.#timer);
    this.#socket.off('data', this.#onData);
    this.#socket.off('close', this.#stop);
  };

  #onHead(head: RequestHead, rest: Buffer): void {
    if (!asksForUpgrade(head)) {
      this.#refuse(PLAIN_HTTP_REFUSAL);
      return;
    }
    this.#stop();
    this.#socket.pause();
    this.#onUpgrade(incomingRequest(head, this.#socket), this.#socket, rest);
  }

  #refuse(refusal: Refusal): void {
    this.#stop();
    refuse(this.#socket, refusal);
  }
}

function asksForUpgrade(head: RequestHead): boolean {
  const { connection, upgrade } = head.headers;
  return upgrade !== undefined && typeof connection === 'string' && hasToken(connection, 'upgrade');
}

function ignore(): void {}
