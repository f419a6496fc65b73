/**
 * Lets one connection at a time be opened to an address: the others wait in the order in which they came.
 *
 * @see RFC 6455 §4.1 item 2
 */
export class ConnectingTurns {
  /** Settles when the last one in line for an address has had its turn. */
  readonly #last = new Map<string, Promise<void>>();

  /**
   * Waits until all who came before for any of `addresses` have had their turn.
   *
   * @returns What ends this turn.
   */
  async take(addresses: readonly string[]): Promise<() => void> {
    const before = addresses.map((address) => this.#last.get(address));
    const { promise, resolve } = withResolver();
    for (const address of addresses) this.#last.set(address, promise);
    await Promise.all(before);
    return () => {
      for (const address of addresses) {
        if (this.#last.get(address) === promise) this.#last.delete(address);
      }
      resolve();
    };
  }
}

function withResolver(): { promise: Promise<void>; resolve: () => void } {
  let resolve: () => void = () => {};
  const promise = new Promise<void>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}
