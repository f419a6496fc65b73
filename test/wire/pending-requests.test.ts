import { describe, expect, it } from 'vitest';
import { PendingRequests } from '../../src/wire/pending-requests.ts';

function pendingWithIds(limit = 10) {
  const pending = new PendingRequests(limit);
  const ids: number[] = [];
  return { pending, ids, send: (id: number) => void ids.push(id) };
}

describe('a request', () => {
  it('gets the answer with its id, once', async () => {
    const { pending, ids, send } = pendingWithIds();
    const [a, b] = [pending.start(send), pending.start(send)];
    expect(ids).toEqual([1, 2]);
    pending.resolve(2, 'b');
    pending.resolve(1, 'a');
    pending.resolve(1, 'again');
    pending.reject(7, new Error('of nobody'));
    expect([await a, await b, pending.size]).toEqual(['a', 'b', 0]);
  });

  it('gets the error that was answered', async () => {
    const { pending, send } = pendingWithIds();
    const answer = pending.start(send);
    pending.reject(1, new Error('no'));
    await expect(answer).rejects.toThrow('no');
  });

  it('waits no longer than it is told', async () => {
    const { pending, send } = pendingWithIds();
    await expect(pending.start(send, { timeoutMs: 1 })).rejects.toMatchObject({ code: 'TIMEOUT' });
    expect(pending.size).toBe(0);
  });

  it('is given up by a signal', async () => {
    const { pending, ids, send } = pendingWithIds();
    const controller = new AbortController();
    const answer = pending.start(send, { signal: controller.signal, timeoutMs: 0 });
    controller.abort('not needed');
    await expect(answer).rejects.toMatchObject({ code: 'ABORTED', details: 'not needed' });
    await expect(pending.start(send, { signal: controller.signal })).rejects.toMatchObject({
      code: 'ABORTED',
    });
    expect([ids, pending.size]).toEqual([[1], 0]);
  });

  it('is not sent while too many wait', async () => {
    const { pending, ids, send } = pendingWithIds(1);
    const first = pending.start(send);
    await expect(pending.start(send)).rejects.toMatchObject({ code: 'TOO_MANY_PENDING' });
    pending.resolve(1, 'a');
    await first;
    const second = pending.start(send);
    pending.resolve(2, 'b');
    expect([await second, ids]).toEqual(['b', [1, 2]]);
  });

  it('fails where it cannot be sent', async () => {
    const { pending } = pendingWithIds();
    const answer = pending.start(() => {
      throw new TypeError('no JSON');
    });
    await expect(answer).rejects.toThrow('no JSON');
    expect(pending.size).toBe(0);
  });

  it('ends with all others when no answer can come', async () => {
    const { pending, send } = pendingWithIds();
    const answers = [pending.start(send), pending.start(send)];
    pending.rejectAll(new Error('closed'));
    for (const answer of answers) await expect(answer).rejects.toThrow('closed');
  });
});
