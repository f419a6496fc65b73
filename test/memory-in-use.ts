import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
/** Collects garbage. */
export const collect: () => void = runInNewContext('gc');

/** Bytes in use on the heap and in array buffers, without garbage. */
export async function memoryInUse(): Promise<number> {
  // What the first finds of array buffers may be freed behind it.
  for (let i = 0; i < 3; i++) {
    collect();
    await new Promise(setImmediate);
  }
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}
