import type { Duplex } from 'node:stream';

/** What of a connection stops reading. */
export interface HoldableConnection {
  readonly socket: Duplex;
  hold(): void;
  readOn(): void;
}

/** Has a connection wait for somebody who can't take more yet; not once its socket is closed, as there is nothing to wait for. */
export class ReadingHold {
  readonly #connection: HoldableConnection;
  #state: 'reading' | 'held' | 'over' = 'reading';

  constructor(connection: HoldableConnection) {
    this.#connection = connection;
    connection.socket.once('close', this.#onClose);
  }

  /** Looks at nothing more that comes. What is on its way out of the connection still comes. */
  hold(): void {
    if (this.#state === 'over' || this.#connection.socket.destroyed) return;
    this.#state = 'held';
    // Each time: another's hold may have been in its place.
    this.#connection.hold();
  }

  /** Reads on. */
  readOn(): void {
    if (this.#state !== 'held') return;
    this.#state = 'reading';
    this.#connection.readOn();
  }

  /** Reads on, and holds no more. */
  release(): void {
    this.#connection.socket.off('close', this.#onClose);
    this.readOn();
    this.#state = 'over';
  }

  readonly #onClose = (): void => this.release();
}
