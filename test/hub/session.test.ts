import { describe, expect, it } from 'vitest';
import type { AdapterNode, SessionRecord } from '../../src/hub/adapter.ts';
import { memoryAdapter } from '../../src/hub/memory-adapter.ts';
import { identityOf, randomId, Session } from '../../src/hub/session.ts';

function openAdapter() {
  const adapter = memoryAdapter();
  adapter.open({ history: { count: 1, ageMs: 60_000 } } as AdapterNode);
  const saved: Array<[string, SessionRecord]> = [];
  const { saveSession } = adapter;
  adapter.saveSession = (secret, record) => {
    saved.push([secret, record]);
    return saveSession.call(adapter, secret, record);
  };
  return { adapter, saved };
}

describe('ids', () => {
  it('have 128 random bits', () => {
    const ids = Array.from({ length: 1_000 }, randomId);
    expect(new Set(ids).size).toBe(1_000);
    for (const id of ids) expect(Buffer.from(id, 'base64url')).toHaveLength(16);
    // Each bit is set about half the time: 1,000 fair coins are outside of this once in 10^15 times.
    for (let bit = 0; bit < 128; bit++) {
      const set = ids.filter((id) => (Buffer.from(id, 'base64url')[bit >> 3]! >> (bit & 7)) & 1).length;
      expect(Math.abs(set - 500)).toBeLessThan(130);
    }
  });
});

describe('an identity', () => {
  it('is of a context and a path, and tells nothing of either', () => {
    const identity = identityOf('/', { user: 'ann' });
    expect(identityOf('/', { user: 'ann' })).toBe(identity);
    expect(identityOf('/admin', { user: 'ann' })).not.toBe(identity);
    expect(identityOf('/', { user: 'ben' })).not.toBe(identity);
    expect(identity).toMatch(/^[\w-]{43}$/);
    expect(identityOf('/', undefined)).toMatch(/^[\w-]{43}$/);
  });
});

describe('a session', () => {
  it('is gone on with by its token, with its rooms', async () => {
    const { adapter } = openAdapter();
    const session = Session.begin(adapter, 'ann');
    await session.addRoom('/#a', '1-0');
    await session.addRoom('/#b', '2-0');
    await session.deleteRoom('/#a');
    await session.release();
    const resumed = await Session.resume(adapter, session.token, 'ann');
    expect(resumed).toMatchObject({ token: session.token, socketId: session.socketId, isResumed: true });
    expect([...resumed!.rooms]).toEqual([['/#b', '2-0']]);
    expect(session.isResumed).toBe(false);
  });

  it('is not gone on with by another identity, or when it is over', async () => {
    const { adapter } = openAdapter();
    const session = Session.begin(adapter, 'ann');
    await session.save();
    expect(await Session.resume(adapter, session.token, 'ben')).toBeUndefined();
    expect(await Session.resume(adapter, session.socketId, 'ann')).toBeUndefined();
    await session.end();
    expect(await Session.resume(adapter, session.token, 'ann')).toBeUndefined();
  });

  it('does not show its token to the adapter', async () => {
    const { adapter, saved } = openAdapter();
    const session = Session.begin(adapter, 'ann');
    await session.save();
    expect(saved).toHaveLength(1);
    expect(JSON.stringify(saved)).not.toContain(session.token);
  });
});
