import { CloseCode } from './close-code.ts';
import { parseClosePayload, serializeClosePayload } from './close-payload.ts';
import { ProtocolError, tooManyControlFrames, tooManyParts } from './errors.ts';
import type { FrameHeader } from './frame-header.ts';
import { FrameRate } from './frame-rate.ts';
import { FrameReader } from './frame-reader.ts';
import { FrameSender } from './frame-sender.ts';
import type { FrameWriter } from './frame-writer.ts';
import type { MessageAssembler } from './message-assembler.ts';
import type { Payload, SendCallback, SendOptions } from './message-payload.ts';
import { CLOSE, isControlOpcode, type MessageOpcode, PING, PONG } from './opcode.ts';
import type { ProtocolOptions, Role } from './protocol-options.ts';
import type { PayloadSource } from './streamed-payload.ts';

/** What the protocol needs of the connection that carries it. */
export interface Transport extends FrameWriter {
  /** Stops reading while a message is being inflated, or an event is deferred. */
  pauseReading(): void;
  resumeReading(): void;
  /** Ends the stream after what was written: the WebSocket connection is over (RFC 6455 §7.1.1). */
  end(): void;
  /** Ends the connection at once, without a Close frame. */
  destroy(): void;
}

/** What the protocol tells; every byte array is the receiver's own. */
export interface ProtocolEvents {
  /** @param fragmentEnds - Where in `data` each fragment ends, for a message in fragments and {@link Protocol.keepFragments}. */
  onMessage(data: Uint8Array, isBinary: boolean, fragmentEnds?: readonly number[]): void;
  /** Bytes of a message came, in the place of {@link onMessage}; only with {@link Protocol.messagesInPieces}. */
  onMessagePiece?(piece: Uint8Array, isBinary: boolean, last: boolean): void;
  /** A ping came; the pong, where one is due, is already on its way. */
  onPing(payload: Uint8Array): void;
  onPong(payload: Uint8Array): void;
  /** The peer's Close frame came: at most once, and nothing after it. */
  onClose(code: number, reason: Uint8Array): void;
  /** The connection fails: at most once, and nothing after it. */
  onError(error: Error): void;
  /** More pongs wait than {@link ProtocolOptions.maxPendingAutoPongs}: the connection ends at once, without an error. */
  onTooManyPongs?(): void;
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
  /** Where messages, pings and pongs are told: the events, or what defers them. */
  readonly #frameEvents: FrameEvents;
  /** Made when something is to be sent: an idle connection is to cost little. */
  #sender: FrameSender | undefined;
  /** Made when something comes. */
  #reader: FrameReader | undefined;

  /**
   * `frames`: bytes are parsed; `inflating`, `deferred`, `held`: they are held back until a message is inflated, an event
   * told, or {@link readOn} called; `over`: they are discarded, for good.
   */
  #reading: 'frames' | 'inflating' | 'deferred' | 'held' | 'over' = 'frames';
  /** Made when something is held back. */
  #held: Uint8Array[] | undefined;
  #pendingAutoPongs = 0;
  /** Made at the first ping. */
  #onAutoPongWritten: (() => void) | undefined;
  /** Made at the first ping, pong or empty fragment. */
  #frameRate: FrameRate | undefined;
  #onReceived: (() => void) | undefined;
  /** `messages`: anything can be sent; `close`: the Close frame waits its turn; `closed`: it is out; `aborted`: never. */
  #sending: 'messages' | 'close' | 'closed' | 'aborted' = 'messages';

