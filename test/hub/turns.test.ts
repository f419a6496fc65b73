import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Turns } from '../../src/hub/turns.ts';

/** Work that notes when it begins, and is told when it has begun and when it is over. */
function controlled(name: string, log: string[]) {
  let over = (): void => {};
  let begun = (): void => {};
  const work = (begin: () => void): Promise<void> => {
    log.push(name);
    begun = begin;
    return new Promise((resolve) => {
      over = resolve;
    });
  };
  return { work, begun: () => begun(), over: () => over() };
}

const settled = () => new Promise(setImmediate);

describe('Turns', () => {
  it('begins at once what nothing is before', () => {
    const log: string[] = [];
    const turns = new Turns();
    const [one, two] = [controlled('one', log), controlled('two', log)];
    turns.take(one.work);
    one.begun();
    turns.take(two.work);
    expect(log).toEqual(['one', 'two']);
  });

  it('lets work wait for what has not begun, until that is over', async () => {
    const log: string[] = [];
    const turns = new Turns();
    const [join, say, leave] = ['join', 'say', 'leave'].map((name) => controlled(name, log));
    for (const { work } of [join!, say!, leave!]) turns.take(work);
    expect(log).toEqual(['join']);
    join!.over();
    await settled();
    expect(log).toEqual(['join', 'say']);
    say!.begun();
    expect(log).toEqual(['join', 'say', 'leave']);
    // That it is over then is nobody's turn.
    say!.over();
    turns.take(controlled('last', log).work);
    await settled();
    expect(log).toEqual(['join', 'say', 'leave']);
  });

  it('keeps the order, whatever each does', async () => {
    const kind = fc.constantFrom('now', 'begun', 'later', 'begun later');
    await fc.assert(
      fc.asyncProperty(fc.array(kind, { maxLength: 20 }), async (kinds) => {
        const turns = new Turns();
        const log: number[] = [];
        kinds.forEach((each, i) => {
          turns.take(async (begun) => {
            if (each === 'begun later') await settled();
            log.push(i);
            if (each.startsWith('begun')) begun();
            if (each !== 'now') await settled();
          });
        });
        while (log.length < kinds.length) await settled();
        expect(log).toEqual(kinds.map((_, i) => i));
      }),
      { numRuns: 50 },
    );
  });
});
