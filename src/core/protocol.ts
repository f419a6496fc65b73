import { CloseCode } from './close-code.ts';
import { parseClosePayload, serializeClosePayload } from './close-payload.ts';
import type { Compression } from './compression.ts';
import { ProtocolError } from './errors.ts';
import type { FrameRules } from './frame-header.ts';
import { FrameParser } from './frame-parser.ts';
import { FrameSender, type FrameWriter, type SendCallback, type SendOptions } from './frame-sender.ts';
import { MessageAssembler } from './message-assembler.ts';
import { CLOSE, CONTINUATION, isControlOpcode, type MessageOpcode, PING, PONG } from './opcode.ts';
import { type Allocate, PayloadBuffer } from './payload-buffer.ts';

export type Role = 'client' | 'server';

/** What the protocol needs of the connection that carries it. */
export interface Transport extends FrameWriter {
  /** Stops reading while a message is being inflated. */
  pauseReading(): void;
  resumeReading(): void;
  /** Ends the stream after what was written: the WebSocket connection is over (RFC 6455 §7.1.1). */
  end(): void;
}

/** What the protocol tells; every byte array is the receiver's own. */
export interface ProtocolEvents {
  onMessage(data: Uint8Array, isBinary: boolean): void;
  /** A ping came; the pong, where one is due, is already on its way. */
  onPing(payload: Uint8Array): void;
  onPong(payload: Uint8Array): void;
  /** The peer's Close frame came: at most once, and nothing after it. */
  onClose(code: number, reason: Uint8Array): void;
  /** The connection fails: at most once, and nothing after it. */
  onError(error: Error): void;
}

export interface ProtocolOptions {
  /** The longest message to accept, after inflating, in bytes: 0 to 2^53 - 1. */
  readonly maxPayload: number;
  /** Whether text messages and close reasons that are not UTF-8 are refused (RFC 6455 §8.1). */
  readonly checkUtf8: boolean;
  /** Whether pings are answered (RFC 6455 §5.5.2). */
  readonly autoPong: boolean;
  /** permessage-deflate, where it was negotiated. */
  readonly compression?: Compression | undefined;
  /** Draws a masking key of 32 unpredictable bits (RFC 6455 §10.3). */
  readonly generateMaskingKey: () => number;
  readonly allocate: Allocate;
}

/**
 * One end of an open WebSocket connection, without I/O: bytes of the peer go in at {@link receive}, messages come out
 * as events; what is sent comes out at the transport. All changes of state are in this file (RFC 6455 §5 to §8).
 */
export class Protocol {
  readonly #role: Role;
  readonly #options: ProtocolOptions;
  readonly #transport: Transport;
  readonly #events: ProtocolEvents;
  readonly #sender: FrameSender;
  readonly #assembler: MessageAssembler;
  readonly #control: PayloadBuffer;
  readonly #parser: FrameParser;

  /** `frames`: bytes are parsed; `inflating`: they are held back; `over`: they are discarded, for good. */
  #reading: 'frames' | 'inflating' | 'over' = 'frames';
  #held: Uint8Array[] = [];
  #onReceived: (() => void) | undefined;
  /** `messages`: anything can be sent; `close`: the Close frame waits its turn; `over`: it is out. */
  #sending: 'messages' | 'close' | 'over' = 'messages';

