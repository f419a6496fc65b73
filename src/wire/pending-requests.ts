import { HubError } from './hub-error.ts';

export interface RequestOptions {
  /** How long to wait for the answer, in milliseconds; 0 for no limit. */
  readonly timeoutMs?: number | undefined;
  /** Gives up the request. */
  readonly signal?: AbortSignal | undefined;
}

export const DEFAULT_REQUEST_TIMEOUT_MS = 10_000;

interface Pending {
  settle(error: Error | undefined, data?: unknown): void;
}

/** Requests of one end that wait for their answers, by the id that they went out with. */
export class PendingRequests {
  readonly #limit: number;
  readonly #pending = new Map<number, Pending>();
  #lastId = 0;

  /** @param limit - How many may wait at a time. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  get size(): number {
    return this.#pending.size;
  }

  /**
   * Sends a request by `send`, and returns the answer to it.
   *
   * @returns Rejects with a {@link HubError}: what the other end answered, TIMEOUT, ABORTED, CLOSED or TOO_MANY_PENDING.
   */
  start(
    send: (id: number) => void,
    { timeoutMs = DEFAULT_REQUEST_TIMEOUT_MS, signal }: RequestOptions = {},
  ): Promise<unknown> {
    if (signal?.aborted) return Promise.reject(aborted(signal));
    if (this.#pending.size >= this.#limit) return Promise.reject(new HubError('TOO_MANY_PENDING'));
    const id = ++this.#lastId;
    return new Promise((resolve, reject) => {
      const onAbort = (): void => this.#settle(id, aborted(signal!));
      const timer =
        timeoutMs > 0 ? setTimeout(() => this.#settle(id, new HubError('TIMEOUT')), timeoutMs) : undefined;
      signal?.addEventListener('abort', onAbort, { once: true });
      this.#pending.set(id, {
        settle(error, data) {
          clearTimeout(timer);
          signal?.removeEventListener('abort', onAbort);
          if (error) reject(error);
          else resolve(data);
        },
      });
      try {
        send(id);
      } catch (error) {
        this.#settle(id, error as Error);
      }
    });
  }

  /** Hands over an answer; one that nobody waits for any more is dropped. */
  resolve(id: number, data: unknown): void {
    this.#settle(id, undefined, data);
  }

  /** Hands over an error that the other end answered with. */
  reject(id: number, error: Error): void {
    this.#settle(id, error);
  }

  /** Ends all of them, as no answer can come any more. */
  rejectAll(error: Error): void {
    for (const id of [...this.#pending.keys()]) this.#settle(id, error);
  }

  #settle(id: number, error: Error | undefined, data?: unknown): void {
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    pending?.settle(error, data);
  }
}

function aborted(signal: AbortSignal): HubError {
  return new HubError('ABORTED', undefined, String(signal.reason));
}
