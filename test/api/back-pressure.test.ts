import { describe, expect, it } from 'vitest';
import { backPressureOf, earlyMessageLimitsOf } from '../../src/api/back-pressure.ts';
import type { ConnectionLimits } from '../../src/index.ts';
import { WebSocket, WebSocketServer } from '../../src/index.ts';

describe('backPressureOf', () => {
  it('has defaults, the same for all', () => {
    expect(backPressureOf({})).toEqual({
      highWaterMarkBytes: 65_536,
      lowWaterMarkBytes: 16_384,
      maxBufferedBytes: 134_217_728,
      slowPeer: 'close',
    });
    expect(backPressureOf({ maxPayload: 1 })).toBe(backPressureOf({}));
  });

  it('takes what is given, and keeps the low mark below the high one', () => {
    expect(backPressureOf({ highWaterMarkBytes: 1000, maxBufferedBytes: 0, slowPeer: 'wait' })).toEqual({
      highWaterMarkBytes: 1000,
      lowWaterMarkBytes: 1000,
      maxBufferedBytes: Number.MAX_SAFE_INTEGER,
      slowPeer: 'wait',
    });
  });

  it.each<[ConnectionLimits, typeof RangeError | typeof TypeError]>([
    [{ highWaterMarkBytes: -1 }, RangeError],
    [{ highWaterMarkBytes: Number.NaN }, RangeError],
    [{ lowWaterMarkBytes: -1 }, RangeError],
    [{ highWaterMarkBytes: 1, lowWaterMarkBytes: 2 }, RangeError],
    [{ slowPeer: 'drop' as 'wait' }, TypeError],
  ])('refuses %o, also where options are given', (options, error) => {
    expect(() => backPressureOf(options)).toThrow(error);
    expect(() => new WebSocketServer({ noServer: true, ...options })).toThrow(error);
    expect(() => new WebSocket('ws://127.0.0.1:1/', options)).toThrow(error);
  });
});

describe('earlyMessageLimitsOf', () => {
  it('has defaults, takes what is given, and 0 for not at all', () => {
    expect(earlyMessageLimitsOf({})).toEqual({ timeoutMs: 10_000, maxBytes: 1_048_576 });
    expect(earlyMessageLimitsOf({ maxEarlyMessageBytes: 5 })).toEqual({ timeoutMs: 10_000, maxBytes: 5 });
    expect(earlyMessageLimitsOf({ earlyMessageTimeoutMs: 5 })).toEqual({ timeoutMs: 5, maxBytes: 1_048_576 });
    expect(earlyMessageLimitsOf({ earlyMessageTimeoutMs: 0 })).toBeNull();
  });
});
