import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Sender, SenderCallback, SenderData, SenderSendOptions } from '../../src/ws/sender.ts';
import { outcome } from '../handshake/ws-oracle.ts';
import { type ExportedClasses, hawser, ws } from './exported-classes.ts';
import { called, fillKey, senderOf } from './sender-setup.ts';

const data: fc.Arbitrary<() => SenderData> = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 140 }).map((text) => () => text),
  fc.uint8Array({ maxLength: 140 }).map((bytes) => () => Buffer.from(bytes)),
  fc.uint8Array({ maxLength: 140 }).map((bytes) => () => bytes.slice().buffer),
  fc.uint8Array({ maxLength: 140 }).map((bytes) => () => new DataView(bytes.slice().buffer)),
  fc.array(fc.nat(255), { maxLength: 5 }).map((list) => () => [...list]),
  fc.string({ maxLength: 140 }).map((text) => () => new Blob([text])),
  fc.constantFrom(126, 65_535, 65_536, 100_000).map((length) => () => Buffer.alloc(length, 'ab')),
);
const mask = fc.boolean();
type Step = (sender: Sender, callback: SenderCallback) => void;
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc
      .tuple(
        data,
        fc.record(
          { fin: fc.boolean(), compress: fc.boolean(), binary: fc.boolean(), mask },
          { requiredKeys: [] },
        ),
      )
      .map(
        ([make, options]): Step =>
          (sender, callback) =>
            sender.send(make(), options satisfies SenderSendOptions, callback),
      ),
  },
  {
    weight: 1,
    arbitrary: fc.tuple(data, mask).map(
      ([make, masked]): Step =>
        (sender, callback) =>
          sender.ping(make(), masked, callback),
    ),
  },
  {
    weight: 1,
    arbitrary: fc.tuple(data, mask).map(
      ([make, masked]): Step =>
        (sender, callback) =>
          sender.pong(make(), masked, callback),
    ),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(
        fc.constantFrom(undefined, 999, 1000, 1005, 4000),
        fc.oneof(fc.string({ maxLength: 130 }), fc.uint8Array({ maxLength: 130 }), fc.constant(undefined)),
        mask,
      )
      .map(
        ([code, reason, masked]): Step =>
          (sender, callback) =>
            sender.close(code, reason, masked, callback),
      ),
  },
);
const parameters = fc.constantFrom(
  {},
  { client_no_context_takeover: [true] },
  { client_max_window_bits: ['9'] },
);

/** What is written for `steps`, and what is called back with, each in order. */
async function logOf(
  exported: ExportedClasses,
  steps: readonly Step[],
  accepted: object,
): Promise<unknown[]> {
  const deflate = new exported.PerMessageDeflate({ threshold: 50 });
  deflate.accept([structuredClone(accepted) as Record<string, string[]>]);
  const { socket, sender } = senderOf(exported, deflate, fillKey);
  const told: string[] = [];
  const outcomes = steps.map((run, i) =>
    outcome(() => {
      run(sender, (error) => told.push(`${i}: ${error}`));
    }),
  );
  await called((callback) => sender.pong('', false, callback));
  deflate.cleanup();
  return [outcomes, socket.log, told];
}

it('writes the same as that of ws, and calls back alike, for any calls', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 8 }), parameters, async (steps, accepted) => {
      expect(await logOf(hawser, steps, accepted)).toEqual(await logOf(ws, steps, accepted));
    }),
    { numRuns: 300 },
  );
});
