import { FIN_BIT, RSV1_BIT } from './frame-serializer.ts';
import { CONTINUATION, type MessageOpcode } from './opcode.ts';

/** Where the bytes of a message come from that is not there as a whole. */
export interface PayloadSource {
  /** What the message is; asked for once there is a first piece, or the end. */
  readonly opcode: MessageOpcode;
  /** Calls back once, later: with the next piece, without one at the end, or with an error, after which nothing comes. */
  next(callback: (error: Error | undefined, piece?: Uint8Array) => void): void;
}

/** A message on its way out in fragments, one for each piece that its source brings (RFC 6455 §5.4). */
export class StreamedPayload {
  /** Nothing of it is held. */
  readonly length = 0;
  readonly #source: PayloadSource;
  #begun = false;
  #framed = false;

  constructor(source: PayloadSource) {
    this.#source = source;
  }

  /** Whether there has been a piece: the message can't be taken back any more. */
  get begun(): boolean {
    return this.#begun;
  }

  /** Does what {@link PayloadSource.next} does. */
  next(callback: (error: Error | undefined, piece?: Uint8Array) => void): void {
    this.#source.next((error, piece) => {
      if (error === undefined) this.#begun = true;
      callback(error, piece);
    });
  }

  /** Returns FIN, RSV1 and opcode of the next frame; RFC 7692 §6.1: RSV1 is set on the first fragment only. */
  nextFirstByte(fin: boolean, compressed: boolean): number {
    const finBit = fin ? FIN_BIT : 0;
    if (this.#framed) return finBit | CONTINUATION;
    this.#framed = true;
    return finBit | (compressed ? RSV1_BIT : 0) | this.#source.opcode;
  }
}
