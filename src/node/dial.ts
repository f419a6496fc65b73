import type { Socket } from 'node:net';
import type { ResponseHead } from '../handshake/http-head.ts';
import { FinalResponse } from './final-response.ts';
import { hangUp } from './hang-up.ts';
import { connectEvent, openSocket, type SocketTarget, secured } from './open-socket.ts';
import type { ProxyServer } from './proxy/proxy-server.ts';
import { Tunnel } from './proxy/tunnel.ts';

/** Where to, and how. */
export interface DialTarget extends SocketTarget {
  /** What leads there; `undefined` when the way is direct. */
  readonly proxy?: ProxyServer | undefined;
}

export interface DialEvents {
  /** The socket is connected, the request not written yet. */
  onConnect(): void;
  onResponse(head: ResponseHead, rest: Buffer): void;
  onError(error: Error): void;
}

/** Opens a socket, writes an upgrade request and reads the head of the response. */
export class Dialler {
  readonly #target: DialTarget;
  readonly #events: DialEvents;
  readonly #tunnel: Tunnel | undefined;
  readonly #response = new FinalResponse();
  #socket: Socket | undefined;

  /**
   * @param connected - A socket that leads there already, of which `onConnect` is not called.
   * @throws {TypeError} A header for the proxy has characters that don't belong there; no socket is opened.
   */
  constructor(target: DialTarget, events: DialEvents, connected?: Socket) {
    this.#target = target;
    this.#events = events;
    if (connected !== undefined) {
      this.#take(connected);
    } else if (target.proxy === undefined) {
      this.#take(openSocket(target)).once(connectEvent(target), this.#onConnect);
    } else {
      this.#tunnel = new Tunnel(target.proxy, target, {
        onOpen: (socket) => this.#onTunnel(socket),
        onError: (error) => this.#events.onError(error),
      });
    }
  }

  /** The connection to the target: there is one at the latest when it is connected. */
  get socket(): Socket {
    return this.#socket!;
  }

  /** Writes the request's head and reads the response's. */
  request(head: string): void {
    if (this.socket.destroyed) {
      this.#fail(hangUp());
      return;
    }
    this.socket.on('data', this.#onData);
    this.socket.write(head, 'latin1');
  }

  /** Lets go of the socket: it is somebody else's, who comes to hear its errors. */
  release(): void {
    this.#socket?.off('data', this.#onData).off('error', this.#onError).off('close', this.#onClose);
  }

  /** Gives up; no event comes any more. */
  abort(): void {
    this.#tunnel?.abort();
    this.release();
    this.#socket?.off('connect', this.#onConnect).off('secureConnect', this.#onConnect);
    this.#socket?.on('error', ignore).destroy();
  }

  #take(socket: Socket): Socket {
    this.#socket = socket;
    return socket.on('error', this.#onError).on('close', this.#onClose);
  }

  #onTunnel(socket: Socket): void {
    if (this.#target.secure) {
      this.#take(secured(this.#target, socket)).once('secureConnect', this.#onConnect);
    } else {
      this.#take(socket);
      this.#onConnect();
      socket.resume();
    }
  }

  readonly #onConnect = (): void => this.#events.onConnect();

  readonly #onData = (chunk: Buffer): void => {
    let rest: Buffer;
    try {
      rest = this.#response.receive(chunk);
    } catch (error) {
      this.#fail(error as Error);
      return;
    }
    const { head } = this.#response;
    if (head !== undefined) this.#onHead(head, rest);
  };

  readonly #onError = (error: Error): void => this.#fail(error);

  readonly #onClose = (): void => this.#fail(hangUp());

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

function ignore(): void {}