  constructor(role: Role, options: ProtocolOptions, transport: Transport, events: ProtocolEvents) {
    this.#role = role;
    this.#options = options;
    this.#transport = transport;
    this.#events = events;
    this.#sender = new FrameSender(
      transport,
      options.compression,
      options.generateMaskingKey,
      options.allocate,
      (error) => this.fail(error),
    );
    this.#assembler = new MessageAssembler(options.checkUtf8, options.allocate);
    this.#control = new PayloadBuffer(options.allocate);
    this.#parser = new FrameParser(new ReceiveRules(role, options, this.#assembler));
  }

  /** Whether messages can be sent and received: no Close frame was sent or received, and no fault was found. */
  get open(): boolean {
    return this.#sending === 'messages' && this.#reading !== 'over';
  }

  /** Whether a message is being inflated: what comes meanwhile is held back. */
  get inflating(): boolean {
    return this.#reading === 'inflating';
  }

  /** Whether nothing that the peer sends counts any more: its Close frame came, or a fault was found. */
  get doneReading(): boolean {
    return this.#reading === 'over';
  }

  /** Payload bytes that were sent and are not with the transport yet. */
  get queuedBytes(): number {
    return this.#sender.queuedBytes;
  }

  /**
   * Takes bytes of the peer. They may be changed in place, and nothing holds them when the call returns.
   */
  receive(chunk: Uint8Array): void {
    if (this.#reading === 'frames') this.#read(chunk);
    else if (this.#reading === 'inflating') this.#held.push(chunk.slice());
  }

  /** Calls back when all that was received has been told, which is not at once while a message is being inflated. */
  whenReceived(callback: () => void): void {
    if (this.#reading === 'inflating') this.#onReceived = callback;
    else callback();
  }

  /** Sends a message, or a fragment of one. */
  sendMessage(
    opcode: MessageOpcode,
    payload: Uint8Array,
    options: SendOptions,
    callback?: SendCallback,
  ): void {
    this.#sender.sendMessage(opcode, payload, options, callback);
  }

  /** Sends a ping; `payload` is at most 125 bytes long. */
  sendPing(payload: Uint8Array, mask: boolean, callback?: SendCallback): void {
    this.#sender.sendControl(PING, payload, mask, callback);
  }

  /** Sends a pong; `payload` is at most 125 bytes long. */
  sendPong(payload: Uint8Array, mask: boolean, callback?: SendCallback): void {
    this.#sender.sendControl(PONG, payload, mask, callback);
  }

  /**
   * Sends a Close frame, after all that was sent before; has no effect when one was sent.
   *
   * @throws {TypeError} `code` is not one that may be sent.
   * @throws {RangeError} `reason` is longer than 123 bytes.
   * @see RFC 6455 §7.1.2
   */
  close(code: number | undefined, reason: Uint8Array): void {
    if (this.#sending !== 'messages') return;
    const payload = serializeClosePayload(code, reason);
    this.#sending = 'close';
    this.#sender.sendControl(CLOSE, payload, this.#role === 'client', () => {
      this.#sending = 'over';
      this.#endWhenOver();
    });
  }

  /**
   * Fails the connection: the peer gets a Close frame with the error's close code, 1011 for an error that is not the
   * peer's, and no more of its bytes are looked at.
   *
   * @see RFC 6455 §7.1.7
   */
  fail(error: Error): void {
    if (this.#reading === 'over') return;
    this.#stopReading();
    this.close(error instanceof ProtocolError ? error.closeCode : CloseCode.INTERNAL_ERROR, NO_BYTES);
    this.#events.onError(error);
    this.#tellReceived();
  }

  /** The transport is gone: what waits to be sent never will be. */
  abort(error: Error): void {
    this.#sending = 'over';
    this.#sender.abort(error);
  }

  #read(chunk: Uint8Array): void {
    try {
      this.#readFrames(chunk);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.fail(error);
    }
  }

  /** The whole story of what comes in: header, payload, and what a whole frame means. */
  #readFrames(chunk: Uint8Array): void {
    const parser = this.#parser;
    let position = 0;
    while (this.#reading === 'frames') {
      if (!parser.inFrame) {
        position = parser.readHeader(chunk, position);
        if (!parser.inFrame) return;
        this.#beginFrame();
      }
      const end = parser.readPayload(chunk, position);
      this.#takePayload(chunk, position, end);
      position = end;
      if (parser.remaining > 0) return;
      parser.endFrame();
      this.#finishFrame();
    }
    if (this.#reading === 'inflating' && position < chunk.length) this.#held.push(chunk.slice(position));
  }

  #beginFrame(): void {
    const { opcode, rsv1 } = this.#parser.header;
    if (opcode === CONTINUATION || isControlOpcode(opcode)) return;
    this.#assembler.begin(opcode as MessageOpcode, rsv1);
  }

  #takePayload(chunk: Uint8Array, start: number, end: number): void {
    const { header, remaining } = this.#parser;
    if (isControlOpcode(header.opcode)) this.#control.append(chunk, start, end, remaining, false);
    else this.#assembler.append(chunk, start, end, remaining, !header.fin);
  }

  #finishFrame(): void {
    const { fin, opcode } = this.#parser.header;
    if (isControlOpcode(opcode)) this.#receiveControl(opcode, this.#control.take());
    else if (fin) this.#receiveMessage();
  }

  #receiveControl(opcode: number, payload: Uint8Array): void {
    if (opcode === PING) this.#receivePing(payload);
    else if (opcode === PONG) this.#events.onPong(payload);
    else this.#receiveClose(payload);
  }

  #receivePing(payload: Uint8Array): void {
    if (this.#options.autoPong && this.#sending === 'messages')
      this.sendPong(payload, this.#role === 'client');
    this.#events.onPing(payload);
  }

  #receiveClose(payload: Uint8Array): void {
    const { code, reason } = parseClosePayload(payload, this.#options.checkUtf8);
    this.#stopReading();
    this.#events.onClose(code, reason);
    // RFC 6455 §5.5.1: "When sending a Close frame in response, the endpoint typically echos the status code".
    this.close(code === CloseCode.NO_STATUS_RECEIVED ? undefined : code, reason);
    this.#tellReceived();
  }

  #receiveMessage(): void {
    const { isBinary, compressed } = this.#assembler;
    const payload = this.#assembler.finish();
    if (compressed) this.#inflate(payload, isBinary);
    else this.#events.onMessage(payload, isBinary);
  }

  #inflate(payload: Uint8Array, isBinary: boolean): void {
    let later = false;
    this.#reading = 'inflating';
    this.#options.compression!.decompress(payload, this.#options.maxPayload, (error, message) => {
      if (this.#reading !== 'inflating') return;
      if (error) return this.fail(error);
      this.#receiveInflated(message!, isBinary);
      // Called back at once, we are inside the loop that goes on anyway.
      if (later) this.#readHeld();
    });
    later = true;
    if (this.inflating) this.#transport.pauseReading();
  }

  #receiveInflated(message: Uint8Array, isBinary: boolean): void {
    this.#reading = 'frames';
    try {
      if (!isBinary) this.#assembler.checkInflatedText(message);
      this.#events.onMessage(message, isBinary);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.fail(error);
    }
  }

  /** Goes on with what came while a message was being inflated. */
  #readHeld(): void {
    const held = this.#held;
    this.#held = [];
    for (const chunk of held) this.receive(chunk);
    if (this.inflating) return;
    // After a Close frame or a fault too: the rest has to be read, as in stopReading.
    this.#transport.resumeReading();
    this.#tellReceived();
  }

  /** RFC 6455 §7.1.1: once both Close frames went, or a fault was answered, the stream is ended. */
  #endWhenOver(): void {
    if (this.#reading === 'over' && this.#sending === 'over') this.#transport.end();
  }

  #stopReading(): void {
    const wasInflating = this.#reading === 'inflating';
    this.#reading = 'over';
    this.#held = [];
    // The rest is discarded, but has to be read: otherwise the peer's FIN is never seen.
    if (wasInflating) this.#transport.resumeReading();
    this.#endWhenOver();
  }

  #tellReceived(): void {
    const callback = this.#onReceived;
    this.#onReceived = undefined;
    callback?.();
  }
}

const NO_BYTES = new Uint8Array(0);

/** What the next frame has to keep to, as the message in progress leaves it. */
class ReceiveRules implements FrameRules {
  readonly masked: boolean;
  readonly rsv1: boolean;
  readonly #maxPayload: number;
  readonly #assembler: MessageAssembler;

  constructor(role: Role, options: ProtocolOptions, assembler: MessageAssembler) {
    this.masked = role === 'server';
    this.rsv1 = options.compression !== undefined;
    this.#maxPayload = options.maxPayload;
    this.#assembler = assembler;
  }

  get fragmented(): boolean {
    return this.#assembler.inProgress;
  }

  get payloadLimit(): number {
    return this.#maxPayload - this.#assembler.length;
  }
}
