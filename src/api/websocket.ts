import type { ClientRequestArgs } from 'node:http';
import type { Duplex } from 'node:stream';
import { BINARY, CloseCode, MAX_CONTROL_PAYLOAD_BYTES, type SendCallback, TEXT } from '../core/index.ts';
import { messageIn } from '../diagnostics/channels.ts';
import { reportClose, reportLimit, reportMessageIn } from '../diagnostics/connection-reports.ts';
import { EXTENSION_NAME } from '../handshake/deflate-offer.ts';
import { Connection, type ConnectionEvents } from '../node/connection.ts';
import { DEFAULT_TUNING } from '../node/deflate.ts';
import { emitMessage } from '../node/fast-path/listener-slots.ts';
import type { Opened } from '../node/opening-handshake.ts';
import { asBuffer, inOwnMemory } from '../node/own-memory.ts';
import { AsyncWebSocket } from './async-websocket.ts';
import { defineAttributes } from './attributes.ts';
import { backPressureOf, earlyMessageLimitsOf } from './back-pressure.ts';
import { asBinaryType, type BinaryType, type DefaultBinaryType, isBinaryType } from './binary-type.ts';
import { ClientOpening } from './client-opening.ts';
import { endWhenAborted } from './connect-signal.ts';
import { connectionOptions } from './connection-options.ts';
import { type EarlyMessageLimits, EarlyMessages } from './early-messages.ts';
import { tellError } from './error-channel.ts';
import { defineEventHandlers } from './event-handlers.ts';
import { markCleanlyClosed } from './event-target.ts';
import { Heartbeat } from './heartbeat.ts';
import { heartbeatTimes } from './heartbeat-times.ts';
import { startHeartbeat } from './heartbeats.ts';
import { MessageStreamIterator } from './message-stream-iterator.ts';
import { openingEvents } from './opening-events.ts';
import {
  type Agreed,
  type ClientOptions,
  type ConnectionLimits,
  type DetachedOptions,
  deflateOptions,
  isClientOptions,
  type MessageOptions,
  type SocketOptions,
} from './options.ts';
import {
  closeReason,
  isText,
  payloadLength,
  type SendData,
  type SentCallback,
  toPayload,
} from './payload.ts';
import { PreparedMessage } from './prepared-message.ts';
import {
  CLOSED,
  CLOSING,
  CONNECTING,
  defineStates,
  notOpenError,
  OPEN,
  type ReadyState,
} from './ready-state.ts';
import { roleOf } from './role.ts';
import { SendReadiness } from './send-readiness.ts';
import { sendUnlessAborted } from './send-signal.ts';
import { emitSafely, surface } from './surface.ts';

const NO_BYTES = Buffer.alloc(0);

/** A WebSocket connection, of a client or of a server (RFC 6455), with the surface of `ws`. */
export class WebSocket<B extends BinaryType = DefaultBinaryType> extends AsyncWebSocket<B> {
  /** Whether this is the server's end; @fastify/websocket sets it. @internal */
  _isServer: boolean;

  #readyState: ReadyState = CONNECTING;
  #binaryType: BinaryType = 'nodebuffer';
  #connection: Connection | undefined;
  #opening: ClientOpening | undefined;
  #url: string | undefined;
  #subprotocol = '';
  #extensions = '';
  #paused = false;
  #closeCode: number = CloseCode.ABNORMAL_CLOSURE;
  #closeReason: Buffer = NO_BYTES;
  /** Payload bytes of messages sent when it was too late; they stay in `bufferedAmount` (WHATWG, as `ws`). */
  #refusedBytes = 0;
  /** Messages that wait for a listener, or how they will; `null` once they are told as they come. */
  #early: EarlyMessages | EarlyMessageLimits | null = null;
  /** Made for who waits. */
  #readiness: SendReadiness | undefined;

