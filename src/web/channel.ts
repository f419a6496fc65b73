import { controlFrameLimit } from '../api/connection-options.ts';
import { DEFAULTS } from '../api/options.ts';
import { toPayload } from '../api/payload.ts';
import { BINARY, CloseCode, type MessageOpcode, type Payload, TEXT } from '../core/index.ts';
import { reportClose, reportError, reportLimit, reportMessageIn } from '../diagnostics/connection-reports.ts';
import { serializeUpgradeRequest } from '../handshake/client-handshake.ts';
import { Connection, type ConnectionEvents } from '../node/connection.ts';
import { DEFAULT_TUNING, PerMessageDeflate } from '../node/deflate.ts';
import type { ClientRequest, Opened } from '../node/opening-handshake.ts';
import { chooseProxy } from '../node/proxy/choose-proxy.ts';
import { withoutBrackets } from '../node/without-brackets.ts';
import { isBadPort } from './bad-port.ts';
import { environmentOrigin } from './environment.ts';
import { queueTask } from './queue-task.ts';
import { SerialOpening } from './serial-opening.ts';
import type { ConnectionSettings } from './websocket-init.ts';
import { authorizationOf, portOf } from './websocket-url.ts';

/** How a connection ended. */
export interface ChannelEnd {
  /** Whether it failed: there is an 'error' event, the code is 1006, and it was not clean. */
  readonly failed: boolean;
  readonly code: number;
  readonly reason: string;
}

/** What a channel tells, each in a task of its own. */
export interface ChannelEvents {
  /** Whose channel it is: what diagnostics name. */
  readonly websocket: object;
  onEstablished(subprotocol: string, extensions: string): void;
  onMessage(data: Uint8Array, isBinary: boolean): void;
  /** The closing handshake began. */
  onClosing(): void;
  /** Payload bytes of messages went out. */
  onTransmitted(bytes: number): void;
  /** The last event. */
  onClosed(end: ChannelEnd): void;
}

const CLOSE_TIMEOUT_MS = 30_000;
/** How long the peer may go on after a failure: time to read the Close frame, which a reset at once could overtake. */
const LINGER_MS = 2000;
const MESSAGE_OPTIONS = { fin: true, compress: true, mask: true } as const;
const FAILED: ChannelEnd = { failed: true, code: CloseCode.ABNORMAL_CLOSURE, reason: '' };

/** A WebSocket connection as the standard speaks of it: established, failed, closing, closed (RFC 6455 §4.1, §7.1). */
export class Channel {
  readonly #events: ChannelEvents;
  readonly #maxPayload: number;
  readonly #fastPath: boolean;
  #opening: SerialOpening | undefined;
  #connection: Connection | undefined;
  /** Whether nothing more is read behind a message until {@link readOn}. */
  #stopsAtMessages: boolean;
  /** Whether what is sent may have to wait, for compression or for a Blob before it. */
  #maySendLater = false;
  #transmitted = 0;
  #closing = false;
  #ended = false;
  /** What the peer's Close frame says, once it came. */
  #end: ChannelEnd | undefined;

  /**
   * @param reading - `one by one`: nothing is read behind a message until {@link readOn}.
   * @throws {TypeError} A header that can't be sent.
   * @throws {SyntaxError} A proxy that can't be one: code WS_ERR_INVALID_PROXY.
   */
  constructor(
    url: URL,
    settings: ConnectionSettings,
    events: ChannelEvents,
    reading: 'on and on' | 'one by one' = 'on and on',
  ) {
    this.#events = events;
    this.#stopsAtMessages = reading === 'one by one';
    this.#maxPayload = settings.maxPayload;
    this.#fastPath = settings.fastPath;
    const request = clientRequest(url, settings);
    // It is refused here, not when its turn comes.
    serializeUpgradeRequest({ ...request.upgrade, key: '', extensions: undefined });
    if (isBadPort(Number(request.target.port))) this.fail();
    else this.#opening = this.#open(request);
  }

  /**
   * Sends a message, unless the connection is closing. `data` is the caller's again when this returns.
   *
   * @param onSent - Called when the system has it all; never when the connection ends before.
   */
  send(data: Uint8Array | Blob, isText: boolean, onSent?: () => void): void {
    if (this.#closing) return;
    if (data instanceof Blob) this.#maySendLater = true;
    const payload = this.#maySendLater && !(data instanceof Blob) ? new Uint8Array(data) : data;
    this.#sendPayload(toPayload(payload), isText ? TEXT : BINARY, onSent);
  }

  /** Goes on reading behind a message. */
  readOn(): void {
    this.#connection?.readOn();
  }

  /** Begins the closing handshake, after all that was sent before. `reason` is at most 123 bytes long. */
  close(code: number | undefined, reason: Uint8Array): void {
    this.#connection?.close(code, reason);
    // The peer's Close frame may be behind messages.
    this.#stopsAtMessages = false;
    this.readOn();
  }

  /** Fails the connection, whether it is established or not. */
  fail(): void {
    this.#finish(FAILED);
    this.#opening?.abort();
    this.#connection?.destroy();
  }

  #open(request: ClientRequest): SerialOpening {
    const { websocket } = this.#events;
    return new SerialOpening(request, {
      websocket,
      onOpened: (opened, extensions) => this.#onOpened(opened, extensions),
      onFailed: (error) => {
        reportError(websocket, 'client', error);
        this.#finish(FAILED);
      },
    });
  }