  constructor(role: Role, options: ProtocolOptions, transport: Transport, events: ProtocolEvents) {
    this.#role = role;
    this.#options = options;
    this.#transport = transport;
    this.#events = events;
    this.#frameEvents =
      options.deferEvent === undefined ? events : deferred(events, (tell) => this.#defer(tell));
  }

  /** Which end of the connection it is. */
  get role(): Role {
    return this.#role;
  }

  /** Whether messages can be sent and received: no Close frame was sent or received, and no fault was found. */
  get open(): boolean {
    return this.#sending === 'messages' && this.#reading !== 'over';
  }

  /** Whether what comes is held back: a message is being inflated, or an event deferred. */
  get holding(): boolean {
    return this.#reading !== 'frames' && this.#reading !== 'over';
  }

  /** Whether nothing that the peer sends counts any more: its Close frame came, or a fault was found. */
  get doneReading(): boolean {
    return this.#reading === 'over';
  }

  /** Whether our Close frame is out. */
  get closeSent(): boolean {
    return this.#sending === 'closed';
  }

  /** Writes the frames that wait for company; the transport calls it when {@link Transport.flushSoon} asked for it. */
  flush(): void {
    this.#sender?.flush();
  }

  /** Bytes that were sent and are not with the transport yet: frames, and payloads that wait. */
  get queuedBytes(): number {
    return this.#sender?.queuedBytes ?? 0;
  }

  /** How many messages were dropped because too much waited. */
  get droppedMessages(): number {
    return this.#sender?.droppedMessages ?? 0;
  }

  /** Goes on with messages that wait because the transport was full. */
  writeOn(): void {
    this.#sender?.writeOn();
  }

  /** Calls back once all that was sent so far is with the transport, or waits for a flush; never after {@link abort}. */
  whenSent(callback: () => void): void {
    if (this.#sender === undefined) callback();
    else this.#sender.whenSent(callback);
  }

  /** Whether messages say where their fragments end; may change at any time, and counts from the next frame on. */
  set keepFragments(keep: boolean) {
    // Without a reader there is nothing to change back.
    if (keep || this.#reader !== undefined) this.#frameReader().assembler.keepFragments = keep;
  }

  /** Whether messages are told piece by piece, as they come; may change at any time, and counts from the next one on. */
  set messagesInPieces(inPieces: boolean) {
    this.#frameReader().assembler.handsOverPieces = inPieces;
  }

  /**
   * Takes bytes of the peer, those of `chunk` up to `end`. They may be changed in place, and nothing holds them when the
   * call returns.
   */
  receive(chunk: Uint8Array, end = chunk.length): void {
    if (this.#reading === 'over') return;
    if (this.#tooManyChunks()) return this.fail(tooManyParts('Too many buffered chunks'));
    const position = this.#reading === 'frames' ? this.#read(chunk, end) : 0;
    // The bytes are borrowed: what is held is a copy, which slice() of a Buffer is not.
    if (this.holding && position < end) this.#holdBack(new Uint8Array(chunk.subarray(position, end)));
  }

  /** Looks at nothing more until {@link readOn}; called from where a message, or a piece of one, is told. */
  hold(): void {
    if (this.#reading !== 'frames') return;
    this.#reading = 'held';
    this.#transport.pauseReading();
  }

  /** Ends what {@link hold} began. */
  readOn(): void {
    if (this.#reading !== 'held') return;
    this.#reading = 'frames';
    this.#readHeld();
  }

  /** Calls back when all that was received has been told, which is not at once while something is held back. */
  whenReceived(callback: () => void): void {
    if (this.holding) this.#onReceived = callback;
    else callback();
  }

  /** Sends a message, or a fragment of one. After a Close frame nothing is sent (RFC 6455 §5.5.1): the callback gets an error. */
  sendMessage(opcode: MessageOpcode, payload: Payload, options: SendOptions, callback?: SendCallback): void {
    if (this.#sending !== 'messages') callback?.(new Error('The Close frame was sent'));
    else this.#frameSender().sendMessage(opcode, payload, options, callback);
  }

  /** Sends frames that were serialized before, such as those of a broadcast; refused as {@link sendMessage}. */
  sendFrames(frames: readonly Uint8Array[], callback?: SendCallback): void {
    if (this.#sending !== 'messages') callback?.(new Error('The Close frame was sent'));
    else this.#frameSender().sendFrames(frames, callback);
  }

  /** Sends a message in fragments, for each piece that `source` brings; refused as {@link sendMessage}. */
  sendStream(source: PayloadSource, options: SendOptions, callback: SendCallback): void {
    if (this.#sending !== 'messages') callback(new Error('The Close frame was sent'));
    else this.#frameSender().sendStream(source, options, callback);
  }

  /** Drops the message with this callback, if it only waits; a streamed one that has begun fails the connection. */
  drop(callback: SendCallback, error: Error): void {
    this.#sender?.drop(callback, error);
  }

  /** Sends a ping; `payload` is at most 125 bytes long. */
  sendPing(payload: Payload, mask: boolean, callback?: SendCallback): void {
    this.#frameSender().sendControl(PING, payload, mask, callback);
  }

  /** Sends a pong; `payload` is at most 125 bytes long. */
  sendPong(payload: Payload, mask: boolean, callback?: SendCallback): void {
    this.#frameSender().sendControl(PONG, payload, mask, callback);
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
    this.#frameSender().sendControl(CLOSE, payload, this.#role === 'client', (error) => {
      this.#sending = error ? 'aborted' : 'closed';
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
    this.#sender?.dropWaiting(error);
    this.close(error instanceof ProtocolError ? error.closeCode : CloseCode.INTERNAL_ERROR, NO_BYTES);
    this.#events.onError(error);
    this.#tellReceived();
  }

  /** The transport is gone: what waits to be sent never will be, and its callbacks get `error`. */
  abort(error?: Error): void {
    if (!this.closeSent) this.#sending = 'aborted';
    // Made later, it takes nothing either.
    if (error === undefined) this.#sender?.abort();
    else this.#frameSender().abort(error);
  }

  #frameSender(): FrameSender {
    this.#sender ??= this.#createSender();
    return this.#sender;
  }

  #createSender(): FrameSender {
    const { compression, generateMaskingKey, allocate, backPressure } = this.#options;
    const sender = new FrameSender(
      this.#transport,
      compression,
      generateMaskingKey,
      allocate,
      (error) => this.fail(error),
      backPressure,
    );
    if (this.#sending === 'aborted') sender.abort();
    return sender;
  }

  #frameReader(): FrameReader {
    this.#reader ??= new FrameReader(this.#role, this.#options);
    return this.#reader;
  }

  /** Reads `chunk` up to `end` and returns the offset behind what was read, which is `end` unless reading stopped. */
  #read(chunk: Uint8Array, end: number): number {
    try {
      return this.#readFrames(chunk, end);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.fail(error);
      return end;
    }
  }

  /** The whole story of what comes in: frames, and what a whole one means. */
  #readFrames(chunk: Uint8Array, end: number): number {
    const reader = this.#frameReader();
    let position = 0;
    while (this.#reading === 'frames') {
      position = reader.read(chunk, position, end);
      if (reader.hasPiece) this.#receivePiece(reader);
      else if (reader.frameIsWhole) this.#finishFrame(reader);
      if (position === end && !reader.frameIsWhole) return position;
    }
    return position;
  }

  #tooManyChunks(): boolean {
    const limit = this.#options.maxBufferedChunks;
    if (!limit) return false;
    return (this.#reader?.chunksOfFrame ?? 0) + (this.#held?.length ?? 0) >= limit;
  }

  #finishFrame(reader: FrameReader): void {
    const { fin, opcode } = reader.header;
    if (isControlOpcode(opcode)) this.#receiveControl(opcode, reader.takeControl());
    else if (fin) this.#receiveMessage(reader.assembler);
    else this.#endFragment(reader);
  }

  #endFragment({ header, assembler }: FrameReader): void {
    this.#checkFragment(header);
    assembler.endFragment();
  }

  /** Nothing else bounds empty fragments: they add nothing to the message, and tell the application nothing. */
  #checkFragment({ payloadLength }: FrameHeader): void {
    if (payloadLength === 0 && this.#tooManyFrames()) throw tooManyParts('Too many empty fragments');
  }

  #receivePiece({ header, assembler, frameIsWhole }: FrameReader): void {
    const last = header.fin && frameIsWhole;
    if (!last) this.#checkFragment(header);
    const piece = assembler.takePiece();
    if (!assembler.compressed) return this.#tellPiece(assembler, piece, last);
    const limit = (this.#options.maxStreamedPayload ?? Number.POSITIVE_INFINITY) - assembler.toldBytes;
    this.#inflate(piece, last, limit, (inflated) => this.#tellPiece(assembler, inflated, last));
  }

  #tellPiece(assembler: MessageAssembler, piece: Uint8Array, last: boolean): void {
    const { isBinary } = assembler;
    assembler.checkPiece(piece, last);
    this.#events.onMessagePiece!(piece, isBinary, last);
  }

  #receiveControl(opcode: number, payload: Uint8Array): void {
    if (opcode === CLOSE) return this.#receiveClose(payload);
    if (this.#tooManyFrames()) throw tooManyControlFrames();
    if (opcode === PING) this.#receivePing(payload);
    else this.#frameEvents.onPong(payload);
  }

  /** Counts a frame that brings nothing of a message; returns whether it is one too many. */
  #tooManyFrames(): boolean {
    const limit = this.#options.maxControlFrames;
    if (limit === undefined) return false;
    this.#frameRate ??= new FrameRate(limit.perSecond, limit.now);
    return this.#frameRate.exceeded();
  }

  #receivePing(payload: Uint8Array): void {
    if (this.#options.autoPong && this.#sending === 'messages') this.#answerPing(payload);
    this.#frameEvents.onPing(payload);
  }

  #answerPing(payload: Uint8Array): void {
    if (this.#pendingAutoPongs >= (this.#options.maxPendingAutoPongs || Number.POSITIVE_INFINITY)) {
      // The peer asks and does not read: answers would pile up for as long as it likes.
      this.#stopReading();
      this.#events.onTooManyPongs?.();
      this.#transport.destroy();
      return;
    }
    this.#pendingAutoPongs++;
    this.#onAutoPongWritten ??= () => {
      this.#pendingAutoPongs--;
    };
    this.sendPong(payload, this.#role === 'client', this.#onAutoPongWritten);
  }

  #receiveClose(payload: Uint8Array): void {
    const { code, reason } = parseClosePayload(payload, this.#options.checkUtf8);
    this.#stopReading();
    this.#events.onClose(code, reason);
    // RFC 6455 §5.5.1: "When sending a Close frame in response, the endpoint typically echos the status code".
    this.close(code === CloseCode.NO_STATUS_RECEIVED ? undefined : code, reason);
    this.#tellReceived();
  }

  #receiveMessage(assembler: MessageAssembler): void {
    const { isBinary, compressed, fragmentEnds } = assembler;
    const payload = assembler.finish();
    if (!compressed) return this.#frameEvents.onMessage(payload, isBinary, fragmentEnds);
    this.#inflate(payload, true, this.#options.maxPayload, (message) => {
      if (!isBinary) assembler.checkInflatedText(message);
      this.#frameEvents.onMessage(message, isBinary);
    });
  }

  /** Inflates a message, or a piece of one, now or later, and has what came out told. */
  #inflate(payload: Uint8Array, fin: boolean, maxLength: number, tell: (inflated: Uint8Array) => void): void {
    let later = false;
    this.#reading = 'inflating';
    this.#options.compression!.inflate(payload, fin, maxLength, (error, inflated) => {
      if (this.#reading !== 'inflating') return;
      if (error) return this.fail(error);
      this.#reading = 'frames';
      this.#catchFault(() => tell(inflated!));
      // Called back at once, we are inside the loop that goes on anyway.
      if (later) this.#readHeld();
    });
    later = true;
    if (this.holding) this.#transport.pauseReading();
  }

  /** Fails the connection for a fault of the peer. */
  #catchFault(work: () => void): void {
    try {
      work();
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.fail(error);
    }
  }

  #defer(tell: () => void): void {
    this.#reading = 'deferred';
    this.#transport.pauseReading();
    this.#options.deferEvent!(() => {
      if (this.#reading === 'deferred') this.#reading = 'frames';
      tell();
      this.#readHeld();
    });
  }

  #holdBack(chunk: Uint8Array): void {
    this.#held ??= [];
    this.#held.push(chunk);
  }

  /** Goes on with what was held back. */
  #readHeld(): void {
    const held = this.#held ?? [];
    while (this.#reading === 'frames' && held.length > 0) {
      const chunk = held.shift()!;
      const position = this.#read(chunk, chunk.length);
      if (this.holding && position < chunk.length) held.unshift(chunk.subarray(position));
    }
    if (this.holding) return;
    // After a Close frame or a fault too: the rest has to be read, as in stopReading.
    this.#transport.resumeReading();
    this.#tellReceived();
  }

  /** RFC 6455 §7.1.1: once both Close frames went, or a fault was answered, the stream is ended. */
  #endWhenOver(): void {
    const sent = this.#sending === 'closed' || this.#sending === 'aborted';
    if (sent && this.#reading === 'over') this.#transport.end();
  }

  #stopReading(): void {
    const wasHeld = this.holding;
    this.#reading = 'over';
    this.#held = undefined;
    // The rest is discarded, but has to be read: otherwise the peer's FIN is never seen.
    if (wasHeld) this.#transport.resumeReading();
    this.#endWhenOver();
  }

  #tellReceived(): void {
    const callback = this.#onReceived;
    this.#onReceived = undefined;
    callback?.();
  }
}

const NO_BYTES = new Uint8Array(0);

type FrameEvents = Pick<ProtocolEvents, 'onMessage' | 'onPing' | 'onPong'>;

/** Events that are told one at a time, when `defer` calls. */
function deferred(events: FrameEvents, defer: (tell: () => void) => void): FrameEvents {
  return {
    onMessage: (data, isBinary, fragmentEnds) => defer(() => events.onMessage(data, isBinary, fragmentEnds)),
    onPing: (payload) => defer(() => events.onPing(payload)),
    onPong: (payload) => defer(() => events.onPong(payload)),
  };
}
