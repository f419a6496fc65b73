/** Channels per command when many are subscribed to. */
const CHUNK = 500;

export interface SubscriptionsHost {
  subscribe(channels: readonly string[]): Promise<void>;
  unsubscribe(channel: string): Promise<void>;
}

/** The channels that are listened to: what is asked for one of them is done in its order, one command at a time. */
export class Subscriptions {
  readonly #host: SubscriptionsHost;
  readonly #wanted = new Set<string>();
  readonly #work = new Map<string, Promise<void>>();

  constructor(host: SubscriptionsHost) {
    this.#host = host;
  }

  /** Lets a channel be listened to from the next {@link restore} on. */
  want(channel: string): void {
    this.#wanted.add(channel);
  }

  /** Listens to a channel; settles when that is so, and rejects when there is no connection. */
  async add(channel: string): Promise<void> {
    this.#wanted.add(channel);
    await this.#after(channel, async () => {
      if (this.#wanted.has(channel)) await this.#host.subscribe([channel]);
    });
  }

  delete(channel: string): void {
    this.#wanted.delete(channel);
    this.#after(channel, async () => {
      if (!this.#wanted.has(channel)) await this.#host.unsubscribe(channel);
    }).catch(() => {
      // There is no connection, and nothing to listen to.
    });
  }

  /** Listens to all of them over a connection that is new. */
  async restore(): Promise<void> {
    const channels = [...this.#wanted];
    for (let i = 0; i < channels.length; i += CHUNK) {
      await this.#host.subscribe(channels.slice(i, i + CHUNK));
    }
  }

  async #after(channel: string, work: () => Promise<void>): Promise<void> {
    const done = (this.#work.get(channel) ?? Promise.resolve()).catch(() => {}).then(work);
    this.#work.set(channel, done);
    try {
      await done;
    } finally {
      if (this.#work.get(channel) === done) this.#work.delete(channel);
    }
  }
}
