import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import {
  type BackPressure,
  BINARY,
  type MessageOpcode,
  type Payload,
  type PayloadSource,
  type Protocol,
  type ProtocolEvents,
  type Role,
  type SendCallback,
  type SendOptions,
  type Transport,
} from '../core/index.ts';
import { messageOut } from '../diagnostics/channels.ts';
import {
  reportBackPressure,
  reportDrain,
  reportLimit,
  reportMessageOut,
  reportOpen,
} from '../diagnostics/connection-reports.ts';
import { type ConnectionOptions, protocolOptions, UNLIMITED } from './connection-options.ts';
import { fastPathAllowed } from './fast-path/allowed.ts';
import { DirectWriter } from './fast-path/direct-writer.ts';
import { borrowing, pause, readIntoSlab } from './fast-path/slab-reading.ts';
import { createProtocol } from './frame-log.ts';
import { inOwnMemory } from './own-memory.ts';
import { readSentFrames } from './sent-frames.ts';
import type { DeflateSharing } from './shared-deflate.ts';

export interface ConnectionEvents extends ProtocolEvents {
  /** Whose connection it is: what diagnostics name. */
  readonly websocket: object;
  /** The closing handshake began, by either side, or the stream is ending. */
  onClosing(): void;
  /** What waited has fallen to the low mark, after it had been above the high one. */
  onDrain(): void;
  /**
   * The socket is closed, and all that came before has been told. Nothing comes after it.
   *
   * @param closeSent - Whether our Close frame was written out.
   */
  onClosed(closeSent: boolean): void;
}

/** A message that was framed before, for many connections. */
export interface PreparedFrames {
  readonly opcode: MessageOpcode;
  readonly payload: Uint8Array;
  plain(): Uint8Array;
  compressed(sharing: DeflateSharing): Uint8Array;
}

/** A longer message is compressed for each connection, in the thread pool: at once it would keep all others waiting. */
const MAX_SHARED_DEFLATE_BYTES = 0x1_0000;

/** Where a stream has the connection that it carries. */
const CONNECTION = Symbol('connection');

type CarrierStream = Duplex & { [CONNECTION]?: Connection };

/** Tells whether a stream carries a connection, or has carried one. */
export function isCarrier(stream: Duplex): boolean {
  return (stream as CarrierStream)[CONNECTION] !== undefined;
}

/** Carries the protocol over a socket: reads, corked writes, the closing timer, the end. */
export class Connection implements Transport {
  readonly socket: Duplex;
  readonly #protocol: Protocol;
  readonly #events: ConnectionEvents;
  readonly #options: ConnectionOptions;
  /** Made when something is to be written; `null` where all has to go through the stream. */
  #directWriter: DirectWriter | null | undefined;
  /** Transport: whether the socket has enough, from the high mark on down to the low one. */
  full = false;
  /** Whether more than the high mark has been waiting, here and in the socket, and not yet fallen to the low one. */
  #needsDrain = false;
  #closeTimer: NodeJS.Timeout | undefined;
  #corked = false;
  /** Whether a chunk is being looked at: at its end comes a flush. */
  #receiving = false;
  /** Whether a flush is to come in this turn. */
  #flushScheduled = false;
  #flushing = false;
  /** Directions in which the stream has not ended. */
  #openDirections = 2;
  #paused = false;

  constructor(socket: Duplex, role: Role, options: ConnectionOptions, events: ConnectionEvents) {
    this.socket = socket;
    this.#events = events;
    this.#options = options;
    if (!fastPathAllowed(options.fastPath) || !readIntoSlab(socket)) this.#directWriter = null;
    this.#protocol = createProtocol(role, protocolOptions(options), this, events);
  }

