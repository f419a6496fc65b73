export type TopicHandler = (...args: never[]) => unknown;

/** Who listens to which type. */
export class Topics {
  readonly #handlers = new Map<string, Set<TopicHandler>>();

  get isEmpty(): boolean {
    return this.#handlers.size === 0;
  }

  /** Adds a handler; returns what takes it away again. A handler that is there already stays there once. */
  on(type: string, handler: TopicHandler): () => void {
    const handlers = this.#handlers.get(type) ?? new Set();
    this.#handlers.set(type, handlers.add(handler));
    return () => this.off(type, handler);
  }

  off(type: string, handler: TopicHandler): void {
    const handlers = this.#handlers.get(type);
    if (handlers?.delete(handler) && handlers.size === 0) this.#handlers.delete(type);
  }

  /** Returns those that listen now. */
  of(type: string): TopicHandler[] {
    return [...(this.#handlers.get(type) ?? [])];
  }

  /** Calls who listens; one that throws does not keep the others from it. */
  emit(type: string, ...args: unknown[]): void {
    for (const handler of this.of(type)) {
      try {
        handler(...(args as never[]));
      } catch (error) {
        reportFailure(error);
      }
    }
  }
}

/** Has the platform report what a handler threw, as it does for its own events. */
export function reportFailure(error: unknown): void {
  queueMicrotask(() => {
    throw error;
  });
}
