import { constants } from 'node:buffer';
import type { ConnectionOptions as TlsConnectOptions } from 'node:tls';
import type { ProxyOption } from '../api/options.ts';
import { isIterable, toDictionary, toDomString, toDomStrings, toUsvStrings } from './webidl.ts';

/** What the second argument may be besides subprotocols: not of the standard, and of no effect in browsers. */
export interface WebSocketInit {
  /** Subprotocols to offer. */
  readonly protocols?: string | readonly string[] | undefined;
  /** Further request headers. */
  readonly headers?: Readonly<Record<string, string>> | Iterable<readonly [string, string]> | undefined;
  /** For `wss:`, besides host and port: `ca`, `cert`, `key`, `rejectUnauthorized` and so on. */
  readonly tls?: TlsConnectOptions | undefined;
  /** Goes through a proxy: its URL, alone or with headers and TLS options; or 'env' for what the environment says. */
  readonly proxy?: ProxyOption | null | undefined;
  /** Whether to offer permessage-deflate; default true. */
  readonly perMessageDeflate?: boolean | undefined;
  /** The longest message to accept, after inflating, in bytes: default 104857600, 0 for the longest that a string can be. */
  readonly maxPayload?: number | undefined;
  /** How long the opening handshake may take, in milliseconds: default 60000, 0 for no limit. */
  readonly handshakeTimeout?: number | undefined;
  /** Whether Node's internals are used where they are faster; default true. */
  readonly fastPath?: boolean | undefined;
}

/** What a WebSocketStream can be told besides its URL. */
export interface WebSocketStreamOptions extends Omit<WebSocketInit, 'protocols'> {
  /** Subprotocols to offer. */
  readonly protocols?: Iterable<string> | undefined;
  /** Gives up the opening handshake. Has no effect after it. */
  readonly signal?: AbortSignal | undefined;
}

/** What a connection is opened with, after conversion. */
export interface ConnectionSettings {
  readonly subprotocols: readonly string[];
  readonly headers: Readonly<Record<string, string>>;
  readonly tls: TlsConnectOptions;
  readonly proxy: ProxyOption | null | undefined;
  readonly perMessageDeflate: boolean;
  readonly maxPayload: number;
  readonly handshakeTimeout: number;
  readonly fastPath: boolean;
}

const DEFAULT_MAX_PAYLOAD_BYTES = 100 * 1024 * 1024;
/** A server that never answers would hold up all other connections to its address. */
const DEFAULT_HANDSHAKE_TIMEOUT_MS = 60_000;

/** Converts the constructor's second argument. @throws {TypeError} It can't be converted. */
export function readSecondArgument(value: unknown): ConnectionSettings {
  return isInit(value) ? settings(value) : settings({ protocols: toDomStrings(value) });
}

/** Converts the options of a WebSocketStream. @throws {TypeError} They can't be converted. */
export function readStreamOptions(value: WebSocketStreamOptions | null | undefined): {
  settings: ConnectionSettings;
  signal: AbortSignal | undefined;
} {
  const { protocols, signal, ...init } = toDictionary(value);
  if (signal !== undefined && !(signal instanceof AbortSignal)) {
    throw new TypeError('The option "signal" is no AbortSignal');
  }
  const subprotocols = protocols === undefined ? [] : toUsvStrings(protocols);
  return { settings: settings({ ...init, protocols: subprotocols }), signal };
}

/** An object that is no sequence and has no string form of its own: as a subprotocol it could only be refused. */
function isInit(value: unknown): value is WebSocketInit {
  if (typeof value !== 'object' || value === null || isIterable(value)) return false;
  return toDomString(value) === '[object Object]';
}

function settings(init: WebSocketInit): ConnectionSettings {
  const { protocols = [], headers = {}, tls = {}, perMessageDeflate = true, fastPath = true } = init;
  return {
    subprotocols: toDomStrings(protocols),
    headers: isIterable(headers) ? Object.fromEntries(headers) : { ...headers },
    tls,
    proxy: init.proxy,
    perMessageDeflate,
    maxPayload: payloadLimit(init.maxPayload ?? DEFAULT_MAX_PAYLOAD_BYTES),
    handshakeTimeout: init.handshakeTimeout ?? DEFAULT_HANDSHAKE_TIMEOUT_MS,
    fastPath,
  };
}

/** What does not fit in a string can't be handed over as text. */
function payloadLimit(maxPayload: number): number {
  return Math.min(maxPayload || Number.POSITIVE_INFINITY, constants.MAX_STRING_LENGTH);
}
