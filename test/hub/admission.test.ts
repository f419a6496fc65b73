import { describe, expect, it } from 'vitest';
import { Admission } from '../../src/hub/admission.ts';
import { DEFAULT_LIMITS } from '../../src/hub/options.ts';

function admission(limits: Partial<typeof DEFAULT_LIMITS>): Admission {
  return new Admission({ ...DEFAULT_LIMITS, ...limits });
}

function statusOf(enter: () => unknown): unknown {
  try {
    enter();
    return 'in';
  } catch (error) {
    return (error as { status: number }).status;
  }
}

describe('admission', () => {
  it('lets in as many as there may be, and others when some have gone', () => {
    const doors = admission({ connections: 2 });
    const leave = doors.enter('192.0.2.1', 0);
    doors.enter('192.0.2.2', 0);
    expect(statusOf(() => doors.enter('192.0.2.3', 0))).toBe(503);
    leave();
    expect(statusOf(() => doors.enter('192.0.2.3', 0))).toBe('in');
  });

  it('lets in as many of an address as there may be', () => {
    const doors = admission({ connectionsPerAddress: 1 });
    const leave = doors.enter('192.0.2.1', 0);
    expect(statusOf(() => doors.enter('192.0.2.1', 0))).toBe(429);
    expect(statusOf(() => doors.enter('192.0.2.2', 0))).toBe('in');
    leave();
    expect(statusOf(() => doors.enter('192.0.2.1', 0))).toBe('in');
  });

  it('takes all addresses of an IPv6 network for one', () => {
    const doors = admission({ connectionsPerAddress: 1 });
    doors.enter('2001:db8::1', 0);
    expect(statusOf(() => doors.enter('2001:db8::2', 0))).toBe(429);
    expect(statusOf(() => doors.enter('2001:db8:0:1::2', 0))).toBe('in');
  });

  it('counts handshakes of an address, those that were refused too', () => {
    const doors = admission({ connections: 1, handshakesPerAddress: { perSecond: 1, burst: 2 } });
    doors.enter('192.0.2.1', 0);
    expect([0, 0, 1000].map((now) => statusOf(() => doors.enter('192.0.2.1', now)))).toEqual([503, 429, 503]);
  });

  it('forgets addresses that were quiet when there are very many, and keeps those that were not', () => {
    const doors = admission({ connections: 1e6, handshakesPerAddress: { perSecond: 1, burst: 2 } });
    const addressAt = (i: number) => `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`;
    for (let i = 0; i < 9_999; i++) doors.enter(addressAt(i), 0);
    for (let i = 0; i < 2; i++) doors.enter('192.0.2.1', 5_000);
    doors.enter('192.0.2.2', 5_000);
    expect(statusOf(() => doors.enter('192.0.2.1', 5_000))).toBe(429);
  });

  it('says when to come back', () => {
    const doors = admission({ connections: 0 });
    expect(() => doors.enter('192.0.2.1', 0)).toThrow(
      expect.objectContaining({ status: 503, headers: { 'Retry-After': '10' } }),
    );
  });
});
