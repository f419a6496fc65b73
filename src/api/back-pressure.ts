import type { BackPressure } from '../core/index.ts';
import type { EarlyMessageLimits } from './early-messages.ts';
import { type ConnectionLimits, DEFAULTS, limitOf, type SlowPeerPolicy } from './options.ts';

const POLICIES: ReadonlySet<SlowPeerPolicy> = new Set(['wait', 'drop-oldest', 'drop-newest', 'close']);

/** Shared by all connections that set nothing of their own. */
const DEFAULT_BACK_PRESSURE: BackPressure = {
  highWaterMarkBytes: DEFAULTS.highWaterMarkBytes,
  lowWaterMarkBytes: DEFAULTS.lowWaterMarkBytes,
  maxBufferedBytes: DEFAULTS.maxBufferedBytes,
  slowPeer: DEFAULTS.slowPeer,
};

const DEFAULT_EARLY_MESSAGES: EarlyMessageLimits = {
  timeoutMs: DEFAULTS.earlyMessageTimeoutMs,
  maxBytes: DEFAULTS.maxEarlyMessageBytes,
};

/**
 * Returns how much may wait for a peer.
 *
 * @throws {RangeError} A mark that is no number of bytes, or a low mark above the high one.
 * @throws {TypeError} A `slowPeer` that is none of the four.
 */
export function backPressureOf(options: ConnectionLimits): BackPressure {
  const { highWaterMarkBytes, lowWaterMarkBytes, maxBufferedBytes, slowPeer } = options;
  if ((highWaterMarkBytes ?? lowWaterMarkBytes ?? maxBufferedBytes ?? slowPeer) === undefined) {
    return DEFAULT_BACK_PRESSURE;
  }
  const high = highWaterMarkBytes ?? DEFAULTS.highWaterMarkBytes;
  const low = lowWaterMarkBytes ?? Math.min(high, DEFAULTS.lowWaterMarkBytes);
  if (!(high >= 0 && low >= 0 && low <= high)) {
    throw new RangeError(
      'The water marks must be numbers of bytes, the low one at most as high as the other',
    );
  }
  const policy = slowPeer ?? DEFAULTS.slowPeer;
  if (!POLICIES.has(policy)) throw new TypeError(`"slowPeer" must be one of ${[...POLICIES].join(', ')}`);
  return {
    highWaterMarkBytes: high,
    lowWaterMarkBytes: low,
    maxBufferedBytes: limitOf(maxBufferedBytes, DEFAULTS.maxBufferedBytes),
    slowPeer: policy,
  };
}

/** Returns how long, and how many, messages are held that nobody listens to yet; `null` for not at all. */
export function earlyMessageLimitsOf(options: ConnectionLimits): EarlyMessageLimits | null {
  const { earlyMessageTimeoutMs, maxEarlyMessageBytes } = options;
  if ((earlyMessageTimeoutMs ?? maxEarlyMessageBytes) === undefined) return DEFAULT_EARLY_MESSAGES;
  const timeoutMs = earlyMessageTimeoutMs ?? DEFAULTS.earlyMessageTimeoutMs;
  if (!(timeoutMs > 0)) return null;
  return { timeoutMs, maxBytes: maxEarlyMessageBytes ?? DEFAULTS.maxEarlyMessageBytes };
}
