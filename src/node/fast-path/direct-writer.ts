import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { getSystemErrorName } from 'node:util';
import type { SendCallback } from '../../core/index.ts';
import { findHandleWrite, type HandleWrite, type WriteRequest } from './handle-write.ts';
import { handleOf, plainHandleOf } from './plain-handle.ts';

/** How this Node's handles are written to, once it was looked for; `null` where that can't be told. */
let handleWrite: HandleWrite | null | undefined;

/** Programs that put another in its place want to see what is written. */
const { write: streamWrite } = Socket.prototype;

/**
 * Writes past a plain socket's stream, when nothing is waiting in it: the stream's own way costs as much as the system
 * call. What the system does not take at once is with libuv, which keeps all writes in order.
 */
export class DirectWriter {
  readonly #socket: Socket;
  readonly #write: HandleWrite;
  #pendingBytes = 0;

  private constructor(socket: Socket, write: HandleWrite) {
    this.#socket = socket;
    this.#write = write;
  }

  /** Makes one, where that can be: not on TLS, nor where Node's internals are not what we know. */
  static of(socket: Duplex): DirectWriter | undefined {
    if (plainHandleOf(socket) === undefined) return undefined;
    handleWrite ??= findHandleWrite() ?? null;
    return handleWrite === null ? undefined : new DirectWriter(socket as Socket, handleWrite);
  }

  /** Bytes that are with libuv. */
  get pendingBytes(): number {
    return this.#pendingBytes;
  }

  /**
   * Writes `bytes`, unless the stream has to have them.
   *
   * @param callback - Called when they are written, after this has returned.
   * @returns `written`; `pending` when they have to stay as they are for now; `refused` when it did nothing.
   */
  write(bytes: Uint8Array, callback: SendCallback | undefined): 'written' | 'pending' | 'refused' {
    const handle = this.#isStreamIdle && handleOf(this.#socket);
    if (!handle) return 'refused';
    const outcome = this.#write(handle, bytes);
    if (outcome === 0) {
      if (callback !== undefined) process.nextTick(callback);
    } else if (typeof outcome === 'number') {
      this.#fail(outcome, callback);
    } else {
      this.#wait(outcome, bytes, callback);
      return 'pending';
    }
    return 'written';
  }

  /** Whether the stream has nothing, and nothing to do with a write: with a time limit, each puts that off. */
  get #isStreamIdle(): boolean {
    const socket = this.#socket;
    return (
      this.#pendingBytes === 0 &&
      socket.writableLength === 0 &&
      socket.writableCorked === 0 &&
      socket.writable &&
      !socket.connecting &&
      !socket.timeout &&
      socket.write === streamWrite
    );
  }

  #wait(request: WriteRequest, bytes: Uint8Array, callback: SendCallback | undefined): void {
    this.#pendingBytes = bytes.length;
    request.buffer = bytes;
    request.oncomplete = (status) => {
      this.#pendingBytes = 0;
      // As Node has it: what was under way when the socket was destroyed ends without an error.
      if (status < 0 && !this.#socket.destroyed) this.#fail(status, callback);
      else callback?.();
    };
    if (typeof request.writeStatus === 'number') process.nextTick(request.oncomplete, request.writeStatus);
  }

  #fail(status: number, callback: SendCallback | undefined): void {
    const error = writeError(status);
    this.#socket.destroy(error);
    if (callback !== undefined) process.nextTick(callback, error);
  }
}

/** The error that Node makes of a system call's. */
function writeError(errno: number): Error {
  const code = getSystemErrorName(errno);
  return Object.assign(new Error(`write ${code}`), { errno, code, syscall: 'write' });
}
