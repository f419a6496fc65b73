import { toArrayBuffer } from '../api/binary-type.ts';
import { CLOSED, CLOSING, CONNECTING, defineStates, OPEN, type ReadyState } from '../api/ready-state.ts';
import { Channel, type ChannelEnd, type ChannelEvents } from './channel.ts';
import { CloseEvent } from './close-event.ts';
import { closeFrameContent } from './close-frame-content.ts';
import { baseUrl } from './environment.ts';
import { EventHandler } from './event-handler.ts';
import { exposeInterface } from './idl-interface.ts';
import { NamedMessageEvent } from './message-event.ts';
import { checkMixedContent, checkSubprotocols } from './opening-checks.ts';
import {
  clampToUnsignedShort,
  requireArguments,
  toBytesBlobOrText,
  toDomString,
  toUsvString,
} from './webidl.ts';
import { TypedEventTarget, type WebSocketEventMap } from './websocket-events.ts';
import { readSecondArgument, type WebSocketInit } from './websocket-init.ts';
import { parseWebSocketUrl } from './websocket-url.ts';

/** How binary messages are handed over. */
export type BinaryType = 'blob' | 'arraybuffer';

/** Without `this`, so that it can stand in for the one of TypeScript's DOM library. */
type Handler<Type extends keyof WebSocketEventMap> = ((event: WebSocketEventMap[Type]) => unknown) | null;

/** A client's WebSocket, as in browsers (https://websockets.spec.whatwg.org/#the-websocket-interface). */
export class WebSocket extends TypedEventTarget {
  declare static readonly CONNECTING: 0;
  declare static readonly OPEN: 1;
  declare static readonly CLOSING: 2;
  declare static readonly CLOSED: 3;
  declare readonly CONNECTING: 0;
  declare readonly OPEN: 1;
  declare readonly CLOSING: 2;
  declare readonly CLOSED: 3;

  readonly #url: URL;
  readonly #channel: Channel;
  #readyState: ReadyState = CONNECTING;
  #protocol = '';
  #extensions = '';
  #binaryType: BinaryType = 'blob';
  #bufferedAmount = 0;
  #handlers: Map<string, EventHandler> | undefined;

  /**
   * Connects to `url`.
   *
   * @param protocols - Subprotocols to offer; or, which is no part of the standard, an object with options.
   * @throws {DOMException} SyntaxError: a bad URL, a subprotocol that is no token, or the same one twice.
   *   SecurityError: an insecure connection of a page that came over HTTPS.
   * @throws {TypeError} An argument that can't be converted, or a header that can't be sent.
   */
  constructor(url: string | URL, protocols: string | readonly string[] | WebSocketInit = []) {
    // biome-ignore lint/complexity/noArguments: an argument left out is not one that is undefined
    requireArguments(arguments.length, 1, 'WebSocket constructor');
    super();
    const text = toUsvString(url);
    const settings = readSecondArgument(protocols);
    this.#url = parseWebSocketUrl(text, baseUrl());
    checkSubprotocols(settings.subprotocols);
    checkMixedContent(this.#url);
    this.#channel = new Channel(this.#url, settings, new WebSocket.#Events(this));
  }

  /** The URL, after parsing. */
  get url(): string {
    return this.#url.href;
  }

  /** The state: CONNECTING 0, OPEN 1, CLOSING 2, CLOSED 3. */
  get readyState(): ReadyState {
    return this.#readyState;
  }

  /** Bytes of messages that were sent and had not gone out when this task began; those that never go out stay in it. */
  get bufferedAmount(): number {
    return this.#bufferedAmount;
  }

  get onopen(): Handler<'open'> {
    return this.#handler('open').value as Handler<'open'>;
  }

  set onopen(handler: Handler<'open'>) {
    this.#handler('open').value = handler;
  }

  get onerror(): Handler<'error'> {
    return this.#handler('error').value as Handler<'error'>;
  }

  set onerror(handler: Handler<'error'>) {
    this.#handler('error').value = handler;
  }

  get onclose(): Handler<'close'> {
    return this.#handler('close').value as Handler<'close'>;
  }

  set onclose(handler: Handler<'close'>) {
    this.#handler('close').value = handler;
  }

  /** The extensions that the server accepted, as its header has them, or ''. */
  get extensions(): string {
    return this.#extensions;
  }

  /** The subprotocol that the server chose, or ''. */
  get protocol(): string {
    return this.#protocol;
  }

  /**
   * Begins the closing handshake after all that was sent; in CONNECTING fails the connection.
   *
   * @param code - 1000 or 3000-4999; default none, or 1000 with a reason.
   * @param reason - At most 123 bytes of UTF-8.
   * @throws {DOMException} InvalidAccessError: another code. SyntaxError: a longer reason.
   */
  close(code: number | undefined = undefined, reason: string | undefined = undefined): void {
    const readyState = this.#readyState;
    const closeCode = code === undefined ? undefined : clampToUnsignedShort(code);
    const content = closeFrameContent(closeCode, reason === undefined ? '' : toUsvString(reason));
    if (readyState === CLOSING || readyState === CLOSED) return;
    this.#readyState = CLOSING;
    if (readyState === CONNECTING) this.#channel.fail();
    else this.#channel.close(content.code, content.reason);
  }

  get onmessage(): Handler<'message'> {
    return this.#handler('message').value as Handler<'message'>;
  }

  set onmessage(handler: Handler<'message'>) {
    this.#handler('message').value = handler;
  }

  /** How binary messages are handed over; other values than the two are ignored. */
  get binaryType(): BinaryType {
    return this.#binaryType;
  }

  set binaryType(type: BinaryType) {
    const before = this.#binaryType;
    const text = toDomString(type);
    this.#binaryType = text === 'blob' || text === 'arraybuffer' ? text : before;
  }

  /**
   * Sends a message: a string as text, bytes as binary, anything else as the text it converts to. In CLOSING and CLOSED
   * it only counts in {@link bufferedAmount}.
   *
   * @throws {DOMException} InvalidStateError: in CONNECTING.
   * @throws {TypeError} `data` can't be converted, or its memory is shared or resizable.
   */
  send(data: string | ArrayBuffer | ArrayBufferView | Blob): void {
    const readyState = this.#readyState;
    // biome-ignore lint/complexity/noArguments: an argument left out is not one that is undefined
    requireArguments(arguments.length, 1, 'WebSocket.send');
    const converted = toBytesBlobOrText(data);
    if (readyState === CONNECTING)
      throw new DOMException('The connection is not open yet', 'InvalidStateError');
    const payload = typeof converted === 'string' ? Buffer.from(converted) : converted;
    this.#bufferedAmount += payload instanceof Blob ? payload.size : payload.length;
    if (readyState === OPEN) this.#channel.send(payload, typeof converted === 'string');
  }

  #handler(type: string): EventHandler {
    this.#handlers ??= new Map();
    let handler = this.#handlers.get(type);
    if (handler === undefined) {
      handler = new EventHandler(this, type);
      this.#handlers.set(type, handler);
    }
    return handler;
  }

