import net, { type NetConnectOpts, type Socket } from 'node:net';
import tls, { type ConnectionOptions as TlsConnectOptions } from 'node:tls';
import { DEFAULT_HEAD_LIMITS, type ResponseHead, ResponseHeadParser } from '../handshake/http-head.ts';
import { decodeLatin1 } from './latin1.ts';

/** Where to, and how. */
export interface DialTarget {
  readonly secure: boolean;
  readonly host: string;
  readonly port: number | string;
  /** A Unix socket instead of host and port. */
  readonly socketPath?: string | undefined;
  /** What goes to `tls.connect` or `net.connect` besides. */
  readonly options: TlsConnectOptions;
}

export interface DialEvents {
  /** The socket is connected, the request not written yet. */
  onConnect(): void;
  onResponse(head: ResponseHead, rest: Buffer): void;
  onError(error: Error): void;
}

/** Opens a socket, writes an upgrade request and reads the head of the response. */
export class Dialler {
  readonly socket: Socket;
  readonly #events: DialEvents;
  #parser = createParser();

  constructor(target: DialTarget, events: DialEvents) {
    this.#events = events;
    this.socket = opened(target);
    this.socket.once(target.secure ? 'secureConnect' : 'connect', this.#onConnect);
    this.socket.on('error', this.#onError);
    this.socket.on('close', this.#onClose);
  }

  /** Writes the request's head and reads the response's. */
  request(head: string): void {
    this.socket.on('data', this.#onData);
    this.socket.write(head, 'latin1');
  }

  /** Lets go of the socket: it is somebody else's, who comes to hear its errors. */
  release(): void {
    this.socket.off('data', this.#onData);
    this.socket.off('error', this.#onError);
    this.socket.off('close', this.#onClose);
  }

  /** Gives up; no event comes any more. */
  abort(): void {
    this.release();
    this.socket.off('connect', this.#onConnect);
    this.socket.off('secureConnect', this.#onConnect);
    this.socket.on('error', ignore);
    this.socket.destroy();
  }

  readonly #onConnect = (): void => this.#events.onConnect();

  readonly #onData = (chunk: Buffer): void => {
    let rest: Buffer;
    try {
      rest = this.#read(chunk);
    } catch (error) {
      this.#fail(error as Error);
      return;
    }
    const { head } = this.#parser;
    if (head !== undefined) this.#onHead(head, rest);
  };

  readonly #onError = (error: Error): void => this.#fail(error);

  readonly #onClose = (): void => {
    this.#fail(Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' }));
  };

  /** Reads on to the head of the response, past interim ones; returns what is left of the chunk. */
  #read(chunk: Buffer): Buffer {
    let rest = chunk.subarray(this.#parser.receive(chunk));
    while (this.#parser.head !== undefined && isInterim(this.#parser.head)) {
      this.#parser = createParser();
      rest = rest.subarray(this.#parser.receive(rest));
    }
    return rest;
  }

  #onHead(head: ResponseHead, rest: Buffer): void {
    this.socket.pause();
    this.release();
    this.#events.onResponse(head, rest);
  }

  #fail(error: Error): void {
    this.abort();
    this.#events.onError(error);
  }
}

function createParser(): ResponseHeadParser {
  return new ResponseHeadParser(DEFAULT_HEAD_LIMITS, decodeLatin1);
}

/** What Node refuses to open, a bad certificate say, fails as an event, as in node:http. */
function opened(target: DialTarget): Socket {
  try {
    return open(target);
  } catch (error) {
    return new net.Socket().destroy(error as Error);
  }
}

function open(target: DialTarget): Socket {
  const { host, port, socketPath, secure, options } = target;
  const where = { host, port, path: socketPath, timeout: undefined };
  if (!secure) return net.connect({ ...options, ...where, noDelay: true } as NetConnectOpts);
  const servername = tlsServerName(options.servername, host);
  // On the module, not by its name: programs replace it there.
  return tls
    .connect({ ALPNProtocols: ['http/1.1'], ...options, ...where, servername } as TlsConnectOptions)
    .setNoDelay(true);
}

/** The name to ask for in TLS: what was given, else the host. RFC 6066 §3: it is a DNS name, never an address. */
export function tlsServerName(given: string | undefined, host: string): string {
  return given ?? (net.isIP(host) === 0 ? host : '');
}

/** RFC 9110 §15.2: a client takes 1xx responses before the final one, and may ignore them. */
function isInterim({ statusCode }: ResponseHead): boolean {
  return statusCode < 200 && statusCode !== 101;
}

function ignore(): void {}
