import type { Role } from '../core/index.ts';
import {
  backPressure,
  close,
  drain,
  error as errors,
  type LimitName,
  limit as limits,
  messageIn,
  messageOut,
  open,
  pingLatency,
  publish,
} from './channels.ts';

/** The limits that are behind the codes of errors. */
const LIMIT_OF_CODE: Readonly<Record<string, LimitName>> = {
  WS_ERR_MESSAGE_DROPPED: 'maxBufferedBytes',
  WS_ERR_SLOW_PEER: 'maxBufferedBytes',
  WS_ERR_TOO_MANY_BUFFERED_PARTS: 'messageParts',
  WS_ERR_TOO_MANY_CONTROL_FRAMES: 'maxControlFramesPerSecond',
  WS_ERR_UNSUPPORTED_MESSAGE_LENGTH: 'maxPayload',
};

export function reportOpen(websocket: object, role: Role): void {
  if (open.hasSubscribers) publish(open, { websocket, role });
}

export function reportClose(websocket: object, role: Role, code: number, reason: string | Buffer): void {
  if (close.hasSubscribers) publish(close, { websocket, role, code, reason: String(reason) });
}

export function reportMessageIn(websocket: object, role: Role, isBinary: boolean, bytes: number): void {
  if (messageIn.hasSubscribers) publish(messageIn, { websocket, role, isBinary, bytes });
}

export function reportMessageOut(
  websocket: object,
  role: Role,
  isBinary: boolean,
  bytes: number,
  fin: boolean,
): void {
  if (messageOut.hasSubscribers) publish(messageOut, { websocket, role, isBinary, bytes, fin });
}

export function reportLatency(websocket: object, role: Role, latencyMs: number): void {
  if (pingLatency.hasSubscribers) publish(pingLatency, { websocket, role, latencyMs });
}

export function reportBackPressure(websocket: object, role: Role, bufferedBytes: number): void {
  if (backPressure.hasSubscribers) publish(backPressure, { websocket, role, bufferedBytes });
}

export function reportDrain(websocket: object, role: Role, bufferedBytes: number): void {
  if (drain.hasSubscribers) publish(drain, { websocket, role, bufferedBytes });
}

/** A limit was hit, and no connection fails with an error for it. */
export function reportLimit(websocket: object, role: Role, limit: LimitName, code?: string): void {
  if (limits.hasSubscribers) publish(limits, { websocket, role, limit, code });
}

/** A connection fails, or an attempt at one: by a limit, where its code says so. */
export function reportError(websocket: object, role: Role, error: Error): void {
  if (errors.hasSubscribers) publish(errors, { websocket, role, error });
  if (!limits.hasSubscribers) return;
  const { code = '' } = error as Error & { code?: string };
  const limit = Object.hasOwn(LIMIT_OF_CODE, code) ? LIMIT_OF_CODE[code] : undefined;
  if (limit !== undefined) publish(limits, { websocket, role, limit, code });
}
