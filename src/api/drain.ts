import { CloseCode } from '../core/index.ts';
import { DEFAULTS, MAX_TIMER_MS } from './options.ts';
import { closeReason } from './payload.ts';
import type { WebSocket } from './websocket.ts';

export interface DrainOptions {
  /** How long the peers have to answer, in milliseconds; what is open then is terminated. Default 30,000. */
  readonly deadlineMs?: number | undefined;
  /** What the peers are told; default 1001, "going away". */
  readonly code?: number | undefined;
  /** At most 123 bytes. */
  readonly reason?: string | Uint8Array | undefined;
  /** Makes the deadline now. */
  readonly signal?: AbortSignal | undefined;
}

/** What became of the connections that were drained. */
export interface DrainResult {
  /** How many ended with a closing handshake. */
  readonly closed: number;
  /** How many ended without: at the deadline, at their `closeTimeout`, or because they broke. */
  readonly terminated: number;
  readonly durationMs: number;
}

/**
 * Closes connections, after all that was sent on them, and waits until they are gone; at the deadline terminates them.
 *
 * @throws {TypeError | RangeError} As {@link WebSocket.close}, or `deadlineMs` is not from 0 to 2^31 - 1; nothing is
 *   closed then.
 */
export function drainConnections(
  connections: ReadonlySet<WebSocket>,
  { deadlineMs = DEFAULTS.drainDeadlineMs, code = CloseCode.GOING_AWAY, reason, signal }: DrainOptions,
): Promise<DrainResult> {
  assertDeadline(deadlineMs);
  closeReason(code, reason);
  const startedAtMs = performance.now();
  const open = new Set(connections);
  const closeCodes = [...open].map(async (ws) => {
    const closed = closeCodeOf(ws);
    ws.close(code, reason);
    const closeCode = await closed;
    open.delete(ws);
    return closeCode;
  });
  const stopWaiting = atDeadline(deadlineMs, signal, () => {
    for (const ws of open) ws.terminate();
  });
  return Promise.all(closeCodes).then((codes) => {
    stopWaiting();
    const terminated = codes.filter((closeCode) => closeCode === CloseCode.ABNORMAL_CLOSURE).length;
    return { closed: codes.length - terminated, terminated, durationMs: performance.now() - startedAtMs };
  });
}

function closeCodeOf(ws: WebSocket): Promise<number> {
  // Before other listeners: one that throws keeps those behind it from being called.
  return new Promise((resolve) => ws.prependOnceListener('close', resolve));
}

/** Calls `end` after so many milliseconds, or when `signal` is aborted; returns how to keep it from that. */
function atDeadline(deadlineMs: number, signal: AbortSignal | undefined, end: () => void): () => void {
  const timer = setTimeout(end, deadlineMs);
  if (signal?.aborted) end();
  else signal?.addEventListener('abort', end);
  return () => {
    clearTimeout(timer);
    signal?.removeEventListener('abort', end);
  };
}

function assertDeadline(deadlineMs: number): void {
  if (typeof deadlineMs === 'number' && deadlineMs >= 0 && deadlineMs <= MAX_TIMER_MS) return;
  throw new RangeError(`Invalid deadlineMs: ${deadlineMs} (0 to ${MAX_TIMER_MS})`);
}