  #onOpened({ socket, head, subprotocol, deflate }: Opened, extensions: string): void {
    this.#opening = undefined;
    this.#maySendLater = deflate !== undefined;
    const options = {
      maxPayload: this.#maxPayload,
      checkUtf8: true,
      autoPong: true,
      maxPendingAutoPongs: DEFAULTS.maxPendingAutoPongs,
      maxControlFrames: controlFrameLimit(undefined),
      closeTimeout: CLOSE_TIMEOUT_MS,
      compression: deflate && new PerMessageDeflate('client', deflate, DEFAULT_TUNING, this.#fastPath),
      generateMask: undefined,
      fastPath: this.#fastPath,
    };
    this.#connection = new Connection(socket, 'client', options, new Channel.#Events(this));
    this.#queue(() => this.#events.onEstablished(subprotocol, extensions));
    this.#connection.start(head);
  }

  #queue(tell: () => void): void {
    if (!this.#ended) queueTask(tell);
  }

  #finish(end: ChannelEnd): void {
    this.#queue(() => this.#events.onClosed(end));
    this.#ended = true;
    this.#closing = true;
  }

  #sendPayload(payload: Payload, opcode: MessageOpcode, onSent: (() => void) | undefined): void {
    const connection = this.#connection!;
    connection.sendMessage(opcode, payload, MESSAGE_OPTIONS, (error) => {
      // Node calls back without an error for what was under way when the socket was destroyed.
      if (error !== undefined || connection.socket.destroyed) return;
      this.#addTransmitted(payload.length);
      onSent?.();
    });
  }

  /** Bytes of one turn of the event loop are told at once, and never during the task that sent them. */
  #addTransmitted(bytes: number): void {
    if (this.#transmitted === 0) queueTask(() => this.#tellTransmitted());
    this.#transmitted += bytes;
  }

  #tellTransmitted(): void {
    const bytes = this.#transmitted;
    this.#transmitted = 0;
    this.#events.onTransmitted(bytes);
  }

  /** What the connection tells; a class of its own, so that its methods are not the channel's. */
  static readonly #Events = class implements ConnectionEvents {
    readonly #channel: Channel;

    constructor(channel: Channel) {
      this.#channel = channel;
    }

    get websocket(): object {
      return this.#channel.#events.websocket;
    }

    onMessage(data: Uint8Array, isBinary: boolean): void {
      const channel = this.#channel;
      reportMessageIn(this.websocket, 'client', isBinary, data.length);
      if (channel.#stopsAtMessages) channel.#connection!.hold();
      channel.#queue(() => channel.#events.onMessage(data, isBinary));
    }

    onPing(): void {}

    onPong(): void {}

    onClose(code: number, reason: Uint8Array): void {
      this.#channel.#end = { failed: false, code, reason: Buffer.from(reason).toString() };
    }

    onTooManyPongs(): void {
      reportLimit(this.websocket, 'client', 'maxPendingAutoPongs');
    }

    onError(error: Error): void {
      reportError(this.websocket, 'client', error);
      // RFC 6455 §7.1.7: what the peer may still send does not count, so there is nothing to wait for.
      this.#channel.#finish(FAILED);
      setTimeout(() => this.#channel.#connection?.destroy(), LINGER_MS).unref();
    }

    onClosing(): void {
      const channel = this.#channel;
      if (channel.#closing) return;
      channel.#closing = true;
      channel.#queue(() => channel.#events.onClosing());
    }

    onDrain(): void {}

    onClosed(): void {
      // RFC 6455 §7.2.1: a connection that is lost without a Close frame has failed.
      const end = this.#channel.#end ?? FAILED;
      reportClose(this.websocket, 'client', end.code, end.reason);
      this.#channel.#finish(end);
    }
  };
}

function clientRequest(url: URL, settings: ConnectionSettings): ClientRequest {
  const destination = {
    secure: url.protocol === 'wss:',
    host: withoutBrackets(url.hostname),
    port: portOf(url),
    socketPath: undefined,
  };
  return {
    target: { ...destination, options: settings.tls, proxy: chooseProxy(settings.proxy, destination) },
    upgrade: {
      target: url.pathname + url.search,
      host: url.host,
      version: 13,
      subprotocols: settings.subprotocols,
      origin: environmentOrigin(),
      authorization: authorizationOf(url),
      headers: settings.headers,
    },
    deflate: settings.perMessageDeflate ? {} : undefined,
    handshakeTimeout: settings.handshakeTimeout,
  };
}
