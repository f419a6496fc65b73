import type { Role } from '../core/index.ts';
import type { ConnectionOptions } from '../node/connection.ts';
import { PerMessageDeflate } from '../node/deflate.ts';
import { backPressureOf } from './back-pressure.ts';
import { type Agreed, DEFAULTS, limitOf, type SocketOptions } from './options.ts';

type ControlFrameLimit = NonNullable<ConnectionOptions['maxControlFrames']>;

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
    maxControlFrames: controlFrameLimit(options.maxControlFramesPerSecond),
    synchronousEvents: options.allowSynchronousEvents ?? DEFAULTS.allowSynchronousEvents,
    closeTimeout: options.closeTimeout ?? DEFAULTS.closeTimeout,
    compression: deflate && new PerMessageDeflate(role, deflate.parameters, deflate.tuning, options.fastPath),
    generateMask: options.generateMask,
    fastPath: options.fastPath,
    backPressure: backPressureOf(options),
  };
}

const now = (): number => performance.now();

/** Shared by all connections that set none of their own. */
const DEFAULT_CONTROL_FRAME_LIMIT: ControlFrameLimit = {
  perSecond: DEFAULTS.maxControlFramesPerSecond,
  now,
};

/** The limit that a `maxControlFramesPerSecond` option stands for; `undefined` when it is off. */
export function controlFrameLimit(option: number | undefined): ControlFrameLimit | undefined {
  if (option === undefined) return DEFAULT_CONTROL_FRAME_LIMIT;
  const perSecond = limitOf(option, 0);
  return perSecond === Number.MAX_SAFE_INTEGER ? undefined : { perSecond, now };
}
