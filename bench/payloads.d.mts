/** Makes the payload number `index`, `bytes` long. */
export const PAYLOADS: Readonly<
  Record<
    'binary' | 'text' | 'json' | 'update' | 'blank',
    (bytes: number, index: number) => Buffer<ArrayBuffer>
  >
>;
export function compress(payload: Buffer): Buffer;
