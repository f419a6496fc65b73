import type { EventEmitter } from 'node:events';
import { CloseCode } from '../core/index.ts';
import { AsyncQueue } from './async-queue.ts';
import type { WebSocket } from './websocket.ts';

/** As many connections may wait for an iteration to come to them. */
export const MAX_WAITING_CONNECTIONS = 1_024;

/** The server whose connections are iterated over. */
export interface IteratedServer extends EventEmitter {
  close(): void;
}

const iterators = new WeakMap<IteratedServer, { readonly isFull: boolean }>();

/** The connections of a server, one by one. Those that wait are paused, so that nothing of what they send is lost. */
export class ConnectionIterator<Connection extends WebSocket, Request, Value>
  implements AsyncIterableIterator<Value>
{
  readonly #server: IteratedServer;
  readonly #handOver: (ws: Connection, request: Request) => Value;
  readonly #queue = new AsyncQueue<[ws: Connection, request: Request]>();

  /**
   * @param isClosed - Whether the server is: there is nothing to come.
   * @param handOver - Makes what is iterated over, of a connection that is still paused.
   * @throws {Error} The connections are being iterated over already; the code is WS_ERR_ALREADY_ITERATED.
   */
  constructor(
    server: IteratedServer,
    isClosed: boolean,
    handOver: (ws: Connection, request: Request) => Value,
  ) {
    if (iterators.has(server)) {
      const error = new Error('The connections of this server are being iterated over already');
      throw Object.assign(error, { code: 'WS_ERR_ALREADY_ITERATED' as const });
    }
    this.#server = server;
    this.#handOver = handOver;
    iterators.set(server, this);
    server.on('connection', this.#onConnection).on('error', this.#onError).on('close', this.#onClose);
    if (isClosed) this.#onClose();
  }

  /** Tells whether as many connections of `server` wait as may. */
  static isFull(server: IteratedServer): boolean {
    return iterators.get(server)?.isFull ?? false;
  }

  /** Whether as many wait as may. */
  get isFull(): boolean {
    return this.#queue.length >= MAX_WAITING_CONNECTIONS;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** Returns the next connection; the end when the server has closed. Rejects with what 'error' has, once. */
  async next(): Promise<IteratorResult<Value, undefined>> {
    const { value: waiting, done } = await this.#queue.take();
    if (done) return { value: undefined, done };
    const value = this.#handOver(...waiting);
    waiting[0].resume();
    return { value, done: false };
  }

  /** Ends the iteration, closes the server, and those connections that wait, with 1001. */
  async return(): Promise<IteratorResult<Value, undefined>> {
    this.#stop();
    this.#server.close();
    for (const [ws] of this.#queue.clear()) {
      ws.close(CloseCode.GOING_AWAY);
      ws.resume();
    }
    this.#queue.end();
    return { value: undefined, done: true };
  }

  readonly #onConnection = (ws: Connection, request: Request): void => {
    ws.pause();
    this.#queue.push([ws, request]);
  };

  readonly #onError = (error: Error): void => {
    this.#stop();
    this.#queue.fail(error);
  };

  readonly #onClose = (): void => {
    this.#stop();
    this.#queue.end();
  };

  #stop(): void {
    iterators.delete(this.#server);
    this.#server
      .off('connection', this.#onConnection)
      .off('error', this.#onError)
      .off('close', this.#onClose);
  }
}
