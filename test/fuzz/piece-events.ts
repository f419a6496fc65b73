import { hex, RecordedEvents } from '../core/recorder.ts';

/** Puts messages in pieces together again, and notes them where each ends. */
export class PieceEvents extends RecordedEvents {
  /** The most bytes that were told of one message. */
  longest = 0;
  onPiece = (): unknown => undefined;
  #text = '';

  onMessagePiece(piece: Uint8Array, isBinary: boolean, last: boolean): void {
    this.#text += hex(piece);
    this.longest = Math.max(this.longest, this.#text.length / 2);
    if (last) {
      this.log.push(['message', this.#text, isBinary]);
      this.#text = '';
    }
    this.onPiece();
  }
}
