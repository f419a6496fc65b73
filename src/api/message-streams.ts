import { toArrayBuffer } from './binary-type.ts';
import { Deferred } from './deferred.ts';

/** What the streams need of the connection. */
export interface MessagePort {
  /** Says what a chunk of the writable is as a message. @throws {TypeError} It is none. */
  toMessage(chunk: unknown): string | Uint8Array;
  /**
   * Sends a message.
   *
   * @param onSent - Called when the system has it all, later.
   * @throws {DOMException} InvalidStateError: the connection is closing.
   */
  send(data: Uint8Array, isText: boolean, onSent: () => void): void;
  /** Brings the next message. */
  readOn(): void;
  /** Begins to close, with what a `cancel` or an `abort` was given. */
  close(reason: unknown): void;
}

/** The messages of a connection, as a readable and a writable stream; one message at a time is in the readable. */
export class MessageStreams {
  readonly readable: ReadableStream<string | Uint8Array>;
  readonly writable: WritableStream<string | ArrayBuffer | ArrayBufferView>;
  readonly #port: MessagePort;
  #source!: ReadableStreamDefaultController<string | Uint8Array>;
  #sink!: WritableStreamDefaultController;
  #readableIsOpen = true;
  /** Settled when the message under way is with the system, or never will be. */
  #sending: Deferred<void> | undefined;
  /** Settled at the end of the connection, which a `close` of the writable waits for. */
  #closing: Deferred<void> | undefined;

  constructor(port: MessagePort) {
    this.#port = port;
    this.readable = new ReadableStream({
      start: (controller) => {
        this.#source = controller;
      },
      pull: () => port.readOn(),
      cancel: (reason) => {
        this.#readableIsOpen = false;
        port.close(reason);
      },
    });
    this.writable = new WritableStream({
      start: (controller) => {
        this.#sink = controller;
      },
      write: (chunk) => this.#write(chunk),
      close: () => {
        this.#closing = new Deferred();
        port.close(undefined);
        return this.#closing.promise;
      },
      abort: (reason) => port.close(reason),
    });
  }

  /** Takes a message of the peer. */
  push(data: Uint8Array, isBinary: boolean): void {
    if (isBinary) this.pushMessage(new Uint8Array(toArrayBuffer(data)));
    else this.pushMessage(Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString());
  }

  /** Takes a message of the peer as the readable has it. */
  pushMessage(message: string | Uint8Array): void {
    if (this.#readableIsOpen) this.#source.enqueue(message);
  }

  /** Whether a message is under way that is not with the system as a whole. */
  get isSending(): boolean {
    return this.#sending !== undefined;
  }

  /** Ends both: the connection was closed cleanly. */
  close(): void {
    this.closeReadable();
    this.closeWritable();
  }

  /** Ends the readable, behind what is in it. */
  closeReadable(): void {
    if (this.#readableIsOpen) this.#source.close();
    this.#readableIsOpen = false;
  }

  /** Ends the writable: nothing more can be sent. */
  closeWritable(): void {
    if (this.#closing !== undefined) this.#closing.resolve();
    else this.#sink.error(new DOMException('The connection is closed', 'InvalidStateError'));
  }

  /** Breaks both off: the connection was not closed cleanly. */
  fail(error: unknown): void {
    this.#readableIsOpen = false;
    this.#source.error(error);
    this.#sink.error(error);
    this.#sending?.reject(error);
    this.#closing?.reject(error);
  }

  async #write(chunk: unknown): Promise<void> {
    const data = this.#port.toMessage(chunk);
    const isText = typeof data === 'string';
    const sending = new Deferred<void>();
    this.#port.send(isText ? Buffer.from(data) : data, isText, sending.resolve);
    this.#sending = sending;
    await sending.promise;
    this.#sending = undefined;
  }
}
