import type { PreparedMessage, WebSocket } from '../index.ts';
import {
  type HubClose,
  HubCloseCode,
  HubError,
  parseBinaryMessage,
  parseMessage,
  serializeBinaryMessage,
  serializeMessage,
  type WireMessage,
} from '../wire/index.ts';
import { answerTo, errorWith } from './answer.ts';
import { TokenBucket } from './guards/token-bucket.ts';
import type { HubLimits } from './options.ts';

export interface PeerEvents {
  onMessage(message: WireMessage): void;
  /** A message was refused; it has been answered. */
  onRefused(error: HubError): void;
  onClose(code: number, reason: string): void;
  /** A newer connection goes on with the session: nothing comes from this one any more. */
  onReplaced(): void;
}

/** A client's WebSocket, spoken to in messages of the protocol, and held to its limits. */
export class Peer {
  readonly #ws: WebSocket;
  readonly #events: PeerEvents;
  readonly #limits: HubLimits;
  readonly #messages: TokenBucket;
  readonly #bytes: TokenBucket;
  readonly #badMessages: TokenBucket;
  readonly #onClose = (code: number, reason: Buffer): void => this.#events.onClose(code, String(reason));

  constructor(ws: WebSocket, limits: HubLimits, events: PeerEvents) {
    const now = performance.now();
    this.#ws = ws;
    this.#events = events;
    this.#limits = limits;
    this.#messages = new TokenBucket(limits.messages, now);
    this.#bytes = new TokenBucket(limits.bytes, now);
    this.#badMessages = new TokenBucket(limits.badMessages, now);
    ws.on('message', (data, isBinary) => this.#onMessage(data as Buffer, isBinary));
    ws.on('close', this.#onClose);
  }

  get connection(): WebSocket {
    return this.#ws;
  }

  get isOpen(): boolean {
    return this.#ws.readyState === this.#ws.OPEN;
  }

  get latencyMs(): number | undefined {
    return this.#ws.latencyMs;
  }

  /** Whether so much waits to be read by the client that what is volatile is not sent. */
  get isSlow(): boolean {
    return this.#ws.writableNeedDrain;
  }

  /**
   * Sends a message, as a binary one where its data is bytes.
   *
   * @throws {TypeError} The data is no JSON: it has a cycle, or a BigInt.
   */
  send(message: WireMessage): void {
    const { data } = message;
    if (!this.isOpen) return;
    if (data instanceof Uint8Array) this.#ws.send(serializeBinaryMessage({ ...message, data }));
    else this.#ws.send(serializeMessage(message));
  }

  /** Sends what was prepared for many. */
  sendPrepared(message: PreparedMessage): void {
    if (this.isOpen) this.#ws.send(message);
  }

  /** Answers a message that was refused, and counts it. */
  refuse(error: HubError, message: Partial<WireMessage> = {}): void {
    // There is always one to an error.
    this.send(answerTo(message, errorWith(error))!);
    this.countBad();
  }

  /** Counts a bad message; too many close the connection. */
  countBad(): void {
    if (!this.#badMessages.take(1, performance.now())) this.close(HubCloseCode.BAD_MESSAGES);
  }

  /** Lets what the client sends wait. */
  pause(): void {
    this.#ws.pause();
  }

  resume(): void {
    this.#ws.resume();
  }

  close({ code, meaning }: Pick<HubClose, 'code' | 'meaning'>): void {
    this.#ws.close(code, meaning);
    // The client's answer has to be read.
    this.resume();
  }

  /** Closes, as a newer connection goes on with the session. */
  replace(): void {
    this.#ws.off('close', this.#onClose);
    this.close(HubCloseCode.REPLACED);
    this.#events.onReplaced();
  }

  #onMessage(data: Buffer, isBinary: boolean): void {
    const now = performance.now();
    if (!this.isOpen) return;
    if (!this.#messages.take(1, now) || !this.#bytes.take(data.length, now)) {
      this.close(HubCloseCode.RATE_LIMITED);
      this.#events.onRefused(new HubError('RATE_LIMITED'));
      return;
    }
    let message: WireMessage;
    try {
      message = this.#parse(data, isBinary);
    } catch (error) {
      this.refuse(error as HubError);
      this.#events.onRefused(error as HubError);
      return;
    }
    this.#events.onMessage(message);
  }

  #parse(data: Buffer, isBinary: boolean): WireMessage {
    const limits = { maxDepth: this.#limits.jsonDepth };
    return isBinary ? parseBinaryMessage(data, limits) : parseMessage(data.toString(), limits);
  }
}
