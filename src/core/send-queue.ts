import { FIN_BIT } from './frame-serializer.ts';
import type { Payload, SendCallback } from './message-payload.ts';
import { CONTINUATION, isControlOpcode } from './opcode.ts';
import type { StreamedPayload } from './streamed-payload.ts';

export interface QueuedFrame {
  /** FIN, RSV1 and opcode; `undefined` when `payload` is a frame already. */
  readonly firstByte: number | undefined;
  readonly payload: Payload | StreamedPayload;
  readonly mask: boolean;
  readonly compress: boolean;
  readonly callback: SendCallback | undefined;
}

/** About what a frame that waits costs beside its payload: a flood of short messages is no cheaper than long ones. */
export const QUEUED_FRAME_COST_BYTES = 256;

/** As many places as may be empty at the front before those behind move up. */
const MAX_EMPTY_PLACES = 64;

/** Frames that wait to be written, in order. Whole messages can be taken out of it. */
export class SendQueue {
  #frames: Array<QueuedFrame | undefined> = [];
  /** Where the first frame is; the places before are empty. */
  #head = 0;
  #payloadBytes = 0;

  /** How many frames wait. */
  get length(): number {
    return this.#frames.length - this.#head;
  }

  /** Payload bytes of the frames. */
  get payloadBytes(): number {
    return this.#payloadBytes;
  }

  get first(): QueuedFrame | undefined {
    return this.#frames[this.#head];
  }

  /** Tells whether `frame` can wait too; what comes first always can, however long it is. */
  hasRoomFor(frame: QueuedFrame, maxBytes: number): boolean {
    const cost = this.#payloadBytes + frame.payload.length + (this.length + 1) * QUEUED_FRAME_COST_BYTES;
    return this.length === 0 || cost <= maxBytes;
  }

  push(frame: QueuedFrame): void {
    this.#frames.push(frame);
    this.#payloadBytes += frame.payload.length;
  }

  /** Takes out the first frame; there is one. */
  shift(): QueuedFrame {
    const frame = this.#frames[this.#head]!;
    this.#frames[this.#head++] = undefined;
    this.#payloadBytes -= frame.payload.length;
    this.#closeGap();
    return frame;
  }

  /**
   * Takes out the oldest message that is here as a whole, with all its fragments; control frames stay.
   *
   * @param begun - Whether the first frame is being prepared, and with it its message begun.
   * @returns Its frames; none when there is no such message.
   */
  dropOldest(begun: boolean): QueuedFrame[] {
    const start = this.#findMessage(this.#head + (begun ? 1 : 0));
    const end = this.#findMessageEnd(start);
    return end < this.#frames.length ? this.#takeData(start, end) : [];
  }

  /** Takes out the message with this callback, if it is here in one frame; returns whether it is. */
  drop(callback: SendCallback): boolean {
    const place = this.#frames.findIndex((frame) => frame?.callback === callback);
    const frame = this.#frames[place];
    if (frame === undefined || !beginsMessage(frame) || !endsMessage(frame)) return false;
    this.#takeData(place, place);
    return true;
  }

  /** Takes out everything. */
  clear(): QueuedFrame[] {
    const frames = this.#frames.slice(this.#head) as QueuedFrame[];
    this.#frames = [];
    this.#head = 0;
    this.#payloadBytes = 0;
    return frames;
  }

  /** Returns the place of the first frame from `at` on that begins a message. */
  #findMessage(at: number): number {
    let place = at;
    while (place < this.#frames.length && !beginsMessage(this.#frames[place]!)) place++;
    return place;
  }

  #findMessageEnd(start: number): number {
    let place = start;
    while (place < this.#frames.length && !endsMessage(this.#frames[place]!)) place++;
    return place;
  }

  /** Takes out the data frames from `start` to `end`; those that stay move up to what is behind. */
  #takeData(start: number, end: number): QueuedFrame[] {
    const frames = this.#frames;
    const dropped: QueuedFrame[] = [];
    let place = end;
    for (let from = end; from >= this.#head; from--) {
      const frame = frames[from]!;
      if (from >= start && isData(frame)) dropped.unshift(frame);
      else frames[place--] = frame;
    }
    frames.fill(undefined, this.#head, place + 1);
    this.#head = place + 1;
    for (const frame of dropped) this.#payloadBytes -= frame.payload.length;
    this.#closeGap();
    return dropped;
  }

  #closeGap(): void {
    if (this.#head * 2 < this.#frames.length + MAX_EMPTY_PLACES) return;
    this.#frames = this.#frames.slice(this.#head);
    this.#head = 0;
  }
}

/** Tells whether a frame goes on with a message. */
export function continuesMessage(frame: QueuedFrame): boolean {
  return opcodeOf(frame) === CONTINUATION;
}

/** Tells whether a frame is one of a message, not a control frame. */
export function isData(frame: QueuedFrame): boolean {
  return !isControlOpcode(opcodeOf(frame));
}

function beginsMessage(frame: QueuedFrame): boolean {
  return isData(frame) && !continuesMessage(frame);
}

function endsMessage(frame: QueuedFrame): boolean {
  return isData(frame) && (firstByteOf(frame) & FIN_BIT) !== 0;
}

function opcodeOf(frame: QueuedFrame): number {
  return firstByteOf(frame) & 0x0f;
}

function firstByteOf({ firstByte, payload }: QueuedFrame): number {
  return firstByte ?? (payload as Uint8Array)[0]!;
}
