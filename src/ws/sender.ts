import { isValidCloseCode, MAX_CONTROL_PAYLOAD_BYTES, serializeClosePayload } from '../core/index.ts';
import { BINARY, CLOSE, CONTINUATION, PING, PONG, TEXT } from '../core/opcode.ts';
import { type FrameList, type FrameOptions, frameList } from './frame-list.ts';
import type { PerMessageDeflate } from './permessage-deflate.ts';

/** Called without an error once the bytes are written out, with the error when they never will be. */
export type SenderCallback = (error?: Error | null) => void;

/** What a Sender needs of the socket. */
export interface SenderSocket {
  write(chunk: Uint8Array | string, callback?: SenderCallback): unknown;
  cork(): void;
  uncork(): void;
  readonly destroyed?: boolean;
}

/** What was negotiated, by the extension's name. */
export interface SenderExtensions {
  readonly 'permessage-deflate'?: Pick<PerMessageDeflate, 'compress' | 'worthwhile'> | undefined;
}

export interface SenderSendOptions {
  /** Whether the message is binary: default `false`. */
  readonly binary?: boolean | undefined;
  /** Whether to compress, where permessage-deflate was negotiated: default `false`. */
  readonly compress?: boolean | undefined;
  /** Whether this ends the message: default `false`. */
  readonly fin?: boolean | undefined;
  /** Whether to mask: default `false`. */
  readonly mask?: boolean | undefined;
}

/** What can be sent. */
export type SenderData = string | Blob | NodeJS.ArrayBufferView | ArrayBufferLike | readonly number[];

interface Payload {
  readonly data: Buffer | string | Blob;
  /** In bytes. */
  readonly length: number;
  /** Whether `data` is the caller's. */
  readonly readOnly: boolean;
}

interface Outgoing extends Payload {
  readonly opcode: number;
  readonly fin: boolean;
  readonly rsv1: boolean;
  readonly mask: boolean | undefined;
  readonly compress: boolean;
  readonly callback: SenderCallback | undefined;
}

/** Frames messages and control frames and writes them to a socket in order, in the shape of the class of `ws`. */
export class Sender {
  /** Returns a frame in the pieces in which it is to be written. */
  static frame(data: Uint8Array | string, options: FrameOptions): FrameList {
    return frameList(data, options);
  }

  /** Called when data can't be sent though the socket is open; the callbacks have been called. */
  onerror: (error: Error) => void = () => {};
  readonly #socket: SenderSocket;
  readonly #extensions: SenderExtensions;
  readonly #generateMask: ((key: Buffer) => void) | undefined;
  readonly #maskBuffer: Buffer | undefined;
  /** What waits for a Blob to be read, or for data to be compressed; `undefined` when nothing is. */
  #queue: Outgoing[] | undefined;
  /** Whether the message being sent in fragments is compressed; `undefined` between messages. */
  #fragmentsCompressed: boolean | undefined;
  #failure: Error | undefined;

  constructor(socket: SenderSocket, extensions: SenderExtensions = {}, generateMask?: (key: Buffer) => void) {
    this.#socket = socket;
    this.#extensions = extensions;
    this.#generateMask = generateMask;
    this.#maskBuffer = generateMask && Buffer.alloc(4);
  }

