import { Buffer } from 'node:buffer';
import { fastPathAllowed } from './allowed.ts';

type BufferClass = new (memory: ArrayBuffer, start: number, length: number) => Buffer;

/** The class that Node's Buffers are of, which makes their methods' results; `undefined` where it is not as we know it. */
const KnownClass = fastPathAllowed(undefined) ? knownClass() : undefined;

/** Returns a part of `memory` as a Buffer: as `Buffer.from`, at less than two thirds of the cost. */
export function bufferOf(memory: ArrayBuffer, start: number, length: number): Buffer {
  return KnownClass === undefined
    ? Buffer.from(memory, start, length)
    : new KnownClass(memory, start, length);
}

/** Node's class, if what it makes is what `Buffer.from` makes. */
function knownClass(): BufferClass | undefined {
  const found: unknown = Reflect.get(Buffer, Symbol.species);
  // `Buffer` itself warns whoever calls it.
  if (typeof found !== 'function' || found === Buffer) return undefined;
  return found.prototype === Buffer.prototype ? (found as BufferClass) : undefined;
}
