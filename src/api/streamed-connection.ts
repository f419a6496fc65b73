import type { IncomingMessage } from 'node:http';
import { CloseCode } from '../core/index.ts';
import { Deferred } from './deferred.ts';
import { failureOf } from './error-channel.ts';
import { MessageIterator } from './message-iterator.ts';
import { MessageStreams } from './message-streams.ts';
import { isText, type SendData, toBytes } from './payload.ts';
import { notOpenError, OPEN } from './ready-state.ts';
import type { WebSocket } from './websocket.ts';

/** How a connection is closed, or was. */
export interface CloseInfo {
  /** Default 1000 with a reason, none without; 1005 says that none came. */
  closeCode?: number | undefined;
  /** At most 123 bytes. */
  reason?: string | undefined;
}

/** A connection as a stream each way; of the shape that `opened` of a WHATWG WebSocketStream has. */
export class StreamedConnection<Request = IncomingMessage> {
  /** What asked for the connection. */
  readonly request: Request;
  /** The subprotocol, or ''. */
  readonly protocol: string;
  /** The names of the negotiated extensions, or ''. */
  readonly extensions: string;
  /** Resolves with the peer's code and reason. Rejects when the connection failed, or ended without a Close frame. */
  readonly closed: Promise<Required<CloseInfo>>;
  readonly #ws: WebSocket;
  readonly #messages: MessageIterator;
  readonly #streams: MessageStreams;

  /** @internal */
  constructor(ws: WebSocket, request: Request) {
    const closed = new Deferred<Required<CloseInfo>>();
    ws.binaryType = 'arraybuffer';
    this.request = request;
    this.protocol = ws.protocol;
    this.extensions = ws.extensions;
    this.closed = closed.promise;
    this.#ws = ws;
    this.#messages = new MessageIterator(ws, () => ws._connection, 0);
    this.#streams = new MessageStreams({
      toMessage: (chunk) => (isText(chunk) ? String(chunk) : toBytes(chunk as Exclude<SendData, Blob>)),
      send: (data, isText, onSent) => this.#send(data, isText, onSent),
      readOn: () => void this.#readOn(),
      close: () => this.close(),
    });
    ws.once('close', (code, reason) => this.#onClose(closed, code, String(reason)));
  }

  /** The peer's messages: text as strings, binary as Uint8Arrays. What is not read is not taken from the peer. */
  get readable(): MessageStreams['readable'] {
    return this.#streams.readable;
  }

  /** Takes messages: strings as text, bytes as binary. A `write` is done when the system has all of it. */
  get writable(): MessageStreams['writable'] {
    return this.#streams.writable;
  }

  /**
   * Begins the closing handshake after all that was written; what comes until then is discarded.
   *
   * @throws {TypeError} A code that may not be sent. @throws {RangeError} A longer reason.
   */
  close({ closeCode, reason = '' }: CloseInfo = {}): void {
    this.#ws.close(closeCode ?? (reason === '' ? undefined : CloseCode.NORMAL_CLOSURE), reason);
    void this.#messages.return();
  }

  #send(data: Uint8Array, isText: boolean, onSent: () => void): void {
    if (this.#ws.readyState !== OPEN) throw notOpenError(this.#ws.readyState);
    this.#ws.send(data, { binary: !isText }, (error) => {
      if (!error) onSent();
    });
  }

  async #readOn(): Promise<void> {
    try {
      const { value, done } = await this.#messages.next();
      if (done) this.#streams.closeReadable();
      else
        this.#streams.pushMessage(typeof value === 'string' ? value : new Uint8Array(value as ArrayBuffer));
    } catch {
      // #onClose tells it.
    }
  }

  #onClose(closed: Deferred<Required<CloseInfo>>, closeCode: number, reason: string): void {
    const failure = failureOf(this.#ws);
    if (failure === undefined && closeCode !== CloseCode.ABNORMAL_CLOSURE && !this.#streams.isSending) {
      this.#streams.closeWritable();
      closed.resolve({ closeCode, reason });
    } else {
      const error = failure ?? closedUncleanly(closeCode);
      this.#streams.fail(error);
      closed.reject(error);
    }
  }
}

function closedUncleanly(closeCode: number): Error & { code: 'WS_ERR_CLOSED_UNCLEANLY'; closeCode: number } {
  const error = new Error('The connection was not closed cleanly');
  return Object.assign(error, { code: 'WS_ERR_CLOSED_UNCLEANLY' as const, closeCode });
}
