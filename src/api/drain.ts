import { CloseCode } from '../core/index.ts';
import { DEFAULTS } from './options.ts';
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
  options: DrainOptions,
): Promise<DrainResult> {
  const { deadlineMs = DEFAULTS.drainDeadlineMs, code = CloseCode.GOING_AWAY, reason, signal } = options;
  assertDeadline(deadlineMs);
  closeReason(code, reason);
  const startedAtMs = performance.now();
  const open = new Set(connections);
  const ended = { closed: 0, terminated: 0 };
  const { promise, resolve } = withResolve();
  const terminateRest = (): void => {
    for (const ws of open) ws.terminate();
  };
  const timer = setTimeout(terminateRest, deadlineMs);
  const settleWhenDone = (): void => {
    if (open.size > 0) return;
    clearTimeout(timer);
    signal?.removeEventListener('abort', terminateRest);
    resolve({ ...ended, durationMs: performance.now() - startedAtMs });
  };
  for (const ws of open) {
    // Before other listeners: one that throws keeps those behind it from being called.
    ws.prependOnceListener('close', (closeCode: number) => {
      ended[closeCode === CloseCode.ABNORMAL_CLOSURE ? 'terminated' : 'closed']++;
      open.delete(ws);
      settleWhenDone();
    });
    ws.close(code, reason);
  }
  if (signal?.aborted) terminateRest();
  else signal?.addEventListener('abort', terminateRest, { once: true });
  settleWhenDone();
  return promise;
}

/** Promise.withResolvers, which Node 20 has not. */
function withResolve(): { promise: Promise<DrainResult>; resolve: (result: DrainResult) => void } {
  let resolve!: (result: DrainResult) => void;
  const promise = new Promise<DrainResult>((resolvePromise) => {
    resolve = resolvePromise;
  });
  return { promise, resolve };
}

function assertDeadline(deadlineMs: number): void {
  if (typeof deadlineMs === 'number' && deadlineMs >= 0 && deadlineMs <= 0x7fff_ffff) return;
  throw new RangeError(`Invalid deadlineMs: ${deadlineMs} (0 to 2147483647)`);
}