  /**
   * Connects to `address`; with `null` waits for {@link setSocket}.
   *
   * @throws {SyntaxError} A bad URL or subprotocol.
   * @throws {RangeError} A `protocolVersion` other than 8 and 13.
   */
  constructor(address: null, protocols?: undefined, options?: DetachedOptions);
  constructor(address: string | URL, options?: ClientOptions<B> | ClientRequestArgs);
  constructor(
    address: string | URL,
    protocols?: string | readonly string[],
    options?: ClientOptions<B> | ClientRequestArgs,
  );
  constructor(address: string | URL | null, protocols?: unknown, options?: unknown) {
    super(((isClientOptions(protocols) ? protocols : options) as ConnectionLimits | undefined)?.fastPath);
    if (address === null) {
      this._isServer = (options as DetachedOptions | undefined)?.isServer ?? true;
      return;
    }
    this._isServer = false;
    if (isClientOptions(protocols)) this.#connect(address, undefined, protocols);
    else this.#connect(address, protocols as string | string[] | undefined, (options ?? {}) as ClientOptions);
  }

  /** The state: CONNECTING 0, OPEN 1, CLOSING 2, CLOSED 3. */
  get readyState(): ReadyState {
    return this.#readyState;
  }

  /** The URL that a client connects to; `undefined` on a server, which the type leaves out as that of `ws` does. */
  get url(): string {
    return this.#url as string;
  }

  /** The subprotocol that the server chose, or ''. */
  get protocol(): string {
    return this.#subprotocol;
  }

  /** The names of the negotiated extensions, or ''. */
  get extensions(): string {
    return this.#extensions;
  }

