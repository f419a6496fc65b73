import type { Role } from '../core/index.ts';
import type { ConnectionOptions } from '../node/connection.ts';
import { PerMessageDeflate } from '../node/deflate.ts';
import { backPressureOf } from './back-pressure.ts';
import { type Agreed, DEFAULTS, limitOf, type SocketOptions } from './options.ts';

/** Makes of a user's options, and of what the opening handshake agreed to, those of a connection. */
export function connectionOptions(
  role: Role,
  options: SocketOptions,
  deflate: Agreed['deflate'],
): ConnectionOptions {
  return {
    maxPayload: limitOf(options.maxPayload, DEFAULTS.maxPayload),
    checkUtf8: !(options.skipUTF8Validation ?? DEFAULTS.skipUTF8Validation),
    autoPong: options.autoPong ?? DEFAULTS.autoPong,
    maxPendingAutoPongs: limitOf(options.maxPendingAutoPongs, DEFAULTS.maxPendingAutoPongs),
    maxFragments: limitOf(options.maxFragments, DEFAULTS.maxFragments),
    maxBufferedChunks: limitOf(options.maxBufferedChunks, DEFAULTS.maxBufferedChunks),
    synchronousEvents: options.allowSynchronousEvents ?? DEFAULTS.allowSynchronousEvents,
    closeTimeout: options.closeTimeout ?? DEFAULTS.closeTimeout,
    compression: deflate && new PerMessageDeflate(role, deflate.parameters, deflate.tuning),
    generateMask: options.generateMask,
    backPressure: backPressureOf(options),
  };
}