  #fire(event: Event): void {
    dispatchEvent.call(this, event);
  }

  #fireMessage(data: Uint8Array, isBinary: boolean): void {
    if (this.#readyState !== OPEN) return;
    const init = { data: this.#messageData(data, isBinary), origin: this.#url.origin };
    this.#fire(new NamedMessageEvent('message', init));
  }

  #messageData(data: Uint8Array, isBinary: boolean): string | Blob | ArrayBuffer {
    if (!isBinary) return Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString();
    if (this.#binaryType === 'blob') return new Blob([data as Uint8Array<ArrayBuffer>]);
    return toArrayBuffer(data);
  }

  #fireClose({ failed, code, reason }: ChannelEnd): void {
    this.#readyState = CLOSED;
    if (failed) this.#fire(new Event('error'));
    this.#fire(new CloseEvent('close', { wasClean: !failed, code, reason }));
  }

  /** What the channel tells; a class of its own, so that its methods are not the WebSocket's. */
  static readonly #Events = class implements ChannelEvents {
    readonly websocket: WebSocket;

    constructor(ws: WebSocket) {
      this.websocket = ws;
    }

    onEstablished(subprotocol: string, extensions: string): void {
      // close() was called between the server's answer and this task.
      if (this.websocket.#readyState !== CONNECTING) return;
      this.websocket.#readyState = OPEN;
      this.websocket.#protocol = subprotocol;
      this.websocket.#extensions = extensions;
      this.websocket.#fire(new Event('open'));
    }

    onMessage(data: Uint8Array, isBinary: boolean): void {
      this.websocket.#fireMessage(data, isBinary);
    }

    onClosing(): void {
      this.websocket.#readyState = CLOSING;
    }

    onTransmitted(bytes: number): void {
      this.websocket.#bufferedAmount -= bytes;
    }

    onClosed(end: ChannelEnd): void {
      this.websocket.#fireClose(end);
    }
  };
}

const { dispatchEvent } = EventTarget.prototype;

defineStates(WebSocket);
defineStates(WebSocket.prototype);
exposeInterface(WebSocket, 'WebSocket', [
  'url',
  'readyState',
  'bufferedAmount',
  'onopen',
  'onerror',
  'onclose',
  'extensions',
  'protocol',
  'close',
  'onmessage',
  'binaryType',
  'send',
]);
