import { Duplex, type DuplexOptions } from 'node:stream';
import type { SendCallback } from '../core/index.ts';
import type { RawData } from './binary-type.ts';
import { CLOSED, CONNECTING } from './ready-state.ts';
import type { WebSocket } from './websocket.ts';

/**
 * Makes a Duplex of a WebSocket: each message is a chunk to read, each chunk written is one binary message. Text
 * messages are strings with `readableObjectMode`.
 *
 * An unread stream pauses `ws`; `write` returns false when `ws` has enough. `end()` begins the closing handshake,
 * `destroy()` terminates. The stream ends when `ws` closes, and fails with its error.
 */
export function createWebSocketStream(ws: WebSocket, options?: DuplexOptions): Duplex {
  return new WebSocketDuplex(ws, options);
}

class WebSocketDuplex extends Duplex {
  readonly #ws: WebSocket;
  /** Whether `ws` failed by itself: it says so to the peer with a Close frame, which terminating would cut off. */
  #failed = false;

  constructor(ws: WebSocket, options: DuplexOptions = {}) {
    super({
      ...options,
      // These are what this class is about.
      ...{ read: undefined, write: undefined, writev: undefined, final: undefined, destroy: undefined },
      autoDestroy: true,
      emitClose: true,
      objectMode: false,
      writableObjectMode: false,
    } as DuplexOptions);
    this.#ws = ws;
    ws.on('message', (data, isBinary) => this.#onMessage(data, isBinary));
    ws.once('error', (error) => this.#onError(error));
    ws.once('close', () => {
      if (!this.destroyed) this.push(null);
    });
  }

  override _read(): void {
    if (this.#ws.isPaused) this.#ws.resume();
  }

  override _write(chunk: Buffer, encoding: BufferEncoding, callback: SendCallback): void {
    if (this.#ws.readyState === CONNECTING) {
      this.#ws.once('open', () => this._write(chunk, encoding, callback));
    } else {
      this.#ws.send(chunk, callback);
    }
  }

  override _final(callback: SendCallback): void {
    const ws = this.#ws;
    if (ws.readyState === CONNECTING) {
      ws.once('open', () => this._final(callback));
      return;
    }
    const socket = ws._socket;
    // The handshake failed; the error that says so destroys the stream.
    if (socket === null) return;
    // A peer that was gone without a Close frame leaves no FIN to send.
    if (socket.writableFinished || ws.readyState === CLOSED) return callback();
    socket.once('finish', callback);
    // Without a FIN of ours there is no 'finish' to come.
    ws.once('close', () => this.destroy());
    ws.close();
  }

  override _destroy(error: Error | null, callback: (error: Error | null) => void): void {
    const ws = this.#ws;
    if (ws.readyState === CLOSED) return callback(error);
    let reason = error;
    ws.once('error', (late) => {
      reason = late;
    });
    ws.once('close', () => callback(reason));
    if (!this.#failed) ws.terminate();
  }

  #onMessage(data: RawData, isBinary: boolean): void {
    const chunk = !isBinary && this.readableObjectMode ? data.toString() : data;
    if (!this.push(chunk)) this.#ws.pause();
  }

  #onError(error: Error): void {
    this.#failed = true;
    this.destroy(error);
  }
}
