import { types } from 'node:util';

/**
 * Refuses a call with too few arguments.
 *
 * @throws {TypeError}
 */
export function requireArguments(given: number, required: number, operation: string): void {
  if (given >= required) return;
  throw new TypeError(
    `${operation}: ${required} argument${required > 1 ? 's' : ''} required, ${given} given`,
  );
}

/** Converts to a DOMString. @throws {TypeError} `value` is a symbol, or can't be converted. */
export function toDomString(value: unknown): string {
  // Unlike String(), this refuses symbols.
  return `${value as string}`;
}

/** Converts to a USVString: surrogates without a partner become U+FFFD. @throws {TypeError} As {@link toDomString}. */
export function toUsvString(value: unknown): string {
  return toDomString(value).replace(/\p{Surrogate}/gu, '\ufffd');
}

/** Converts to an unsigned short, modulo 2^16. @throws {TypeError} `value` is a symbol or a BigInt. */
export function toUnsignedShort(value: unknown): number {
  return toNumber(value) & 0xffff;
}

/** Converts to a [Clamp] unsigned short: to the nearest integer, the even one of two. @throws {TypeError} As {@link toUnsignedShort}. */
export function clampToUnsignedShort(value: unknown): number {
  const clamped = Math.min(Math.max(toNumber(value), 0), 0xffff) || 0;
  const floor = Math.floor(clamped);
  const fraction = clamped - floor;
  const up = fraction > 0.5 || (fraction === 0.5 && floor % 2 === 1);
  return up ? floor + 1 : floor;
}

/** Converts to an [EnforceRange] unsigned short. @throws {TypeError} It is none, or as {@link toUnsignedShort}. */
export function toUnsignedShortInRange(value: unknown): number {
  const integer = Math.trunc(toNumber(value));
  if (integer >= 0 && integer <= 0xffff) return integer;
  throw new TypeError(`${toDomString(value)} is not from 0 to 65535`);
}

/** Converts to a dictionary: `undefined` and `null` have no members. @throws {TypeError} `value` is no object. */
export function toDictionary<Dictionary extends object>(
  value: Dictionary | null | undefined,
): Partial<Dictionary> {
  if (value === undefined || value === null) return {};
  if (typeof value === 'object' || typeof value === 'function') return value;
  throw new TypeError('An object with options is none');
}

/** Converts to sequence<USVString>. @throws {TypeError} */
export function toUsvStrings(value: unknown): string[] {
  if (isIterable(value)) return Array.from(value, toUsvString);
  throw new TypeError('A sequence of strings is none');
}

/** Converts to (DOMString or sequence<DOMString>), a string standing for a sequence of one. @throws {TypeError} */
export function toDomStrings(value: unknown): string[] {
  return isIterable(value) ? Array.from(value, toDomString) : [toDomString(value)];
}

/** Tells whether `value` is an object that WebIDL takes for a sequence. @throws {TypeError} Its iterator is no function. */
export function isIterable(value: unknown): value is Iterable<unknown> {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return false;
  const method = (value as Partial<Iterable<unknown>>)[Symbol.iterator] as unknown;
  if (method === undefined || method === null) return false;
  if (typeof method !== 'function') throw new TypeError('Symbol.iterator is not a function');
  return true;
}

/**
 * Converts to (BufferSource or Blob or USVString): bytes are a view of what was given.
 *
 * @throws {TypeError} Its memory is shared or resizable, or it can't be converted to a string.
 */
export function toBytesBlobOrText(data: unknown): Uint8Array | Blob | string {
  return data instanceof Blob ? data : toBytesOrText(data);
}

/** Converts to (BufferSource or USVString); as {@link toBytesBlobOrText}. */
export function toBytesOrText(data: unknown): Uint8Array | string {
  if (ArrayBuffer.isView(data)) return bytesOf(data.buffer, data.byteOffset, data.byteLength);
  if (types.isArrayBuffer(data)) return bytesOf(data, 0, data.byteLength);
  return toUsvString(data);
}

function bytesOf(buffer: ArrayBufferLike, offset: number, length: number): Uint8Array {
  if (types.isSharedArrayBuffer(buffer)) throw new TypeError('The memory to send must not be shared');
  if ((buffer as { resizable?: boolean }).resizable) {
    throw new TypeError('The memory to send must not be resizable');
  }
  // Detached memory has no bytes, and can't be viewed.
  return length === 0 ? new Uint8Array(0) : new Uint8Array(buffer, offset, length);
}

function toNumber(value: unknown): number {
  // Unlike Number(), this refuses a BigInt.
  return +(value as number);
}