  /** Begins to read; `head` is what came behind the opening handshake. */
  start(head: Uint8Array): void {
    const { socket } = this;
    // Whoever had the socket before may have set an idle timeout; not every Duplex knows of these.
    if (socket instanceof Socket) {
      if (socket.timeout) socket.setTimeout(0);
      socket.setNoDelay(true);
    }
    // Node would end it with the peer's stream, while messages wait here.
    socket.allowHalfOpen = true;
    // Before anyone listens to 'data': a stream that flows would tell it at once, before there is a listener to messages.
    if (head.length > 0) socket.unshift(head);
    (socket as CarrierStream)[CONNECTION] = this;
    const { data, end, finish, close, error } = Connection.#listeners;
    socket.on('data', data).on('end', end).on('finish', finish).on('error', error);
    // One that was destroyed before this call may have told it, or may yet.
    if (socket.destroyed) process.nextTick(() => this.#onClose());
    else socket.on('close', close).resume();
    reportOpen(this.#events.websocket, this.#protocol.role);
  }

  /** Bytes that were sent and are not with the operating system yet. */
  get bufferedBytes(): number {
    return this.#socketBytes + this.#protocol.queuedBytes;
  }

  /** Whether the peer does not keep up: {@link ConnectionEvents.onDrain} is to come. */
  get needsDrain(): boolean {
    this.queued();
    return this.#needsDrain;
  }

  /** How many messages were dropped because too much waited. */
  get droppedMessages(): number {
    return this.#protocol.droppedMessages;
  }

  get #direct(): DirectWriter | null {
    if (this.#directWriter === undefined) this.#directWriter = DirectWriter.of(this.socket) ?? null;
    return this.#directWriter;
  }

  get #backPressure(): BackPressure {
    return this.#options.backPressure ?? UNLIMITED;
  }

  /** Bytes that the socket has not given to the operating system yet. */
  get #socketBytes(): number {
    return this.socket.writableLength + (this.#directWriter?.pendingBytes ?? 0);
  }

  /** Whether messages say where their fragments end. */
  set keepFragments(keep: boolean) {
    this.#protocol.keepFragments = keep;
  }

  /** Whether messages are told piece by piece, from the next one on. */
  set messagesInPieces(inPieces: boolean) {
    this.#protocol.messagesInPieces = inPieces;
  }

  sendMessage(opcode: MessageOpcode, payload: Payload, options: SendOptions, callback?: SendCallback): void {
    if (messageOut.hasSubscribers) this.#reportSent(opcode === BINARY, payload.length, options.fin);
    this.#protocol.sendMessage(opcode, payload, options, callback);
  }

  /** Sends frames that were serialized before. */
  sendFrames(frames: readonly Uint8Array[], callback?: SendCallback): void {
    if (messageOut.hasSubscribers) this.#reportSent(...readSentFrames(frames));
    this.#protocol.sendFrames(frames, callback);
  }

  /** Sends a message of a server that was framed before, if this connection can share its frame. */
  sendPrepared(message: PreparedFrames, callback?: SendCallback): void {
    const { opcode, payload } = message;
    const protocol = this.#protocol;
    if (messageOut.hasSubscribers) this.#reportSent(opcode === BINARY, payload.length, true);
    const sharing =
      payload.length <= MAX_SHARED_DEFLATE_BYTES ? this.#options.compression?.sharing : undefined;
    if (!this.#options.compression?.worthwhile(payload.length))
      protocol.sendFrames([message.plain()], callback);
    else if (sharing !== undefined) protocol.sendFrames([message.compressed(sharing)], callback);
    else protocol.sendMessage(opcode, payload, { fin: true, compress: true, mask: false }, callback);
  }

  /** Sends a message in fragments, for each piece that `source` brings, as there is room for it. */
  sendStream(source: PayloadSource, options: SendOptions, callback: SendCallback): void {
    this.#protocol.sendStream(source, options, callback);
  }

  /** Drops the message with this callback, if it only waits; a streamed one that has begun fails the connection. */
  drop(callback: SendCallback, error: Error): void {
    this.#protocol.drop(callback, error);
  }

  sendPing(payload: Payload, mask: boolean, callback?: SendCallback): void {
    this.#protocol.sendPing(payload, mask, callback);
  }

  sendPong(payload: Payload, mask: boolean, callback?: SendCallback): void {
    this.#protocol.sendPong(payload, mask, callback);
  }

  /**
   * Begins the closing handshake, and the timer that ends it.
   *
   * @throws {TypeError | RangeError} As {@link Protocol.close}.
   */
  close(code: number | undefined, reason: Uint8Array): void {
    this.#protocol.close(code, reason);
    this.#closing();
  }

  /** Ends the connection at once, without a closing handshake. Transport too. */
  destroy(): void {
    // What was sent before goes to the system first.
    this.flush();
    this.socket.destroy();
  }

  /** Looks at nothing more of what comes until {@link readOn}. */
  hold(): void {
    this.#protocol.hold();
  }

  /** Ends what {@link hold} began. */
  readOn(): void {
    this.#protocol.readOn();
    if (!this.#protocol.open) this.#closing();
  }

  pause(): void {
    this.#paused = true;
    this.pauseReading();
  }

  resume(): void {
    this.#paused = false;
    this.#resumeUnlessHeld();
  }

  /** Transport: whether nothing that is written arrives any more. */
  get destroyed(): boolean {
    return this.socket.destroyed;
  }

  /** Transport: writes of one turn leave as one. */
  write(bytes: Uint8Array, callback?: SendCallback): boolean {
    // What a flush writes is the last of its turn: alone, it needs no cork.
    if (!this.#flushing) this.#cork();
    const told = this.#isWatched(bytes.length) ? this.#whenWritten(callback) : callback;
    const outcome = this.#flushing ? this.#direct?.write(bytes, told) : undefined;
    if (outcome === 'written') return true;
    if (outcome === 'pending') return false;
    // Behind others it may wait for long: it must not keep a block that it shares with other connections.
    const kept = this.#socketBytes > 0 && isSmallPart(bytes) ? inOwnMemory(bytes) : bytes;
    // A stream calls back with null where `ws` passes nothing on.
    this.socket.write(kept, told && ((error) => (error ? told(error) : told())));
    return false;
  }

  /** Transport: messages wait. */
  queued(): void {
    const { bufferedBytes } = this;
    if (bufferedBytes > this.#backPressure.highWaterMarkBytes) this.#fillUp(bufferedBytes);
  }

  /** Transport: a message was dropped. */
  dropped(): void {
    reportLimit(this.#events.websocket, this.#protocol.role, 'maxBufferedBytes', 'WS_ERR_MESSAGE_DROPPED');
  }

  /** Transport: frames wait until what is being received has been told, or for the end of this turn. */
  flushSoon(): void {
    if (this.#flushScheduled) return;
    this.#flushScheduled = true;
    if (!this.#receiving) atEndOfTurn(this);
  }

  pauseReading(): void {
    pause(this.socket);
  }

  resumeReading(): void {
    this.#resumeUnlessHeld();
  }

  end(): void {
    this.socket.end();
    this.#closing();
  }

  /** Whether writing `length` bytes leaves the socket with so much that the end of the write has to be heard of. */
  #isWatched(length: number): boolean {
    if (this.#socketBytes + length > this.#backPressure.highWaterMarkBytes) {
      this.full = true;
      this.#fillUp(this.bufferedBytes + length);
    }
    return this.#needsDrain;
  }

  /** More than the high mark waits: 'drain' is to come. */
  #fillUp(bufferedBytes: number): void {
    if (this.#needsDrain) return;
    this.#needsDrain = true;
    reportBackPressure(this.#events.websocket, this.#protocol.role, bufferedBytes);
  }

  #reportSent(isBinary: boolean, bytes: number, fin: boolean): void {
    reportMessageOut(this.#events.websocket, this.#protocol.role, isBinary, bytes, fin);
  }

  #whenWritten(callback: SendCallback | undefined): SendCallback {
    return (error) => {
      if (!error) this.#onWritten();
      if (callback === undefined) return;
      if (error) callback(error);
      else callback();
    };
  }

  /** Bytes went out of the socket: more may go in, and whoever waits for room may go on. */
  #onWritten(): void {
    const { lowWaterMarkBytes } = this.#backPressure;
    if (this.full && this.#socketBytes <= lowWaterMarkBytes) {
      this.full = false;
      this.#protocol.writeOn();
    }
    if (!this.#needsDrain || this.bufferedBytes > lowWaterMarkBytes) return;
    this.#needsDrain = false;
    reportDrain(this.#events.websocket, this.#protocol.role, this.bufferedBytes);
    this.#events.onDrain();
  }

  #onData(chunk: Uint8Array, end: number | undefined): void {
    this.#receiving = true;
    try {
      this.#protocol.receive(chunk, end);
    } finally {
      this.#receiving = false;
      this.flush();
    }
    if (!this.#protocol.open) this.#closing();
  }

  #onEnd(): void {
    this.#events.onClosing();
    if (this.#endsByClosing) {
      this.socket.destroy();
      return;
    }
    // The peer may still read what was sent before, in the time of a closing handshake.
    this.#closing();
    this.#protocol.whenSent(() => {
      this.flush();
      this.socket.end();
    });
    this.#onDirectionEnded();
  }

  /** Whether closing the socket tells the peer the same as ending it: it is a plain one, and has nothing to write. */
  get #endsByClosing(): boolean {
    if (this.#directWriter === null || this.socket.writableEnded) return false;
    return !this.#flushScheduled && this.bufferedBytes === 0;
  }

  /** Sockets close by themselves when both directions have ended; other streams, of duplexify for one, do not. */
  #onDirectionEnded(): void {
    this.#openDirections--;
    if (this.#openDirections === 0) this.socket.destroy();
  }

  #onError(): void {
    this.#events.onClosing();
    this.socket.destroy();
  }

  #onClose(): void {
    this.#receiveRest();
    this.#events.onClosing();
    clearTimeout(this.#closeTimer);
    this.#protocol.abort();
    this.#protocol.whenReceived(() => {
      this.#options.compression?.close();
      this.#events.onClosed(this.#protocol.closeSent);
    });
  }

  /** What a paused socket still had when it closed. */
  #receiveRest(): void {
    for (let rest = this.socket.read(); rest !== null; rest = this.socket.read())
      this.#protocol.receive(rest);
    this.socket.off('data', Connection.#listeners.data);
  }

  #closing(): void {
    this.#events.onClosing();
    if (this.#closeTimer !== undefined || this.socket.destroyed) return;
    this.#closeTimer = setTimeout(() => this.#onCloseTimeout(), this.#options.closeTimeout);
    // A paused reader would never see the peer's Close frame or FIN.
    if (this.#protocol.doneReading) this.resume();
  }

  #onCloseTimeout(): void {
    reportLimit(this.#events.websocket, this.#protocol.role, 'closeTimeout');
    this.socket.destroy();
  }

  #resumeUnlessHeld(): void {
    if (!this.#paused && !this.#protocol.holding) this.socket.resume();
  }

  #cork(): void {
    if (this.#corked) return;
    this.#corked = true;
    this.socket.cork();
    this.flushSoon();
  }

  /** Writes what was sent, if the turn's end has not done so. */
  flush(): void {
    if (this.#flushScheduled) this.#flush();
  }

  #flush(): void {
    this.#flushScheduled = false;
    this.#flushing = true;
    try {
      this.#protocol.flush();
    } finally {
      this.#flushing = false;
      this.#uncork();
    }
    // It may have failed by what was sent: the Close frame waits behind what the peer does not take.
    if (!this.#protocol.open) this.#closing();
  }

  #uncork(): void {
    if (!this.#corked) return;
    this.#corked = false;
    this.socket.uncork();
  }

  /** For all connections the same: functions for each would be a good part of what an idle one costs. */
  static readonly #listeners = {
    data: borrowing(function (this: CarrierStream, chunk: Uint8Array, end?: number): void {
      this[CONNECTION]!.#onData(chunk, end);
    }),
    end(this: CarrierStream): void {
      this[CONNECTION]!.#onEnd();
    },
    finish(this: CarrierStream): void {
      this[CONNECTION]!.#onDirectionEnded();
    },
    close(this: CarrierStream): void {
      this[CONNECTION]!.#onClose();
    },
    error(this: CarrierStream): void {
      this[CONNECTION]!.#onError();
    },
  };
}

/** Those that have something to write at the end of this turn. */
let waiting: Connection[] = [];

function atEndOfTurn(connection: Connection): void {
  if (waiting.push(connection) === 1) process.nextTick(endTurn);
}

function endTurn(): void {
  const connections = waiting;
  let next = 0;
  waiting = [];
  try {
    while (next < connections.length) connections[next++]!.flush();
  } finally {
    // A stream of the application's may have thrown.
    if (next < connections.length) connections.slice(next).forEach(atEndOfTurn);
  }
}

function isSmallPart({ length, buffer }: Uint8Array): boolean {
  return length < buffer.byteLength / 4;
}
