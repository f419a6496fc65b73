/** Makes the error of what a signal ended: as Node's own, with the signal's reason as its cause. */
export function abortError({ reason }: AbortSignal): Error & { code: 'ABORT_ERR' } {
  const error = new Error('The operation was aborted', { cause: reason });
  return Object.assign(error, { name: 'AbortError', code: 'ABORT_ERR' as const });
}

/** Calls `onAbort` when a signal is aborted; returns how to keep it from that. */
export function whenAborted(signal: AbortSignal, onAbort: (error: Error) => void): () => void {
  const listener = (): void => onAbort(abortError(signal));
  signal.addEventListener('abort', listener, { once: true });
  return () => signal.removeEventListener('abort', listener);
}
