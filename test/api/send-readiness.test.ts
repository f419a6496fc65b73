import { describe, expect, it } from 'vitest';
import { CLOSED, CLOSING, CONNECTING, OPEN, type ReadyState } from '../../src/api/ready-state.ts';
import { SendReadiness } from '../../src/api/send-readiness.ts';

const NOT_OPEN = { code: 'WS_ERR_NOT_OPEN' };

function setUp(readyState: ReadyState, writableNeedDrain = false) {
  const log: unknown[] = [];
  const readiness = new SendReadiness({ readyState, writableNeedDrain });
  const wait = (name: string, signal?: AbortSignal) =>
    readiness.wait(signal).then(
      () => log.push(name),
      (error) => log.push([name, error]),
    );
  return { readiness, log, wait };
}

describe('SendReadiness', () => {
  it('resolves at once when nothing has to wait', async () => {
    const { log, wait } = setUp(OPEN);
    await wait('a');
    expect(log).toEqual(['a']);
  });

  it.each([
    ['a drain is due', OPEN, true],
    ['the connection is not open yet', CONNECTING, false],
  ] as const)('waits while %s, and lets all go on in order', async (_name, state, needsDrain) => {
    const { readiness, log, wait } = setUp(state, needsDrain);
    const all = [wait('a'), wait('b')];
    await Promise.resolve();
    expect(log).toEqual([]);
    readiness.ready();
    readiness.over();
    await Promise.all(all);
    expect(log).toEqual(['a', 'b']);
  });

  it.each<ReadyState>([CLOSING, CLOSED])('rejects in state %i', async (state) => {
    await expect(
      new SendReadiness({ readyState: state, writableNeedDrain: false }).wait(undefined),
    ).rejects.toMatchObject(NOT_OPEN);
  });

  it('rejects when the connection is over while it waits', async () => {
    const { readiness, log, wait } = setUp(OPEN, true);
    const waiting = wait('a');
    readiness.over();
    await waiting;
    expect(log).toMatchObject([['a', NOT_OPEN]]);
  });

  it('rejects with the reason of a signal, now and later, and leaves nothing on it', async () => {
    const { readiness, log, wait } = setUp(OPEN, true);
    const reason = new Error('enough');
    await wait('late', AbortSignal.abort(reason));
    const controller = new AbortController();
    const { signal } = controller;
    let listeners = 0;
    const { addEventListener, removeEventListener } = signal;
    signal.addEventListener = (...args: unknown[]) => {
      listeners++;
      return Reflect.apply(addEventListener, signal, args);
    };
    signal.removeEventListener = (...args: unknown[]) => {
      listeners--;
      return Reflect.apply(removeEventListener, signal, args);
    };
    const waiting = wait('aborted', signal);
    const other = wait('other', signal);
    expect(listeners).toBe(2);
    controller.abort(reason);
    await Promise.all([waiting, other]);
    readiness.ready();
    expect([log, listeners]).toEqual([
      [
        ['late', reason],
        ['aborted', reason],
        ['other', reason],
      ],
      0,
    ]);
  });
});
