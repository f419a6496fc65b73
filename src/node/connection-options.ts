import { isUtf8 } from 'node:buffer';
import { type BackPressure, isValidUtf8, type ProtocolOptions } from '../core/index.ts';
import type { PerMessageDeflate } from './deflate.ts';
import { generateMaskingKey, maskingKeyFrom } from './masking-key.ts';
import { allocateBuffer, bufferMemory } from './payload-memory.ts';

export interface ConnectionOptions {
  /** The longest message to accept, in bytes. */
  readonly maxPayload: number;
  /** The longest message in pieces to accept, in bytes; nothing for no limit. */
  readonly maxStreamedPayload?: number | undefined;
  readonly checkUtf8: boolean;
  readonly autoPong: boolean;
  /** 0 or nothing for no limit, like the two below. */
  readonly maxPendingAutoPongs?: number | undefined;
  readonly maxFragments?: number | undefined;
  readonly maxBufferedChunks?: number | undefined;
  readonly maxControlFrames?: ProtocolOptions['maxControlFrames'];
  /** Whether several events may come in one tick; default true. */
  readonly synchronousEvents?: boolean | undefined;
  /** How long a closing handshake may take before the socket is destroyed, in milliseconds. */
  readonly closeTimeout: number;
  readonly compression: PerMessageDeflate | undefined;
  readonly generateMask: ((key: Buffer) => void) | undefined;
  /** Whether Node's internals may be used; default true. */
  readonly fastPath?: boolean | undefined;
  /** How much may wait to be sent; without it, what waits for room has no limit. */
  readonly backPressure?: BackPressure | undefined;
}

/** When a socket has enough, and when it has room again, where nothing is said; as Node's own streams. */
export const DEFAULT_HIGH_WATER_MARK_BYTES = 0x1_0000;
export const DEFAULT_LOW_WATER_MARK_BYTES = 0x4000;

/** How much may wait where nothing is said. */
export const UNLIMITED: BackPressure = {
  highWaterMarkBytes: DEFAULT_HIGH_WATER_MARK_BYTES,
  lowWaterMarkBytes: DEFAULT_LOW_WATER_MARK_BYTES,
  maxBufferedBytes: Number.POSITIVE_INFINITY,
  slowPeer: 'wait',
};

/** What was made last, and of what. */
let last: { readonly options: ConnectionOptions; readonly made: ProtocolOptions } | undefined;

/** Returns the options of a connection's protocol; those with the same options share them: an idle one is to cost little. */
export function protocolOptions(options: ConnectionOptions): ProtocolOptions {
  // It would keep the compression of a connection that is gone.
  if (options.compression !== undefined) return makeProtocolOptions(options);
  if (last?.options !== options) last = { options, made: makeProtocolOptions(options) };
  return last.made;
}

function makeProtocolOptions(options: ConnectionOptions): ProtocolOptions {
  const { generateMask } = options;
  return {
    maxPayload: options.maxPayload,
    maxStreamedPayload: options.maxStreamedPayload,
    checkUtf8: options.checkUtf8,
    isUtf8: checkUtf8,
    autoPong: options.autoPong,
    maxPendingAutoPongs: options.maxPendingAutoPongs,
    maxFragments: options.maxFragments,
    maxBufferedChunks: options.maxBufferedChunks,
    maxControlFrames: options.maxControlFrames,
    deferEvent: options.synchronousEvents === false ? setImmediate : undefined,
    compression: options.compression,
    backPressure: options.backPressure,
    generateMaskingKey: generateMask === undefined ? generateMaskingKey : maskingKeyFrom(generateMask),
    allocate: allocateBuffer,
    memory: bufferMemory,
  };
}

/** Below this many bytes our own check is done before a call into Node would be. */
const MIN_NATIVE_UTF8_BYTES = 64;

function checkUtf8(bytes: Uint8Array): boolean {
  return bytes.length < MIN_NATIVE_UTF8_BYTES ? isValidUtf8(bytes) : isUtf8(bytes);
}
