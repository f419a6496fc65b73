import fc from 'fast-check';
import { expect, it } from 'vitest';
import { serializeFrame } from '../../src/core/index.ts';
import type { PerMessageDeflate } from '../../src/ws/permessage-deflate.ts';
import type { ReceiverOptions } from '../../src/ws/receiver.ts';
import { compress, hawser, IMPLEMENTATIONS } from './exported-classes.ts';
import { logOf } from './receiver-log.ts';

interface Message {
  readonly isBinary: boolean;
  readonly compressed: boolean;
  readonly fragments: readonly Uint8Array[];
  /** Control frames behind each fragment. */
  readonly between: ReadonlyArray<{ readonly opcode: number; readonly payload: Uint8Array }>;
}

const text = fc.string({ unit: 'binary', maxLength: 60 }).map((value) => Buffer.from(value));
const bytes = fc.oneof(
  { weight: 6, arbitrary: fc.uint8Array({ maxLength: 140 }) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(126, 65_535, 65_536, 70_000).map((length) => Buffer.alloc(length, 'ab')),
  },
);
const control = fc.record({ opcode: fc.constantFrom(9, 10), payload: fc.uint8Array({ maxLength: 125 }) });
const message: fc.Arbitrary<Message> = fc.boolean().chain((isBinary) =>
  fc.record({
    isBinary: fc.constant(isBinary),
    compressed: fc.boolean(),
    fragments: fc.array(isBinary ? bytes : text, { minLength: 1, maxLength: 4 }),
    between: fc.array(control, { maxLength: 3 }),
  }),
);

interface Session {
  readonly isServer: boolean;
  readonly messages: readonly Message[];
  readonly close: Uint8Array | undefined;
  readonly sizes: readonly number[];
  readonly allowSynchronousEvents: boolean;
  readonly binaryType: NonNullable<ReceiverOptions['binaryType']>;
}

const session: fc.Arbitrary<Session> = fc.record({
  isServer: fc.boolean(),
  messages: fc.array(message, { maxLength: 5 }),
  close: fc.constantFrom(
    undefined,
    Buffer.alloc(0),
    Buffer.from('03e8', 'hex'),
    Buffer.from('0fa0627965', 'hex'),
  ),
  sizes: fc.array(fc.oneof(fc.integer({ min: 1, max: 16 }), fc.integer({ min: 1, max: 100_000 })), {
    minLength: 1,
    maxLength: 5,
  }),
  allowSynchronousEvents: fc.boolean(),
  binaryType: fc.constantFrom('nodebuffer', 'arraybuffer', 'fragments', 'blob'),
});

/** The frames of a session, as bytes. */
async function framesOf(
  { isServer, messages, close }: Session,
  deflate: PerMessageDeflate,
): Promise<Buffer[]> {
  const frames: Uint8Array[] = [];
  const add = (firstByte: number, payload: Uint8Array) =>
    frames.push(serializeFrame(firstByte, payload, isServer ? 0x12345678 : undefined, Buffer.alloc));
  for (const { isBinary, compressed, fragments, between } of messages) {
    for (const [i, fragment] of fragments.entries()) {
      const fin = i === fragments.length - 1;
      const opcode = i > 0 ? 0 : isBinary ? 2 : 1;
      const rsv1 = compressed && i === 0 ? 0x40 : 0;
      add((fin ? 0x80 : 0) | rsv1 | opcode, compressed ? await compress(deflate, fragment, fin) : fragment);
      const each = between[i];
      if (each !== undefined) add(0x80 | each.opcode, each.payload);
    }
  }
  if (close !== undefined) add(0x88, close);
  return frames.map((frame) => Buffer.from(frame));
}

function cut(whole: Uint8Array, sizes: readonly number[]): Uint8Array[] {
  const chunks: Uint8Array[] = [];
  // Many tiny chunks of a large message say no more than a few.
  const step = Math.ceil(whole.length / 4000);
  for (let start = 0, i = 0; start < whole.length; i++) {
    const size = sizes[i % sizes.length]! * step;
    chunks.push(whole.subarray(start, start + size));
    start += size;
  }
  return chunks;
}

it('emits what the receiver of ws emits, for any messages, cut in any way', async () => {
  await fc.assert(
    fc.asyncProperty(session, async (given) => {
      const peer = new hawser.PerMessageDeflate({ isServer: !given.isServer });
      peer.accept([{}]);
      const whole = Buffer.concat(await framesOf(given, peer));
      peer.cleanup();
      const { isServer, allowSynchronousEvents, binaryType } = given;
      const logs = IMPLEMENTATIONS.map(async ([, exported]) => {
        const deflate = new exported.PerMessageDeflate({ isServer });
        deflate.accept([{}]);
        const extensions = { 'permessage-deflate': deflate };
        const options = { isServer, allowSynchronousEvents, binaryType, extensions };
        const log = await logOf(exported, options, cut(whole, given.sizes));
        deflate.cleanup();
        return log;
      });
      const [theirs, ours] = await Promise.all(logs);
      // A difference that is listed: the fragments of compressed messages.
      fc.pre(
        binaryType !== 'fragments' ||
          given.messages.every(({ compressed, isBinary }) => !(compressed && isBinary)),
      );
      expect(ours).toEqual(theirs);
    }),
    { numRuns: 500 },
  );
}, 60_000);

it('keeps the limits that the receiver of ws keeps, for any messages, cut in any way', async () => {
  const limit = fc.nat(6);
  const limits = fc.oneof(
    limit.map((maxPayload) => ({ maxPayload: maxPayload * 20 })),
    limit.map((maxFragments) => ({ maxFragments })),
    // Below 8, ws may come upon it in a header: a difference that is listed.
    limit.map((maxBufferedChunks) => ({ maxBufferedChunks: maxBufferedChunks + 8 })),
  );
  await fc.assert(
    fc.asyncProperty(session, limits, async (given, limited) => {
      const plain = { ...given, messages: given.messages.map((each) => ({ ...each, compressed: false })) };
      const whole = Buffer.concat(await framesOf(plain, new hawser.PerMessageDeflate()));
      // Events are not deferred: with chunks that wait, a fault ends the process of ws, which is listed.
      const options = { isServer: given.isServer, ...limited };
      const [theirs, ours] = await Promise.all(
        IMPLEMENTATIONS.map(([, exported]) => logOf(exported, options, cut(whole, given.sizes))),
      );
      expect(ours).toEqual(theirs);
    }),
    { numRuns: 1000 },
  );
}, 60_000);
