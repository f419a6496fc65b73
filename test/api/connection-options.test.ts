import { expect, it } from 'vitest';
import { connectionOptions } from '../../src/api/connection-options.ts';

it('has the defaults', () => {
  expect(connectionOptions('server', {}, undefined)).toMatchObject({
    maxPayload: 104_857_600,
    checkUtf8: true,
    autoPong: true,
    maxPendingAutoPongs: 60,
    synchronousEvents: true,
    closeTimeout: 30_000,
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
