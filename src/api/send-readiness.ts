import { CLOSED, CLOSING, OPEN, type ReadyState } from './ready-state.ts';

/** What messages are sent on. */
export interface SendTarget {
  readonly readyState: ReadyState;
  readonly writableNeedDrain: boolean;
}

interface Waiter {
  resolve(): void;
  reject(reason: unknown): void;
}

/** Who waits until a message can be sent. */
export class SendReadiness {
  readonly #target: SendTarget;
  readonly #waiters = new Set<Waiter>();

  constructor(target: SendTarget) {
    this.#target = target;
  }

  /** Resolves at once, or at {@link ready}; rejects at {@link over}, or with the reason of `signal` when it is aborted. */
  async wait(signal: AbortSignal | undefined): Promise<void> {
    signal?.throwIfAborted();
    const { readyState } = this.#target;
    if (readyState === CLOSING || readyState === CLOSED) throw notOpen();
    if (readyState === OPEN && !this.#target.writableNeedDrain) return;
    await this.#wait(signal);
  }

  /** A message can be sent. */
  ready(): void {
    for (const waiter of this.#takeAll()) waiter.resolve();
  }

  /** None ever will be. */
  over(): void {
    for (const waiter of this.#takeAll()) waiter.reject(notOpen());
  }

  #takeAll(): Waiter[] {
    const waiters = [...this.#waiters];
    this.#waiters.clear();
    return waiters;
  }

  async #wait(signal: AbortSignal | undefined): Promise<void> {
    let onAbort: (() => void) | undefined;
    try {
      await new Promise<void>((resolve, reject) => {
        const waiter: Waiter = { resolve, reject };
        onAbort = () => {
          this.#waiters.delete(waiter);
          reject(signal!.reason);
        };
        this.#waiters.add(waiter);
        signal?.addEventListener('abort', onAbort);
      });
    } finally {
      signal?.removeEventListener('abort', onAbort!);
    }
  }
}

function notOpen(): Error & { code: 'WS_ERR_NOT_OPEN' } {
  const error = new Error('The WebSocket is closing or closed: nothing can be sent any more');
  return Object.assign(error, { code: 'WS_ERR_NOT_OPEN' as const });
}
