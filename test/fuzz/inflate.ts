import assert from 'node:assert/strict';
import { constants, deflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import { Protocol, serializeFrame } from '../../src/core/index.ts';
import { PerMessageDeflate } from '../../src/node/deflate.ts';
import { hex, RecordedEvents, RecordedTransport } from '../core/recorder.ts';
import { cut } from '../property/frame-stream.ts';
import { assertOneEnd } from './frames.ts';
import type { Target } from './target.ts';

interface Input {
  /** The payloads of compressed messages, in hexadecimal, and what they inflate to, where they are right. */
  readonly messages: ReadonlyArray<{ readonly payload: string; readonly plain: string | null }>;
  readonly keepsContext: boolean;
  /** How long a fragment is. */
  readonly fragment: number;
  readonly sizes: readonly number[];
}

const MAX_PAYLOAD = 3000;

const content = fc.oneof(
  fc.uint8Array({ maxLength: 300 }),
  // Bombs, and what is just short enough.
  fc
    .constantFrom(MAX_PAYLOAD - 1, MAX_PAYLOAD, MAX_PAYLOAD + 1, 100_000)
    .map((length) => new Uint8Array(length)),
);
const spoil = fc.constantFrom('not', 'byte', 'end', 'trailing', 'final', 'final and trailing', 'empty block');
/** What changes nothing of a message. */
const RIGHT = ['not', 'final', 'empty block'];
const message = fc
  .tuple(content, spoil, fc.nat(400), fc.nat(255), fc.constantFrom(0, 1, 9))
  .map(([data, how, at, byte, level]) => {
    const payload = spoilt(data, how, at, byte, level);
    // As in ws, the limit holds for the compressed bytes too.
    const isRight = RIGHT.includes(how) && Math.max(data.length, payload.length) <= MAX_PAYLOAD;
    return { payload: hex(payload), plain: isRight ? hex(data) : null };
  });

/** Deflate streams, right, corrupt, huge, with BFINAL and with bytes behind: one verdict, within the limit. */
export const inflate: Target<Input> = {
  name: 'inflate',
  inputs: fc.record({
    messages: fc.array(message, { minLength: 1, maxLength: 4 }),
    keepsContext: fc.boolean(),
    fragment: fc.integer({ min: 20, max: 500 }),
    sizes: fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 4 }),
  }),
  async check({ messages, keepsContext, fragment, sizes }) {
    const stream = Buffer.concat(
      messages.flatMap(({ payload }) => framesOf(Buffer.from(payload, 'hex'), fragment)),
    );
    const whole = await run([Uint8Array.from(stream)], keepsContext);
    const inPieces = await run(cut(Uint8Array.from(stream), sizes), keepsContext);
    assert.deepEqual(verdictOf(inPieces), verdictOf(whole));
    const wrong = messages.findIndex(({ plain }) => plain === null);
    const right = messages
      .slice(0, wrong < 0 ? undefined : wrong)
      .map(({ plain }) => ['message', plain, true]);
    assert.deepEqual(whole.told.slice(0, right.length), right);
  },
};

/** Codes of what may be wrong with one and the same message, and which of them the peer is told with. */
const FAULTS: ReadonlySet<unknown> = new Set(['Z_DATA_ERROR', 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH']);

/**
 * What was told and written. Where a message is too long and corrupt behind that, it depends on how much zlib is asked for at
 * a time which of the two is noticed.
 */
function verdictOf({ told, written }: Awaited<ReturnType<typeof run>>): unknown {
  const last = told.at(-1);
  if (last?.[0] !== 'error' || !FAULTS.has(last[1])) return { told, written };
  return { told: [...told.slice(0, -1), 'a fault'], written: written.length };
}

function spoilt(data: Uint8Array, how: string, at: number, byte: number, level: number): Buffer {
  const final = how.startsWith('final');
  const stream = final
    ? deflateRawSync(data, { level })
    : deflateRawSync(data, { level, finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, -4);
  if (how === 'byte' && at < stream.length) stream[at] = byte;
  if (how === 'end') return stream.subarray(0, at);
  if (how.endsWith('trailing')) return Buffer.concat([stream, Buffer.from([byte, at & 0xff])]);
  // RFC 7692 §7.2.3.4: what goes on after a block with BFINAL set, as its sender has to write it.
  if (how === 'final') return Buffer.concat([stream, Buffer.from([0])]);
  if (how === 'empty block') return Buffer.concat([Buffer.from([0, 0, 0, 0xff, 0xff]), stream]);
  return stream;
}

function framesOf(payload: Buffer, fragment: number): Uint8Array[] {
  const frames: Uint8Array[] = [];
  for (let start = 0; start === 0 || start < payload.length; start += fragment) {
    const fin = start + fragment >= payload.length ? 0x80 : 0;
    const first = start === 0 ? 0x42 : 0;
    frames.push(serializeFrame(fin | first, payload.subarray(start, start + fragment), 7, Buffer.alloc));
  }
  return frames;
}

async function run(chunks: readonly Uint8Array[], keepsContext: boolean) {
  const events = new RecordedEvents();
  const transport = new RecordedTransport();
  const parameters = {
    serverNoContextTakeover: !keepsContext,
    clientNoContextTakeover: !keepsContext,
    serverMaxWindowBits: 15,
    clientMaxWindowBits: 15,
  };
  const compression = new PerMessageDeflate('server', parameters, {});
  const options = {
    maxPayload: MAX_PAYLOAD,
    checkUtf8: true,
    autoPong: true,
    compression,
    generateMaskingKey: () => 0,
    allocate: (length: number) => new Uint8Array(length),
  };
  const protocol = new Protocol('server', options, transport, events);
  transport.flush = () => protocol.flush();
  for (const chunk of chunks) protocol.receive(Uint8Array.from(chunk));
  await new Promise<void>((resolve) => protocol.whenReceived(resolve));
  compression.close();
  assertOneEnd(events);
  for (const [name, data] of events.log) {
    if (name === 'message') assert.ok((data as string).length / 2 <= MAX_PAYLOAD);
  }
  return { told: events.log, written: transport.written };
}
