import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Protocol, type Role } from '../../src/core/index.ts';
import { hex, RecordedEvents, RecordedTransport } from '../core/recorder.ts';
import { cut, frameStream } from '../property/frame-stream.ts';
import { assertOneEnd } from './frames.ts';
import { PieceEvents } from './piece-events.ts';
import type { Target } from './target.ts';

interface Input {
  readonly role: Role;
  readonly chunks: readonly string[];
  readonly checkUtf8: boolean;
  /** Whether reading is held at a piece, in turn. */
  readonly holds: readonly boolean[];
}

const MAX_PAYLOAD = 200;

/** Streams of frames, right and wrong, told in pieces and held in between: what is told as a whole, and nothing past its limit. */
export const pieces: Target<Input> = {
  name: 'pieces',
  inputs: fc
    .record({
      stream: frameStream,
      checkUtf8: fc.boolean(),
      holds: fc.array(fc.boolean(), { minLength: 1, maxLength: 5 }),
    })
    .map(({ stream, ...others }) => ({ role: stream.role, chunks: stream.chunks.map(hex), ...others })),
  check({ role, chunks, checkUtf8, holds }) {
    const given = chunks.map((chunk) => Uint8Array.from(Buffer.from(chunk, 'hex')));
    const expected = run(role, checkUtf8, given, new RecordedEvents());
    for (const parts of [given, cut(Buffer.concat(given), [1]), [Buffer.concat(given)]]) {
      const events = new PieceEvents();
      let count = 0;
      const told = run(role, checkUtf8, parts, events, () => holds[count++ % holds.length]!);
      assert.deepEqual(told, expected);
      assert.ok(events.longest <= MAX_PAYLOAD, `${events.longest} bytes of one message`);
    }
  },
};

/** Feeds a protocol; with `holds` in pieces, each of which may hold it until the next chunk is there. */
function run(
  role: Role,
  checkUtf8: boolean,
  chunks: readonly Uint8Array[],
  events: RecordedEvents,
  holds?: () => boolean,
) {
  const transport = new RecordedTransport();
  const options = {
    maxPayload: MAX_PAYLOAD,
    maxStreamedPayload: MAX_PAYLOAD,
    checkUtf8,
    autoPong: true,
    generateMaskingKey: () => 0,
    allocate: (length: number) => new Uint8Array(length),
  };
  const protocol = new Protocol(role, options, transport, events);
  transport.flush = () => protocol.flush();
  if (events instanceof PieceEvents) {
    protocol.messagesInPieces = true;
    events.onPiece = () => holds!() && protocol.hold();
  }
  for (const chunk of chunks) {
    protocol.receive(Uint8Array.from(chunk));
    protocol.readOn();
  }
  while (protocol.holding) protocol.readOn();
  assertOneEnd(events);
  return { told: events.log, written: transport.written, ended: transport.log.includes('end') };
}
