import { Deferred } from '../api/deferred.ts';
import { MessageStreams } from '../api/message-streams.ts';
import { Channel, type ChannelEnd, type ChannelEvents } from './channel.ts';
import { closeFrameContent } from './close-frame-content.ts';
import { baseUrl } from './environment.ts';
import { exposeInterface } from './idl-interface.ts';
import { checkMixedContent, checkSubprotocols } from './opening-checks.ts';
import { requireArguments, toBytesOrText, toUsvString } from './webidl.ts';
import {
  closedUncleanly,
  readCloseInfo,
  type WebSocketCloseInfo,
  WebSocketError,
} from './websocket-error.ts';
import { readStreamOptions, type WebSocketStreamOptions } from './websocket-init.ts';
import { parseWebSocketUrl } from './websocket-url.ts';

/** What an opened connection has. */
export interface WebSocketOpenInfo {
  /** The peer's messages: text as strings, binary as Uint8Arrays. What is not read is not taken from the peer. */
  readonly readable: MessageStreams['readable'];
  /** Takes messages: strings as text, bytes as binary. A `write` is done when the system has all of it. */
  readonly writable: MessageStreams['writable'];
  /** The extensions that the server accepted, as its header has them, or ''. */
  readonly extensions: string;
  /** The subprotocol that the server chose, or ''. */
  readonly protocol: string;
}

/** A client's WebSocket as streams with back-pressure both ways (https://websockets.spec.whatwg.org/#the-websocketstream-interface). */
export class WebSocketStream {
  readonly #url: URL;
  readonly #opened = new Deferred<WebSocketOpenInfo>();
  readonly #closed = new Deferred<Required<WebSocketCloseInfo>>();
  readonly #channel: Channel | undefined;
  /** Made when the connection is established. */
  #streams: MessageStreams | undefined;
  #closing = false;

  /**
   * Connects to `url`.
   *
   * @throws {DOMException} SyntaxError: a bad URL, a subprotocol that is no token, or the same one twice.
   *   SecurityError: an insecure connection of a page that came over HTTPS.
   * @throws {TypeError} An argument that can't be converted, or a header that can't be sent.
   */
  constructor(url: string | URL, options: WebSocketStreamOptions = {}) {
    // biome-ignore lint/complexity/noArguments: an argument left out is not one that is undefined
    requireArguments(arguments.length, 1, 'WebSocketStream constructor');
    const text = toUsvString(url);
    const { settings, signal } = readStreamOptions(options);
    this.#url = parseWebSocketUrl(text, baseUrl());
    checkSubprotocols(settings.subprotocols);
    checkMixedContent(this.#url);
    if (signal?.aborted) {
      this.#reject(signal.reason);
    } else {
      this.#channel = new Channel(this.#url, settings, new WebSocketStream.#Events(this), 'one by one');
      if (signal !== undefined) this.#giveUpOn(signal, this.#channel);
    }
  }

  /** The URL, after parsing. */
  get url(): string {
    return this.#url.href;
  }

  /** Resolves when the connection is established. Rejects with a {@link WebSocketError}, or the reason of the signal. */
  get opened(): Promise<WebSocketOpenInfo> {
    return this.#opened.promise;
  }

  /**
   * Resolves when the connection was closed cleanly, with the peer's code, 1005 if it had none, and reason. Rejects with
   * a {@link WebSocketError} when not, or when something written had not gone out.
   */
  get closed(): Promise<Required<WebSocketCloseInfo>> {
    return this.#closed.promise;
  }

  /**
   * Begins the closing handshake after all that was written; before the connection is established, gives it up.
   *
   * @throws {DOMException} InvalidAccessError: the code is not 1000 and not from 3000 to 4999. SyntaxError: the reason is
   *   longer than 123 bytes.
   * @throws {TypeError} `info` can't be converted.
   */
  close(info: WebSocketCloseInfo = {}): void {
    const { closeCode, reason } = readCloseInfo(info);
    const content = closeFrameContent(closeCode, reason);
    if (this.#closing) return;
    this.#closing = true;
    if (this.#streams === undefined) this.#channel?.fail();
    else this.#channel?.close(content.code, content.reason);
  }

  #giveUpOn(signal: AbortSignal, channel: Channel): void {
    const onAbort = (): void => {
      channel.fail();
      this.#reject(signal.reason);
    };
    signal.addEventListener('abort', onAbort, { once: true });
    const forget = (): void => signal.removeEventListener('abort', onAbort);
    this.#opened.promise.then(forget, forget);
  }

  #reject(reason: unknown): void {
    this.#closing = true;
    this.#opened.reject(reason);
    this.#closed.reject(reason);
  }

  /** What `cancel` or `abort` of a stream begins: only a {@link WebSocketError} says how to close. */
  #closeWith(reason: unknown): void {
    if (!(reason instanceof WebSocketError)) this.close();
    else this.close({ closeCode: reason.closeCode ?? undefined, reason: reason.reason });
  }

  #onEstablished(protocol: string, extensions: string): void {
    const channel = this.#channel!;
    const streams = new MessageStreams({
      toMessage: toBytesOrText,
      send: (data, isText, onSent) => {
        if (this.#closing) throw new DOMException('The connection is closing', 'InvalidStateError');
        channel.send(data, isText, onSent);
      },
      readOn: () => channel.readOn(),
      close: (reason) => this.#closeWith(reason),
    });
    const { readable, writable } = streams;
    this.#streams = streams;
    this.#opened.resolve({ readable, writable, extensions, protocol });
  }

  #onClosed({ failed, code, reason }: ChannelEnd): void {
    const streams = this.#streams;
    this.#closing = true;
    if (streams === undefined) {
      this.#reject(new WebSocketError('The connection could not be established'));
    } else if (failed || streams.isSending) {
      const error = closedUncleanly(code, reason);
      streams.fail(error);
      this.#closed.reject(error);
    } else {
      streams.close();
      this.#closed.resolve({ closeCode: code, reason });
    }
  }

  /** What the channel tells; a class of its own, so that its methods are not the stream's. */
  static readonly #Events = class implements ChannelEvents {
    readonly websocket: WebSocketStream;

    constructor(stream: WebSocketStream) {
      this.websocket = stream;
    }

    onEstablished(protocol: string, extensions: string): void {
      // close() was called between the server's answer and this task.
      if (!this.websocket.#closing) this.websocket.#onEstablished(protocol, extensions);
    }

    onMessage(data: Uint8Array, isBinary: boolean): void {
      if (!this.websocket.#closing) this.websocket.#streams!.push(data, isBinary);
    }

    onClosing(): void {
      this.websocket.#closing = true;
    }

    onTransmitted(): void {}

    onClosed(end: ChannelEnd): void {
      this.websocket.#onClosed(end);
    }
  };
}

exposeInterface(WebSocketStream, 'WebSocketStream', ['url', 'opened', 'closed', 'close']);
