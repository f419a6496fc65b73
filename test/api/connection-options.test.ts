import { describe, expect, it } from 'vitest';
import { connectionOptions } from '../../src/api/connection-options.ts';
import { DEFAULTS } from '../../src/api/options.ts';

describe('connectionOptions', () => {
  it('has a limit for everything that memory or time is spent on', () => {
    expect(connectionOptions('server', {}, undefined)).toMatchObject({
      maxPayload: 100 * 1024 * 1024,
      checkUtf8: true,
      autoPong: true,
      maxPendingAutoPongs: 60,
      maxControlFrames: { perSecond: 1_000 },
      closeTimeout: 30_000,
      synchronousEvents: true,
      compression: undefined,
      backPressure: { slowPeer: 'close' },
    });
  });

  it('takes what is given', () => {
    const options = {
      maxPayload: 0,
      skipUTF8Validation: true,
      autoPong: false,
      allowSynchronousEvents: false,
      closeTimeout: 5,
      slowPeer: 'wait',
    } as const;
    expect(connectionOptions('client', options, undefined)).toMatchObject({
      maxPayload: Number.MAX_SAFE_INTEGER,
      checkUtf8: false,
      autoPong: false,
      synchronousEvents: false,
      closeTimeout: 5,
      backPressure: { slowPeer: 'wait' },
    });
  });

  it('is shared by connections of which all options say the same, and changes with each of them', () => {
    const shared = connectionOptions('server', {}, undefined);
    expect(connectionOptions('server', { heartbeat: false }, undefined)).toBe(shared);
    const others = [
      { maxPayload: 1 },
      { skipUTF8Validation: true },
      { autoPong: false },
      { maxPendingAutoPongs: 1 },
      { maxFragments: 1 },
      { maxBufferedChunks: 1 },
      { maxControlFramesPerSecond: 1 },
      { allowSynchronousEvents: false },
      { closeTimeout: 1 },
      { generateMask: () => {} },
      { fastPath: false },
      { highWaterMarkBytes: 0x2_0000 },
      { lowWaterMarkBytes: 1 },
      { maxBufferedBytes: 1 },
      { slowPeer: 'wait' },
    ] as const;
    for (const options of others) {
      const plain = connectionOptions('server', {}, undefined);
      expect([options, connectionOptions('server', options, undefined)]).not.toEqual([options, plain]);
    }
  });

  it('reads options anew that were changed meanwhile', () => {
    const options = { maxPayload: 1 };
    expect(connectionOptions('server', options, undefined).maxPayload).toBe(1);
    options.maxPayload = 2;
    expect(connectionOptions('server', options, undefined).maxPayload).toBe(2);
  });

  it('shares the default limit of control frames, and its clock goes on', () => {
    const { maxControlFrames } = connectionOptions('server', {}, undefined);
    expect(connectionOptions('client', {}, undefined).maxControlFrames).toBe(maxControlFrames);
    const before = maxControlFrames!.now();
    expect(maxControlFrames!.now()).toBeGreaterThanOrEqual(before);
  });

  it.each([
    [5, 5],
    [0, undefined],
    [-1, undefined],
    [null as never, undefined],
    [undefined, DEFAULTS.maxControlFramesPerSecond],
  ])('takes maxControlFramesPerSecond: %s for %s', (option, perSecond) => {
    const { maxControlFrames } = connectionOptions(
      'client',
      { maxControlFramesPerSecond: option },
      undefined,
    );
    expect(maxControlFrames?.perSecond).toBe(perSecond);
  });

  it('compresses where that was agreed', () => {
    const parameters = {
      serverNoContextTakeover: false,
      clientNoContextTakeover: false,
      serverMaxWindowBits: 15,
      clientMaxWindowBits: 15,
    };
    const { compression } = connectionOptions('server', {}, { parameters, tuning: {} });
    expect(compression).toBeDefined();
    compression!.close();
  });
});
