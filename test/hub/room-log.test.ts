import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EMPTIED } from '../../src/hub/adapter.ts';
import { RoomLog } from '../../src/hub/room-log.ts';
import { compareOffsets } from '../../src/wire/index.ts';
import { roomMessage } from './room-message.ts';

const LIMITS = { count: 3, ageMs: 100 };

function logWithClock(limits: { count: number; ageMs: number; bytes?: number } = LIMITS, start = '0-0') {
  const clock = { now: 1_000 };
  return { clock, log: new RoomLog(limits, start, () => clock.now) };
}

const typesIn = ({ entries }: { entries: ReadonlyArray<{ type: string }> }) =>
  entries.map(({ type }) => type);

describe('a log', () => {
  it('gives what came after a place', () => {
    const { log } = logWithClock();
    const [a, b] = ['a', 'b'].map((type) => log.append(roomMessage(type)));
    expect(typesIn(log.after('0-0'))).toEqual(['a', 'b']);
    expect(typesIn(log.after(a!.offset!))).toEqual(['b']);
    expect(log.after(b!.offset!)).toEqual({ entries: [], complete: true });
    expect(log.head).toBe(b!.offset);
  });

  it('numbers messages of one millisecond, and of a clock that goes back', () => {
    const { log, clock } = logWithClock();
    const offsets = [1_000, 1_000, 900, 1_001].map((now) => {
      clock.now = now;
      return log.append(roomMessage('a')).offset;
    });
    expect(offsets).toEqual(['1000-0', '1000-1', '1000-2', '1001-0']);
  });

  it('knows where the room was emptied when it has dropped that, too', () => {
    const { log } = logWithClock();
    expect(log.emptiedAt).toBeUndefined();
    const { offset } = log.append(roomMessage(EMPTIED));
    for (const type of ['a', 'b', 'c']) log.append(roomMessage(type));
    expect(typesIn(log.after('0-0'))).toEqual(['a', 'b', 'c']);
    expect(log.emptiedAt).toBe(offset);
  });

  it('says what it dropped, by count', () => {
    const { log } = logWithClock();
    const [first, second] = ['a', 'b', 'c', 'd'].map((type) => log.append(roomMessage(type)).offset!);
    expect([log.after('0-0').complete, log.after(first!).complete]).toEqual([false, true]);
    expect(typesIn(log.after('0-0'))).toEqual(['b', 'c', 'd']);
    expect(typesIn(log.after(second!))).toEqual(['c', 'd']);
  });

  it('says what it dropped, by age', () => {
    const { log, clock } = logWithClock();
    const first = log.append(roomMessage('a')).offset!;
    clock.now += 101;
    expect(log.after('0-0')).toEqual({ entries: [], complete: false });
    expect(log.after(first)).toEqual({ entries: [], complete: true });
  });

  it('says what it dropped, by bytes, of which each message has some for itself', () => {
    const { log } = logWithClock({ count: 100, ageMs: 100, bytes: 1_000 });
    const offsets = [0, 0, 400].map(
      (bytes) => log.append(roomMessage('a', { body: 'x'.repeat(bytes) })).offset!,
    );
    expect(log.after(offsets[0]!)).toMatchObject({ complete: true });
    expect(log.after('0-0').complete).toBe(false);
    log.append(roomMessage('huge', { body: new Uint8Array(2_000) }));
    expect(log.after(offsets[2]!)).toEqual({ entries: [], complete: false });
  });

  it('knows nothing of before it began, and of what has not come', () => {
    const { log } = logWithClock(LIMITS, '500-0');
    expect(['499-9', '500-0', '500-1'].map((place) => log.after(place).complete)).toEqual([
      false,
      true,
      false,
    ]);
  });
});

describe('a log beside a simple model', () => {
  it('has the same entries, and says complete exactly where nothing is missing', () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant('append' as const), bytes: fc.nat(700) }),
      fc.record({ kind: fc.constant('wait' as const), ms: fc.nat(80) }),
      fc.record({ kind: fc.constant('read' as const), place: fc.nat(30) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), fc.integer({ min: 1, max: 8 }), (steps, count) => {
        const limits = { count, ageMs: 100, bytes: 2_000 };
        const { log, clock } = logWithClock(limits, '1-0');
        /** All that ever came; those before `first` are dropped. */
        const all: Array<{ offset: string; at: number; bytes: number }> = [];
        let first = 0;
        const trim = () => {
          const kept = () => all.slice(first);
          const isOld = (each: { at: number } | undefined) => each !== undefined && each.at < clock.now - 100;
          const bytes = () => kept().reduce((sum, each) => sum + 256 + each.bytes, 0);
          while (kept().length > count || bytes() > limits.bytes || isOld(all[first])) first++;
        };
        for (const each of steps) {
          if (each.kind === 'wait') clock.now += each.ms;
          else if (each.kind === 'append') {
            const { offset } = log.append(roomMessage('a', { body: 'x'.repeat(each.bytes) }));
            if (all.length > 0) expect(compareOffsets(offset!, all.at(-1)!.offset)).toBeGreaterThan(0);
            all.push({ offset: offset!, at: clock.now, bytes: each.bytes });
            trim();
          } else {
            trim();
            const places = ['1-0', ...all.map(({ offset }) => offset)];
            const index = each.place % places.length;
            const { entries, complete } = log.after(places[index]!);
            expect(entries.map(({ offset }) => offset)).toEqual(places.slice(Math.max(index, first) + 1));
            expect(complete).toBe(index >= first);
          }
        }
      }),
    );
  });
});
