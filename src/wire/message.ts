import { HubError } from './hub-error.ts';
import { isDeeperThan } from './json-depth.ts';
import { isOffset, type Offset } from './offset.ts';

/** One message between a hub and a client (docs/hub-protocol.md). */
export interface WireMessage {
  /** The event; those that begin with `$` are the protocol's. */
  readonly type: string;
  /** JSON, or bytes in a binary message. */
  readonly data?: unknown;
  /** Asks for an answer; in `$reply` and `$error` the request that is answered. */
  readonly id?: number | undefined;
  /** The room that it was sent to. */
  readonly room?: string | undefined;
  /** The room's log behind this message; missing while the log is out of reach. */
  readonly offset?: Offset | undefined;
  /** What tells this message of a room from all others. */
  readonly mid?: string | undefined;
  /** What tells a reliable event from all others of its session, however often it is sent. */
  readonly key?: string | undefined;
}

export interface WireLimits {
  /** How deep arrays and objects may be nested; 1 for the message itself. */
  readonly maxDepth: number;
}

export const MAX_TYPE_LENGTH = 128;
export const MAX_ROOM_LENGTH = 256;
/** Of `mid` and `key`. */
const MAX_KEY_LENGTH = 128;

/** The types of the protocol itself. */
export const PROTOCOL_PREFIX = '$';

/** The room that every client of a hub is in. */
export const EVERYBODY = `${PROTOCOL_PREFIX}all`;

/** The first byte of a binary message. */
const BINARY_VERSION = 1;
/** Version, and the length of the head as an unsigned 16 bit integer. */
const BINARY_PREFIX_BYTES = 3;
const MAX_HEAD_BYTES = 0xffff;

// What is not used is to be left out of bundles, which do not know that these only make something.
const utf8 = /* @__PURE__ */ new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const encoder = /* @__PURE__ */ new TextEncoder();

/**
 * Reads a text message.
 *
 * @throws {HubError} BAD_MESSAGE or TOO_DEEP.
 */
export function parseMessage(text: string, { maxDepth }: WireLimits): WireMessage {
  if (isDeeperThan(text, maxDepth)) throw new HubError('TOO_DEEP');
  return asMessage(parseJson(text));
}

/**
 * Reads a binary message; its data is a view of `bytes`.
 *
 * @throws {HubError} BAD_MESSAGE or TOO_DEEP.
 */
export function parseBinaryMessage(bytes: Uint8Array, limits: WireLimits): WireMessage {
  const headEnd = endOfHead(bytes);
  const head = parseMessage(decode(bytes.subarray(BINARY_PREFIX_BYTES, headEnd)), limits);
  if (head.data !== undefined) throw badMessage('the head of a binary message has data');
  return { ...head, data: bytes.subarray(headEnd) };
}

/** Writes a text message. */
export function serializeMessage(message: WireMessage): string {
  return JSON.stringify(message);
}

/**
 * Writes a binary message.
 *
 * @throws {RangeError} Its head is longer than 65,535 bytes.
 */
export function serializeBinaryMessage({ data, ...head }: WireMessage & { data: Uint8Array }): Uint8Array {
  const headBytes = encoder.encode(serializeMessage(head));
  if (headBytes.length > MAX_HEAD_BYTES) throw new RangeError('The head of a binary message is too long');
  const bytes = new Uint8Array(BINARY_PREFIX_BYTES + headBytes.length + data.length);
  bytes[0] = BINARY_VERSION;
  bytes[1] = headBytes.length >>> 8;
  bytes[2] = headBytes.length;
  bytes.set(headBytes, BINARY_PREFIX_BYTES);
  bytes.set(data, BINARY_PREFIX_BYTES + headBytes.length);
  return bytes;
}

/** Tells whether a type is one of the protocol's own. */
export function isProtocolType(type: string): boolean {
  return type.startsWith(PROTOCOL_PREFIX);
}

/** Tells whether `value` can name a room: 1 to 256 characters. */
export function isRoom(value: unknown): value is string {
  return isStringUpTo(value, MAX_ROOM_LENGTH);
}

/** Tells whether `value` can name an event, of the application or the protocol: 1 to 128 characters. */
export function isType(value: unknown): value is string {
  return isStringUpTo(value, MAX_TYPE_LENGTH);
}

function endOfHead(bytes: Uint8Array): number {
  if (bytes.length < BINARY_PREFIX_BYTES || bytes[0] !== BINARY_VERSION) {
    throw badMessage('a binary message begins with its version and the length of its head');
  }
  const end = BINARY_PREFIX_BYTES + ((bytes[1]! << 8) | bytes[2]!);
  if (end > bytes.length) throw badMessage('the head of a binary message is longer than the message');
  return end;
}

function decode(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch {
    throw badMessage('the head of a binary message is not UTF-8');
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw badMessage('it is not JSON');
  }
}

function asMessage(value: unknown): WireMessage {
  if (typeof value !== 'object' || value === null) throw badMessage('it is no object');
  // Members of an array and a prototype's are none of the message.
  for (const [name, isValid] of MEMBERS) {
    const member = Object.hasOwn(value, name) ? (value as Record<string, unknown>)[name] : undefined;
    if (!isValid(member)) throw badMessage(`its ${name} is not valid`);
  }
  return value as WireMessage;
}

/** What each member may be; unknown ones are left for versions to come. */
const MEMBERS: ReadonlyArray<[name: string, isValid: (value: unknown) => boolean]> = [
  ['type', isType],
  ['id', /* @__PURE__ */ orNone(isId)],
  ['room', /* @__PURE__ */ orNone(isRoom)],
  ['offset', /* @__PURE__ */ orNone(isOffset)],
  ['mid', /* @__PURE__ */ orNone(isKey)],
  ['key', /* @__PURE__ */ orNone(isKey)],
];

function orNone(isValid: (value: unknown) => boolean): (value: unknown) => boolean {
  return (value) => value === undefined || isValid(value);
}

function isId(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) > 0;
}

function isKey(value: unknown): boolean {
  return isStringUpTo(value, MAX_KEY_LENGTH);
}

function isStringUpTo(value: unknown, length: number): value is string {
  return typeof value === 'string' && value.length > 0 && value.length <= length;
}

function badMessage(why: string): HubError {
  return new HubError('BAD_MESSAGE', `The message is not one of the hub protocol: ${why}`);
}