  /** Sends a message, or a fragment of one. */
  send(data: SenderData, options: SenderSendOptions, callback?: SenderCallback): void {
    const payload = payloadOf(data);
    const first = this.#fragmentsCompressed === undefined;
    const compress = this.#fragmentsCompressed ?? this.#isCompressed(payload.length, options);
    const fin = options.fin ?? false;
    this.#fragmentsCompressed = fin ? undefined : compress;
    const opcode = first ? (options.binary ? BINARY : TEXT) : CONTINUATION;
    // RFC 7692 §6.1: RSV1 is set on the first fragment only.
    this.#dispatch({
      ...payload,
      opcode,
      fin,
      rsv1: first && compress,
      mask: options.mask,
      compress,
      callback,
    });
  }

  /**
   * Sends a ping.
   *
   * @throws {RangeError} More than 125 bytes.
   */
  ping(data: SenderData, mask?: boolean, callback?: SenderCallback): void {
    this.#control(PING, controlPayload(data), mask, callback);
  }

  /**
   * Sends a pong.
   *
   * @throws {RangeError} More than 125 bytes.
   */
  pong(data: SenderData, mask?: boolean, callback?: SenderCallback): void {
    this.#control(PONG, controlPayload(data), mask, callback);
  }

  /**
   * Sends a Close frame, after all that was sent before.
   *
   * @throws {TypeError} `code` may not be sent, or `reason` is of another type.
   * @throws {RangeError} `reason` is longer than 123 bytes.
   */
  close(code?: number, reason?: string | Uint8Array, mask?: boolean, callback?: SenderCallback): void {
    this.#control(CLOSE, closePayload(code, reason), mask, callback);
  }

  /** Writes a frame that {@link Sender.frame} made, whatever waits. */
  sendFrame(list: FrameList, callback?: SenderCallback): void {
    const [header, payload] = list as [Uint8Array, Uint8Array | string | undefined];
    if (payload === undefined) {
      this.#socket.write(header, callback);
      return;
    }
    this.#socket.cork();
    this.#socket.write(header);
    this.#socket.write(payload, callback);
    this.#socket.uncork();
  }

  #control(
    opcode: number,
    payload: Payload,
    mask: boolean | undefined,
    callback: SenderCallback | undefined,
  ): void {
    this.#dispatch({ ...payload, opcode, fin: true, rsv1: false, mask, compress: false, callback });
  }

  #isCompressed(length: number, { compress }: SenderSendOptions): boolean {
    return (compress && this.#extensions['permessage-deflate']?.worthwhile(length)) || false;
  }

  #dispatch(outgoing: Outgoing): void {
    const failure = this.#failure;
    if (failure !== undefined) process.nextTick(() => outgoing.callback?.(failure));
    else if (this.#queue !== undefined) this.#queue.push(outgoing);
    else this.#start(outgoing);
  }

  #start(outgoing: Outgoing): void {
    const { data } = outgoing;
    if (data instanceof Blob) this.#read(outgoing, data);
    else if (outgoing.compress) this.#compress(outgoing, data);
    else this.#write(outgoing, data);
  }

  #read(outgoing: Outgoing, blob: Blob): void {
    this.#queue ??= [];
    // Out of the promise: what callbacks throw must not become a rejection.
    blob.arrayBuffer().then(
      (bytes) => process.nextTick(() => this.#receiveBlob(outgoing, Buffer.from(bytes))),
      (error) => process.nextTick(() => this.#failOpen(error, outgoing)),
    );
  }

  #receiveBlob(outgoing: Outgoing, data: Buffer): void {
    if (this.#socket.destroyed) {
      this.#fail(new Error('The socket was closed while the blob was being read'), outgoing);
    } else if (outgoing.compress) {
      this.#compress(outgoing, data);
    } else {
      this.#write({ ...outgoing, readOnly: false }, data);
      this.#goOn();
    }
  }

  #compress(outgoing: Outgoing, data: Buffer | string): void {
    this.#queue ??= [];
    this.#extensions['permessage-deflate']!.compress(data, outgoing.fin, (error, compressed) => {
      if (this.#socket.destroyed) {
        this.#fail(new Error('The socket was closed while data was being compressed'), outgoing);
      } else if (error) {
        this.#failOpen(error, outgoing);
      } else {
        this.#write({ ...outgoing, readOnly: false }, compressed!);
        this.#goOn();
      }
    });
  }

  /** Sends what waits, up to the next that has to be read or compressed. */
  #goOn(): void {
    const queue = this.#queue!;
    while (queue.length > 0) {
      const next = queue.shift()!;
      this.#start(next);
      if (next.compress || next.data instanceof Blob) return;
    }
    this.#queue = undefined;
  }

  #write(outgoing: Outgoing, data: Uint8Array | string): void {
    const { fin, rsv1, opcode, mask, readOnly } = outgoing;
    const options = {
      ...{ fin, rsv1, opcode, mask, readOnly },
      generateMask: this.#generateMask,
      maskBuffer: this.#maskBuffer,
    };
    this.sendFrame(frameList(data, options, outgoing.length), outgoing.callback);
  }

  #failOpen(error: Error, outgoing: Outgoing): void {
    this.#fail(error, outgoing);
    this.onerror(error);
  }

  /** Tells all that wait; what comes after is told the same. */
  #fail(error: Error, outgoing: Outgoing): void {
    this.#failure = error;
    const waiting = this.#queue!;
    this.#queue = undefined;
    for (const each of [outgoing, ...waiting]) each.callback?.(error);
  }
}

function payloadOf(data: SenderData): Payload {
  if (typeof data === 'string') return { data, length: Buffer.byteLength(data), readOnly: false };
  if (data instanceof Blob) return { data, length: data.size, readOnly: false };
  const bytes = bytesOf(data);
  // Of what is no memory, Buffer.from makes a copy.
  return { data: bytes, length: bytes.length, readOnly: !Array.isArray(data) };
}

/** @throws {TypeError} `data` has no bytes; the error is that of `Buffer.from`. */
function bytesOf(data: Exclude<SenderData, string | Blob>): Buffer {
  if (Buffer.isBuffer(data)) return data;
  if (ArrayBuffer.isView(data)) return Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  return Buffer.from(data as ArrayBufferLike);
}

function controlPayload(data: SenderData): Payload {
  const payload = payloadOf(data);
  if (payload.length > MAX_CONTROL_PAYLOAD_BYTES) {
    throw new RangeError(`The data size must not be greater than ${MAX_CONTROL_PAYLOAD_BYTES} bytes`);
  }
  return payload;
}

function closePayload(code: number | undefined, reason: string | Uint8Array | undefined): Payload {
  if (code !== undefined && (typeof code !== 'number' || !isValidCloseCode(code))) {
    throw new TypeError('First argument must be a valid error code number');
  }
  const payload = serializeClosePayload(code, code === undefined ? NO_BYTES : reasonBytes(reason));
  return { data: bytesOf(payload), length: payload.length, readOnly: false };
}

/** What has no length is no reason to `ws`, whatever it is. */
function reasonBytes(reason: string | Uint8Array = NO_BYTES): Uint8Array {
  if (!reason.length) return NO_BYTES;
  if (typeof reason === 'string') return Buffer.from(reason);
  if (reason instanceof Uint8Array) return reason;
  throw new TypeError('Second argument must be a string or a Uint8Array');
}

const NO_BYTES = new Uint8Array(0);
