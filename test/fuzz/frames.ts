import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Protocol, ProtocolError, type ProtocolErrorCode, type Role } from '../../src/core/index.ts';
import { hex, RecordedEvents, RecordedTransport } from '../core/recorder.ts';
import { cut, frameStream } from '../property/frame-stream.ts';
import { compare, ours, theirs } from '../property/receiver-verdict.ts';
import type { Target } from './target.ts';

interface Input {
  readonly role: Role;
  readonly chunks: readonly string[];
  readonly checkUtf8: boolean;
}

/** Memory that frames are batched in; all connections share it. */
const SHARED_BYTES = 65_536;
/** What memory may cost beside a multiple of the bytes that came. */
const FIXED_BYTES = 1024;
const MAX_GROWTH = 4;

/** Streams of frames, right and wrong: no exception, one end, the same however cut, and what ws says. */
export const frames: Target<Input> = {
  name: 'frames',
  inputs: fc
    .record({ stream: frameStream, checkUtf8: fc.boolean() })
    .map(({ stream, checkUtf8 }) => ({ role: stream.role, chunks: stream.chunks.map(hex), checkUtf8 })),
  async check({ role, chunks, checkUtf8 }) {
    const pieces = chunks.map((chunk) => Uint8Array.from(Buffer.from(chunk, 'hex')));
    const whole = Uint8Array.from(Buffer.concat(pieces));
    const told = run(role, checkUtf8, pieces);
    assert.deepEqual(run(role, checkUtf8, [whole]), told);
    assert.deepEqual(run(role, checkUtf8, cut(whole, [1])), told);
    compare(ours(role, pieces), await theirs(role, pieces));
  },
};

function run(role: Role, checkUtf8: boolean, chunks: readonly Uint8Array[]) {
  const events = new RecordedEvents();
  const transport = new RecordedTransport();
  let received = 0;
  const options = {
    maxPayload: 200,
    checkUtf8,
    autoPong: true,
    generateMaskingKey: () => 0,
    allocate: (length: number) => {
      // What is written is 125 bytes of pong and its header at most.
      const bound = received * MAX_GROWTH + FIXED_BYTES;
      if (length > bound && length !== SHARED_BYTES) assert.fail(`${length} bytes for ${received} that came`);
      return new Uint8Array(length);
    },
  };
  const protocol = new Protocol(role, options, transport, events);
  transport.flush = () => protocol.flush();
  for (const chunk of chunks) {
    received += chunk.length;
    protocol.receive(Uint8Array.from(chunk));
  }
  assertOneEnd(events);
  return { told: events.log, written: transport.written, ended: transport.log.includes('end') };
}

/** At most one error or close, as the last of the events, and with a code of the one table. */
export function assertOneEnd(events: RecordedEvents): void {
  const end = events.log.findIndex(([name]) => name === 'error' || name === 'close');
  if (end < 0) return;
  assert.deepEqual(events.log.slice(end + 1), []);
  const [name, code] = events.log[end]!;
  if (name === 'error') {
    assert.equal(typeof new ProtocolError(code as ProtocolErrorCode, '').closeCode, 'number', `${code}`);
  }
}
