import { maxDeflatedBytes } from './compression.ts';
import { tooManyParts } from './errors.ts';
import type { FrameHeader, FrameRules } from './frame-header.ts';
import { FrameParser } from './frame-parser.ts';
import { MessageAssembler } from './message-assembler.ts';
import { CONTINUATION, isControlOpcode, type MessageOpcode } from './opcode.ts';
import { PayloadBuffer } from './payload-buffer.ts';
import { plainPayloadMemory } from './payload-memory.ts';
import type { ProtocolOptions, Role } from './protocol-options.ts';

/** What frames are held to, and read with. */
export type FrameReaderOptions = Pick<
  ProtocolOptions,
  | 'maxPayload'
  | 'maxStreamedPayload'
  | 'checkUtf8'
  | 'maxFragments'
  | 'isUtf8'
  | 'compression'
  | 'allocate'
  | 'memory'
>;

/** Of a compressed message in pieces, as much is inflated at a time: a thousand times as much may come out (RFC 1951). */
const MAX_DEFLATED_PIECE_BYTES = 4096;

/** Reads frames out of chunks, and puts their payloads together: all that outlasts a chunk is here. */
export class FrameReader {
  readonly assembler: MessageAssembler;
  readonly #parser: FrameParser;
  readonly #control: PayloadBuffer;
  /** 0 for no limit. */
  readonly #maxFragments: number;
  /** Frames of the message in progress. */
  #fragments = 0;
  #chunksOfFrame = 0;

  constructor(role: Role, options: FrameReaderOptions) {
    const memory = options.memory ?? plainPayloadMemory(options.allocate);
    this.assembler = new MessageAssembler(options.checkUtf8, memory, options.isUtf8);
    this.#control = new PayloadBuffer(memory);
    this.#parser = new FrameParser(new ReceiveRules(role, options, this.assembler));
    this.#maxFragments = options.maxFragments || 0;
  }

  /** The header of the frame that was read last. */
  get header(): FrameHeader {
    return this.#parser.header;
  }

  /** Chunks that brought payload of a frame that is not whole. */
  get chunksOfFrame(): number {
    return this.frameIsWhole ? 0 : this.#chunksOfFrame;
  }

  /** Whether a frame was read to its end, and its payload can be taken. */
  get frameIsWhole(): boolean {
    return this.#parser.inFrame && this.#parser.remaining === 0;
  }

  /** Whether what was read last is of a message in pieces: the assembler has the piece. */
  get hasPiece(): boolean {
    return this.assembler.inPieces && this.#parser.inFrame && !isControlOpcode(this.header.opcode);
  }

  /**
   * Reads on from `position` to the end of a frame, of a piece, or of the chunk.
   *
   * @returns Offset behind what was read.
   * @throws {ProtocolError} At the first byte that breaks a rule.
   */
  read(chunk: Uint8Array, position: number, end: number): number {
    const parser = this.#parser;
    let start = position;
    if (this.frameIsWhole) this.#endFrame();
    if (!parser.inFrame) {
      start = parser.readHeader(chunk, position, end);
      if (!parser.inFrame) return start;
      this.#beginFrame();
    }
    const { key } = parser;
    const payloadEnd = parser.passPayload(start, this.#pieceEnd(start, end));
    this.#takePayload(chunk, start, payloadEnd, key);
    return payloadEnd;
  }

  /** Hands over the payload of a control frame. */
  takeControl(): Uint8Array {
    return this.#control.take();
  }

  #endFrame(): void {
    this.#parser.endFrame();
    this.#chunksOfFrame = 0;
  }

  #beginFrame(): void {
    const { opcode, rsv1 } = this.header;
    if (isControlOpcode(opcode)) return;
    if (opcode !== CONTINUATION) {
      this.assembler.begin(opcode as MessageOpcode, rsv1);
      this.#fragments = 0;
    }
    this.#fragments++;
    if (this.#maxFragments > 0 && this.#fragments > this.#maxFragments) {
      throw tooManyParts('Too many message fragments');
    }
  }

  #pieceEnd(start: number, end: number): number {
    const { inPieces, compressed } = this.assembler;
    return inPieces && compressed ? Math.min(end, start + MAX_DEFLATED_PIECE_BYTES) : end;
  }

  #takePayload(chunk: Uint8Array, start: number, end: number, key: number): void {
    const { header, remaining } = this.#parser;
    if (isControlOpcode(header.opcode)) {
      this.#control.append(chunk, start, end, key, remaining, false);
    } else if (this.assembler.inPieces) {
      // Nothing of it is kept, so that it counts for no limit of chunks either.
      this.assembler.append(chunk, start, end, key, 0, false);
      return;
    } else {
      this.assembler.append(chunk, start, end, key, remaining, !header.fin);
    }
    if (start < end) this.#chunksOfFrame++;
  }
}

/** What the next frame has to keep to, as the message in progress leaves it. */
class ReceiveRules implements FrameRules {
  readonly masked: boolean;
  readonly rsv1: boolean;
  readonly #maxPayload: number;
  readonly #maxStreamedPayload: number;
  readonly #assembler: MessageAssembler;

  constructor(role: Role, options: FrameReaderOptions, assembler: MessageAssembler) {
    const { compression, maxPayload, maxStreamedPayload = Number.POSITIVE_INFINITY } = options;
    this.masked = role === 'server';
    this.rsv1 = compression !== undefined;
    this.#maxPayload = maxPayload;
    this.#maxStreamedPayload = maxStreamedPayload;
    this.#assembler = assembler;
  }

  get fragmented(): boolean {
    return this.#assembler.inProgress;
  }

  payloadLimit(rsv1: boolean): number {
    const limit = this.#assembler.inPieces ? this.#maxStreamedPayload : this.#maxPayload;
    const compressed = rsv1 || (this.fragmented && this.#assembler.compressed);
    return (compressed ? maxDeflatedBytes(limit) : limit) - this.#assembler.length;
  }
}
