import fc from 'fast-check';
import { expect, it } from 'vitest';
import { IMPLEMENTATIONS, type Implementation, Stage } from './drop-in-stage.ts';

type Step =
  | { readonly is: 'send'; readonly text: string }
  | { readonly is: 'send bytes'; readonly bytes: Uint8Array<ArrayBuffer> }
  | { readonly is: 'receive'; readonly text: string }
  /** The server closes; the next handshake may have to wait. */
  | {
      readonly is: 'break';
      readonly code: number;
      readonly sends: readonly string[];
      readonly holds: boolean;
    }
  | { readonly is: 'reconnect'; readonly sends: readonly string[] };

// Not empty: an empty list of entries would be no list.
const text = fc.string({ minLength: 1, maxLength: 20, unit: 'grapheme' });
const texts = fc.array(text, { maxLength: 4 });

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ is: fc.constant('send' as const), text }),
  fc.record({ is: fc.constant('send bytes' as const), bytes: fc.uint8Array({ maxLength: 20 }) }),
  fc.record({ is: fc.constant('receive' as const), text }),
  fc.record({
    is: fc.constant('break' as const),
    code: fc.constantFrom(1001, 1012, 3000, 4000, 4999),
    sends: texts,
    holds: fc.boolean(),
  }),
  fc.record({ is: fc.constant('reconnect' as const), sends: texts }),
);

/** What a client and its server see of a program. */
class Run {
  readonly #stage: Stage;
  readonly #ws;
  #connections = 0;
  /** What the client, and the server, will have seen. */
  #events = 1;
  #sent = 0;

  constructor(stage: Stage) {
    this.#stage = stage;
    this.#ws = stage.create();
  }

  async play(steps: readonly Step[]): Promise<{ log: string[]; heard: string[] }> {
    for (const step of steps) await this.#play(step);
    await this.#untilQuiet();
    return { log: this.#stage.log.map(withoutOwnCode), heard: this.#heard };
  }

  async #play(step: Step): Promise<void> {
    if (step.is === 'send') this.#send(step.text);
    else if (step.is === 'send bytes') this.#send(step.bytes);
    else {
      await this.#untilQuiet();
      if (step.is === 'receive') await this.#receive(step.text);
      else if (step.is === 'break') await this.#break(step);
      else this.#reconnect(step.sends);
    }
  }

  #send(data: string | Uint8Array<ArrayBuffer>): void {
    this.#ws.send(data);
    this.#sent++;
  }

  async #receive(text: string): Promise<void> {
    (await this.#stage.peer(this.#connections)).send(text);
    await this.#stage.seen(++this.#events);
  }

  async #break({ code, sends, holds }: Step & { is: 'break' }): Promise<void> {
    if (holds) this.#stage.hold();
    (await this.#stage.peer(this.#connections++)).close(code);
    await this.#stage.seen(++this.#events);
    for (const text of sends) this.#send(text);
    this.#stage.admit();
    this.#events++;
  }

  #reconnect(sends: readonly string[]): void {
    this.#ws.reconnect();
    this.#connections++;
    for (const text of sends) this.#send(text);
    this.#events += 2;
  }

  /** Until all that was asked for has happened. */
  async #untilQuiet(): Promise<void> {
    await this.#stage.seen(this.#events);
    await this.#stage.peer(this.#connections);
    while (this.#heard.length < this.#connections + 1 + this.#sent) {
      await this.#stage.got(this.#stage.heard.length + 1);
    }
  }

  /** When the server hears of a close, is its own affair. */
  get #heard(): string[] {
    return this.#stage.heard.filter((entry) => !/^close \d/.test(entry));
  }
}

/** `reconnect()` has a code of its own with each. */
function withoutOwnCode(entry: string): string {
  return entry.replace(/^close (1000|1006)$/, 'close');
}

async function outcome(Class: Implementation, steps: readonly Step[]) {
  return new Run(await Stage.of(Class)).play(steps);
}

it('any program sees the same with each of them', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
      const [abandoned, party, hawser] = await Promise.all(
        Object.values(IMPLEMENTATIONS).map((Class) => outcome(Class, steps)),
      );
      expect(abandoned).toEqual(hawser);
      expect(party).toEqual(hawser);
    }),
    { numRuns: 40 },
  );
});
