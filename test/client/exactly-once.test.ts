import fc from 'fast-check';
import { expect, it, onTestFinished } from 'vitest';
import type { HubClient } from '../../src/client/index.ts';
import { serveHub } from '../hub/served-hub.ts';
import { connectClient, next } from './connected-client.ts';
import { Cutter } from './cutter.ts';

// A client whose connection is cut wherever its messages are gets each of its rooms' messages once and in order, or is told
// of a gap; and the hub handles each of its reliable events once.

const ROOMS = ['a', 'b'] as const;
type Step = { readonly send: (typeof ROOMS)[number] } | 'emit' | 'cut' | 'turn' | 'reconnected';

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    { weight: 8, arbitrary: fc.record({ send: fc.constantFrom(...ROOMS) }) },
    { weight: 4, arbitrary: fc.constant<Step>('emit') },
    { weight: 4, arbitrary: fc.constant<Step>('turn') },
    { weight: 1, arbitrary: fc.constant<Step>('cut') },
    { weight: 1, arbitrary: fc.constant<Step>('reconnected') },
  ),
  { minLength: 40, maxLength: 200, size: 'max' },
);

it('with a history that is long enough: without a gap', async () => {
  const outcome = { cuts: 0 };
  await fc.assert(
    fc.asyncProperty(steps, async (plan) => {
      const { received, handled, emitted } = await play(plan, 1000, outcome);
      for (const room of ROOMS) {
        expect(received[room]).toEqual(Array.from({ length: received[room].length }, (_, n) => n));
      }
      expect(handled).toEqual(Array.from({ length: emitted }, (_, n) => n));
    }),
    { numRuns: 15 },
  );
  expect(outcome.cuts).toBeGreaterThan(15);
});

it('with a history of two messages: with a gap in the place of each hole', async () => {
  let gaps = 0;
  await fc.assert(
    fc.asyncProperty(steps, async (plan) => {
      const { received } = await play(plan, 2, { cuts: 0 });
      for (const room of ROOMS) {
        let last = -1;
        let mayJump = false;
        for (const item of received[room]) {
          if (item === 'gap') {
            mayJump = true;
            gaps++;
            continue;
          }
          if (mayJump) expect(item).toBeGreaterThan(last);
          else expect(item).toBe(last + 1);
          last = item;
          mayJump = false;
        }
      }
    }),
    { numRuns: 15 },
  );
  expect(gaps).toBeGreaterThan(0);
});

/** Plays a plan, and returns what came of it once everything has come. */
async function play(plan: readonly Step[], count: number, outcome: { cuts: number }) {
  const { hub, url } = await serveHub({
    authorizeJoin: () => true,
    history: { count },
    limits: { messages: { perSecond: 1e6, burst: 1e6 } },
  });
  const cutter = await Cutter.before(url);
  const client = await connectClient(cutter.url, { queue: { maxMessages: 1000 } });
  await Promise.all(ROOMS.map((room) => client.join(room)));
  const received = { a: [] as Array<number | 'gap'>, b: [] as Array<number | 'gap'> };
  const handled: unknown[] = [];
  hub.on('n', (data) => void handled.push(data));
  client.on('n', (data, { room }) => received[room as 'a'].push(data as number));
  client.on('gap', ({ room }) => received[room as 'a']?.push('gap'));
  const sent = { a: 0, b: 0 };
  const answers: Promise<unknown>[] = [];
  for (const step of plan) {
    if (step === 'turn') await new Promise((resolve) => setImmediate(resolve));
    else if (step === 'reconnected') await connected(client);
    else if (step === 'emit') answers.push(client.emit('n', answers.length, { reliable: true }));
    else if (step === 'cut') {
      cutter.cut();
      outcome.cuts++;
    } else void hub.to(step.send).emit('n', sent[step.send]++);
  }
  await connected(client);
  await Promise.all(answers);
  await Promise.all(
    ROOMS.map((room) => end(client, () => void hub.to(room).emit('n', sent[room]++), sent, room)),
  );
  client.close();
  return { received, handled, emitted: answers.length };
}

async function connected(client: HubClient): Promise<void> {
  if (client.state !== 'connected') await next(client, 'connected');
}

/** Waits until a last message has come. */
async function end(
  client: HubClient,
  send: () => void,
  sent: { readonly a: number; readonly b: number },
  room: 'a' | 'b',
): Promise<void> {
  await new Promise<void>((resolve) => {
    const stop = client.on('n', (data, context) => {
      if (context.room !== room || data !== sent[room] - 1) return;
      stop();
      resolve();
    });
    onTestFinished(stop);
    send();
  });
}
