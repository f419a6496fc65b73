import { randomFillSync } from 'node:crypto';

/** Keys are drawn from the system's generator this many bytes at a time: one call a key would cost more than the frame. */
const POOL_BYTES = 8192;

let pool: Buffer | undefined;
let used = POOL_BYTES;

/** Draws a masking key of 32 bits that the peer of another frame can't predict (RFC 6455 §5.3, §10.3). */
export function generateMaskingKey(): number {
  if (used === POOL_BYTES) {
    pool ??= Buffer.allocUnsafeSlow(POOL_BYTES);
    randomFillSync(pool);
    used = 0;
  }
  const key = pool!.readUInt32BE(used);
  used += 4;
  return key;
}

/** Turns a function that fills a 4-byte key, as `ws` takes it, into one that returns the key. */
export function maskingKeyFrom(generateMask: (key: Buffer) => void): () => number {
  const key = Buffer.alloc(4);
  return () => {
    generateMask(key);
    return key.readUInt32BE(0);
  };
}
