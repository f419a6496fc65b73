/** How much may wait to be put into the log. */
export interface BacklogLimits {
  readonly messages: number;
  readonly bytes: number;
}

export const DEFAULT_BACKLOG: BacklogLimits = { messages: 50_000, bytes: 64 * 1024 * 1024 };

/** Counts what waits in all rooms. */
export class Backlog {
  readonly #limits: BacklogLimits;
  #messages = 0;
  #bytes = 0;

  constructor(limits: BacklogLimits) {
    this.#limits = limits;
  }

  /** Makes place for a message, unless there is none. */
  take(bytes: number): boolean {
    if (this.#messages >= this.#limits.messages || this.#bytes + bytes > this.#limits.bytes) return false;
    this.#messages++;
    this.#bytes += bytes;
    return true;
  }

  give(bytes: number): void {
    this.#messages--;
    this.#bytes -= bytes;
  }
}
