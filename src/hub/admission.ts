import { networkOf } from './guards/client-address.ts';
import { TokenBucket } from './guards/token-bucket.ts';
import type { HubLimits } from './options.ts';
import { refuseForNow } from './refused.ts';

/** How many addresses' handshakes are remembered before those are looked for that can be forgotten. */
const MAX_REMEMBERED = 10_000;

/** Counts connections and handshakes, in all and by address, before anything else is done for a client. */
export class Admission {
  readonly #limits: HubLimits;
  readonly #connections = new Map<string, number>();
  readonly #handshakes = new Map<string, TokenBucket>();
  #total = 0;

  constructor(limits: HubLimits) {
    this.#limits = limits;
  }

  /**
   * Lets a connection in, from its handshake on.
   *
   * @returns What is to be called when it is gone. @throws {Refused} With 429 or 503: there are too many.
   */
  enter(address: string, now: number = performance.now()): () => void {
    const network = networkOf(address);
    if (!this.#takeHandshake(network, now)) {
      throw refuseForNow(429, 'Too many handshakes');
    }
    if (this.#total >= this.#limits.connections) {
      throw refuseForNow(503, 'Too many connections');
    }
    if (this.#countOf(network) >= this.#limits.connectionsPerAddress) {
      throw refuseForNow(429, 'Too many connections');
    }
    this.#total++;
    this.#connections.set(network, this.#countOf(network) + 1);
    return () => this.#leave(network);
  }

  #leave(network: string): void {
    this.#total--;
    const left = this.#countOf(network) - 1;
    if (left === 0) this.#connections.delete(network);
    else this.#connections.set(network, left);
  }

  #countOf(network: string): number {
    return this.#connections.get(network) ?? 0;
  }

  #takeHandshake(network: string, now: number): boolean {
    let bucket = this.#handshakes.get(network);
    if (bucket === undefined) {
      if (this.#handshakes.size >= MAX_REMEMBERED) this.#forget(now);
      bucket = new TokenBucket(this.#limits.handshakesPerAddress, now);
      this.#handshakes.set(network, bucket);
    }
    return bucket.take(1, now);
  }

  /** Forgets addresses that have been quiet, and where none has been, all of them. */
  #forget(now: number): void {
    for (const [network, bucket] of this.#handshakes) {
      if (bucket.isFull(now)) this.#handshakes.delete(network);
    }
    if (this.#handshakes.size >= MAX_REMEMBERED) this.#handshakes.clear();
  }
}
