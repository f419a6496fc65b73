import { HubClient } from '../../src/client/index.ts';
import { WebSocket } from '../../src/index.ts';
import type { Said } from './failover-node.ts';

/** What the client says; the node passes it on to the room. */
export interface Told extends Said {
  readonly room: string;
}

/** How long it is silent behind each answer. */
const PAUSE_MS = 200;

/** A client that says something in a room again and again, each time when the hub has answered for the last one. */
export class FailoverEmitter {
  readonly name: string;
  readonly room: string;
  readonly #client: HubClient;
  #isOver = false;
  /** Settles with how often it has said something. */
  readonly #said: Promise<number>;

  constructor(room: string, url: string) {
    this.room = room;
    this.name = `client of ${room}`;
    this.#client = new HubClient(url, {
      WebSocket,
      minDelayMs: 50,
      maxDelayMs: 200,
      maxRetries: Number.POSITIVE_INFINITY,
    });
    this.#said = this.#run();
    this.#said.catch(() => {});
  }

  /** Lets it say nothing any more; returns how often it has been answered. Rejects when the hub refused something. */
  async silence(): Promise<number> {
    this.#isOver = true;
    return this.#said;
  }

  close(): void {
    this.#isOver = true;
    this.#client.close();
  }

  async #run(): Promise<number> {
    for (let n = 1; ; n++) {
      const { room, name } = this;
      await this.#client.emit('tell', { room, from: name, n } satisfies Told, { reliable: true });
      if (this.#isOver) return n;
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  }
}
