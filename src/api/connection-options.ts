import type { Role } from '../core/index.ts';
import type { ConnectionOptions } from '../node/connection-options.ts';
import { PerMessageDeflate } from '../node/deflate.ts';
import { backPressureOf } from './back-pressure.ts';
import { type Agreed, DEFAULTS, limitOf, type SocketOptions } from './options.ts';

type ControlFrameLimit = NonNullable<ConnectionOptions['maxControlFrames']>;

/** What connections' options are made of. */
const SOURCES = [
  'maxPayload',
  'maxStreamedBytes',
  'skipUTF8Validation',
  'autoPong',
  'maxPendingAutoPongs',
  'maxFragments',
  'maxBufferedChunks',
  'maxControlFramesPerSecond',
  'allowSynchronousEvents',
  'closeTimeout',
  'generateMask',
  'fastPath',
  'highWaterMarkBytes',
  'lowWaterMarkBytes',
  'maxBufferedBytes',
  'slowPeer',
] as const satisfies ReadonlyArray<keyof SocketOptions>;

/** What was made last, and what of: the options themselves may have been changed meanwhile. */
let last: { readonly sources: readonly unknown[]; readonly made: ConnectionOptions } | undefined;

/**
 * Returns what a user's options, and what the opening handshake agreed to, say of a connection. Connections of which both say
 * the same share it: an idle one is to cost little.
 */
export function connectionOptions(
  role: Role,
  options: SocketOptions,
  deflate: Agreed['deflate'],
): ConnectionOptions {
  const shared = sharedOptions(options);
  if (deflate === undefined) return shared;
  const { parameters, tuning } = deflate;
  return { ...shared, compression: new PerMessageDeflate(role, parameters, tuning, options.fastPath) };
}

function sharedOptions(options: SocketOptions): ConnectionOptions {
  if (!last?.sources.every((source, i) => source === options[SOURCES[i]!])) {
    last = { sources: SOURCES.map((name) => options[name]), made: makeOptions(options) };
  }
  return last.made;
}

function makeOptions(options: Pick<SocketOptions, (typeof SOURCES)[number]>): ConnectionOptions {
  return {
    maxPayload: limitOf(options.maxPayload, DEFAULTS.maxPayload),
    maxStreamedPayload: limitOf(options.maxStreamedBytes, DEFAULTS.maxStreamedBytes),
    checkUtf8: !(options.skipUTF8Validation ?? DEFAULTS.skipUTF8Validation),
    autoPong: options.autoPong ?? DEFAULTS.autoPong,
    maxPendingAutoPongs: limitOf(options.maxPendingAutoPongs, DEFAULTS.maxPendingAutoPongs),
    maxFragments: limitOf(options.maxFragments, DEFAULTS.maxFragments),
    maxBufferedChunks: limitOf(options.maxBufferedChunks, DEFAULTS.maxBufferedChunks),
    maxControlFrames: controlFrameLimit(options.maxControlFramesPerSecond),
    synchronousEvents: options.allowSynchronousEvents ?? DEFAULTS.allowSynchronousEvents,
    closeTimeout: options.closeTimeout ?? DEFAULTS.closeTimeout,
    compression: undefined,
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