  /** Bytes that were sent and are not with the operating system yet. */
  get bufferedAmount(): number {
    return (this.#connection?.bufferedBytes ?? 0) + this.#refusedBytes;
  }

  /** How long the last ping of the `heartbeat` took to its pong, in milliseconds; `undefined` before there is one. */
  get latencyMs(): number | undefined {
    return Heartbeat.latencyMs(this);
  }

  /** Whether more than `highWaterMarkBytes` waits to be sent, and 'drain' is to come. */
  get writableNeedDrain(): boolean {
    return this.#connection?.needsDrain ?? false;
  }

  /** How many messages `slowPeer` dropped. */
  get droppedMessages(): number {
    return this.#connection?.droppedMessages ?? 0;
  }

  get isPaused(): boolean {
    return this.#paused;
  }

  /** How binary messages are handed over; other values than the four are ignored. */
  get binaryType(): BinaryType {
    return this.#binaryType;
  }

  set binaryType(type: BinaryType) {
    if (!isBinaryType(type)) return;
    this.#binaryType = type;
    if (this.#connection !== undefined) this.#connection.keepFragments = type === 'fragments';
  }

  /** The socket underneath, once there is one. @internal */
  get _socket(): Duplex | null {
    // Who writes to it writes behind what was sent.
    this.#connection?.flush();
    return this.#connection?.socket ?? null;
  }

  override get _connection(): Connection | undefined {
    return this.#connection;
  }

  /** Where socket.io sends frames that it made with `Sender.frame`. @internal */
  get _sender(): { sendFrame(frames: readonly Uint8Array[], callback?: SendCallback): void } | undefined {
    const connection = this.#connection;
    return connection && { sendFrame: (frames, callback) => connection.sendFrames(frames, callback) };
  }

  /** Takes over a socket whose opening handshake is done; `head` is what came behind it. Emits 'open'. */
  setSocket(socket: Duplex, head: Uint8Array, options: SocketOptions, agreed: Agreed = {}): void {
    const role = roleOf(this);
    const { deflate, subprotocol = '' } = agreed;
    const settings = connectionOptions(role, options, deflate);
    const connection = new Connection(socket, role, settings, new WebSocket.#Events(this));
    connection.keepFragments = this.#binaryType === 'fragments';
    this.#connection = connection;
    this.#early = earlyMessageLimitsOf(options);
    this.#subprotocol = subprotocol;
    this.#extensions = deflate === undefined ? '' : EXTENSION_NAME;
    this.#readyState = OPEN;
    connection.start(head);
    startHeartbeat(this, socket, options.heartbeat);
    this.#readiness?.ready();
    emitSafely(this, 'open');
  }

  /**
   * Resolves when a message can be sent without piling up: in OPEN at once or at 'drain', in CONNECTING at 'open'.
   * Rejects with the code WS_ERR_NOT_OPEN when no message ever can, and with the reason of `signal` when it is aborted.
   */
  ready({ signal }: { signal?: AbortSignal | undefined } = {}): Promise<void> {
    this.#readiness ??= new SendReadiness(this);
    return this.#readiness.wait(signal);
  }

  /**
   * Sends a message: strings and numbers as text, a {@link PreparedMessage} as it was prepared, anything else as binary.
   *
   * @param callback - Called when the message is written out, or with the error for which it never will be.
   * @throws {Error} In CONNECTING. @throws {TypeError} `data` has no bytes.
   */
  send(data?: SendData | PreparedMessage | null, callback?: SentCallback): void;
  send(
    data: SendData | PreparedMessage | null | undefined,
    options: MessageOptions,
    callback?: SentCallback,
  ): void;
  send(
    data?: SendData | PreparedMessage | null,
    options?: MessageOptions | SentCallback,
    callback?: SentCallback,
  ): void {
    if (typeof data === 'function') return this.send(undefined, {}, data);
    if (typeof options === 'function') return this.send(data, {}, options);
    if (options?.signal) return sendUnlessAborted(this, this.#connection, data, options, callback);
    if (data instanceof PreparedMessage) return this.#sendPrepared(data, options, callback);
    const payload = data ?? NO_BYTES;
    const connection = this.#connectionFor(payload, callback);
    if (connection === undefined) return;

    const opcode = (options?.binary ?? !isText(data)) ? BINARY : TEXT;
    const sendOptions = {
      fin: options?.fin ?? true,
      compress: options?.compress ?? true,
      mask: this.#masks(options?.mask),
    };
    connection.sendMessage(opcode, toPayload(payload), sendOptions, callback);
  }

  #sendPrepared(
    message: PreparedMessage,
    { compress = true, mask, fin = true }: MessageOptions = {},
    callback: SentCallback | undefined,
  ): void {
    const { opcode, payload } = message;
    // Its frame is whole, not masked, and compressed where that is agreed.
    if (!compress || !fin || this.#masks(mask)) {
      this.send(payload, { compress, mask, fin, binary: opcode === BINARY }, callback);
      return;
    }
    this.#connectionFor(payload, callback)?.sendPrepared(message, callback);
  }

  /** Sends a ping with at most 125 bytes. @throws {Error} In CONNECTING. @throws {RangeError} More bytes. */
  ping(callback: SentCallback): void;
  ping(data: SendData | null | undefined, callback: SentCallback): void;
  ping(data?: SendData | null, mask?: boolean, callback?: SentCallback): void;
  ping(data?: SendData | SentCallback | null, mask?: boolean | SentCallback, callback?: SentCallback): void {
    this.#sendControl('sendPing', data, mask, callback);
  }

  /** Sends a pong with at most 125 bytes. @throws {Error} In CONNECTING. @throws {RangeError} More bytes. */
  pong(callback: SentCallback): void;
  pong(data: SendData | null | undefined, callback: SentCallback): void;
  pong(data?: SendData | null, mask?: boolean, callback?: SentCallback): void;
  pong(data?: SendData | SentCallback | null, mask?: boolean | SentCallback, callback?: SentCallback): void {
    this.#sendControl('sendPong', data, mask, callback);
  }

  /**
   * Begins the closing handshake after all that was sent; in CONNECTING gives up the attempt.
   *
   * @param code - 1000-1003, 1007-1014 or 3000-4999; none by default.
   * @param reason - At most 123 bytes.
   * @throws {TypeError} A code that may not be sent, or a reason of another type. @throws {RangeError} A longer reason.
   * @see RFC 6455 §7.1.2
   */
  close(code?: number, reason?: string | Uint8Array): void {
    if (this.#readyState === CLOSING || this.#readyState === CLOSED) return;
    if (this.#connection === undefined) return this.#abortAttempt();
    this.#connection.close(code, closeReason(code, reason));
  }

  /** Destroys the socket without a closing handshake. */
  terminate(): void {
    if (this.#readyState === CLOSED) return;
    if (this.#connection === undefined) return this.#abortAttempt();
    this.#setClosing();
    this.#connection.destroy();
  }

  /** Stops reading from the socket. No effect in CONNECTING and CLOSED. */
  pause(): void {
    if (this.#connection === undefined || this.#readyState === CLOSED) return;
    this.#paused = true;
    this.#connection.pause();
  }

  /** Goes on reading. No effect in CONNECTING and CLOSED. */
  resume(): void {
    if (this.#connection === undefined || this.#readyState === CLOSED) return;
    this.#paused = false;
    if (this.#early instanceof EarlyMessages) this.#early.tell();
    this.#connection.resume();
  }

  #connect(
    address: string | URL,
    protocols: string | readonly string[] | undefined,
    options: ClientOptions,
  ): void {
    backPressureOf(options);
    if (options.binaryType !== undefined) this.binaryType = options.binaryType;
    heartbeatTimes(options.heartbeat);
    const { signal, ...rest } = options;
    if (signal !== undefined) endWhenAborted(this, signal, (error) => this.#abortAttempt(error));
    if (signal?.aborted) return;
    this.#opening = new ClientOpening(address, protocols, signal === undefined ? options : rest, {
      ...openingEvents(this, options),
      onUrl: (url) => {
        this.#url = url;
      },
      onOpened: (opened) => this.#onOpened(opened, options),
      onFailed: (error) => this.#failAttempt(error),
    });
  }

  #onOpened({ socket, head, subprotocol, deflate }: Opened, options: ClientOptions): void {
    const { perMessageDeflate = true } = options;
    this.#opening = undefined;
    const tuning = deflateOptions(perMessageDeflate) ?? DEFAULT_TUNING;
    this.setSocket(socket, head, options, {
      subprotocol,
      deflate: deflate && { parameters: deflate, tuning },
    });
  }

  /** Ends a connection attempt that the caller gave up. */
  #abortAttempt(error = new Error('WebSocket was closed before the connection was established')): void {
    if (this.#readyState !== CONNECTING) return;
    this.#opening?.abort();
    this.#failAttempt(error);
  }

  #failAttempt(error: Error): void {
    this.#opening = undefined;
    this.#setClosing();
    process.nextTick(() => {
      tellError(this, error);
      this.#emitClose();
    });
  }

  /** Returns the connection that `payload` can be sent on; otherwise accounts for it as sent too late. */
  #connectionFor(payload: SendData, callback: SentCallback | undefined): Connection | undefined {
    if (this.#readyState === OPEN) return this.#connection;
    const error = notOpenError(this.#readyState);
    if (this.#readyState === CONNECTING) throw error;
    this.#refusedBytes += payloadLength(payload);
    if (callback !== undefined) process.nextTick(callback, error);
    return undefined;
  }

  #sendControl(
    method: 'sendPing' | 'sendPong',
    data: SendData | SentCallback | null | undefined,
    mask: boolean | SentCallback | undefined,
    callback: SentCallback | undefined,
  ): void {
    if (typeof data === 'function') return this.#sendControl(method, undefined, undefined, data);
    if (typeof mask === 'function') return this.#sendControl(method, data, undefined, mask);
    const payload = data ?? NO_BYTES;
    const connection = this.#connectionFor(payload, callback);
    if (connection === undefined) return;
    if (payloadLength(payload) > MAX_CONTROL_PAYLOAD_BYTES) {
      throw new RangeError(`The data size must not be greater than ${MAX_CONTROL_PAYLOAD_BYTES} bytes`);
    }
    connection[method](toPayload(payload), this.#masks(mask), callback);
  }

  #masks(mask: boolean | undefined): boolean {
    return mask ?? !this._isServer;
  }

  #setClosing(): void {
    this.#readyState = CLOSING;
    this.#readiness?.over();
    if (this.#early instanceof EarlyMessages) this.#early.onClosing();
  }

  /** Tells a message, or holds it while nobody has listened yet. */
  #takeMessage(data: Buffer, isBinary: boolean, fragmentEnds: readonly number[] | undefined): void {
    if (this.#early !== null && !(this.#early instanceof EarlyMessages)) {
      this.#early = this.listenerCount('message') > 0 ? null : this.#holdMessages(this.#early);
    }
    if (this.#early === null) this.#emitMessage(data, isBinary, fragmentEnds);
    else this.#early.add(data, isBinary, fragmentEnds);
  }

  #holdMessages(limits: EarlyMessageLimits): EarlyMessages {
    return new EarlyMessages(this, this.#connection!, limits, {
      emit: (...message) => this.#emitMessage(...message),
      onOver: () => {
        this.#early = null;
      },
    });
  }

  #emitMessage(data: Buffer, isBinary: boolean, fragmentEnds: readonly number[] | undefined): void {
    // A listener's exception is the application's: it surfaces, and the frames behind this one are still read.
    try {
      const message = isBinary ? asBinaryType(data, this.#binaryType, fragmentEnds) : data;
      emitMessage(this, message, isBinary);
    } catch (error) {
      surface(error);
    }
  }

  #emitClose(): void {
    this.#readyState = CLOSED;
    emitSafely(this, 'close', this.#closeCode, this.#closeReason);
  }

  /** What the connection tells; its methods are not the WebSocket's. */
  static readonly #Events = class implements ConnectionEvents {
    readonly websocket: WebSocket;

    constructor(ws: WebSocket) {
      this.websocket = ws;
    }

    onMessage(data: Uint8Array, isBinary: boolean, fragmentEnds?: readonly number[]): void {
      const ws = this.websocket;
      if (messageIn.hasSubscribers) reportMessageIn(ws, roleOf(ws), isBinary, data.length);
      ws.#takeMessage(asBuffer(data), isBinary, fragmentEnds);
    }

    onMessagePiece(piece: Uint8Array, isBinary: boolean, last: boolean): void {
      MessageStreamIterator.of(this.websocket)?.take(asBuffer(piece), isBinary, last);
    }

    onPing(payload: Uint8Array): void {
      emitSafely(this.websocket, 'ping', asBuffer(payload));
    }

    onPong(payload: Uint8Array): void {
      if (!Heartbeat.takesPong(this.websocket, payload))
        emitSafely(this.websocket, 'pong', asBuffer(payload));
    }

    onClose(code: number, reason: Uint8Array): void {
      this.websocket.#closeCode = code;
      this.websocket.#closeReason = inOwnMemory(reason);
    }

    onError(error: Error): void {
      this.onClosing();
      tellError(this.websocket, error);
    }

    onTooManyPongs(): void {
      reportLimit(this.websocket, roleOf(this.websocket), 'maxPendingAutoPongs');
    }

    onClosing(): void {
      if (this.websocket.#readyState === OPEN) this.websocket.#setClosing();
    }

    onDrain(): void {
      if (this.websocket.#readyState !== OPEN) return;
      this.websocket.#readiness?.ready();
      emitSafely(this.websocket, 'drain');
    }

    onClosed(closeSent: boolean): void {
      const ws = this.websocket;
      // WHATWG WebSockets §4: Close frames went both ways.
      const received = ws.#closeCode !== CloseCode.ABNORMAL_CLOSURE;
      if (received && closeSent) markCleanlyClosed(ws);
      if (ws.#early instanceof EarlyMessages) ws.#early.onClosed();
      reportClose(ws, roleOf(ws), ws.#closeCode, ws.#closeReason);
      ws.#emitClose();
    }
  };
}

defineStates(WebSocket);
defineStates(WebSocket.prototype);
defineEventHandlers(WebSocket.prototype);
defineAttributes(WebSocket.prototype);
