/** How much work may be done at once in one turn of the event loop, before other sockets get theirs. */
export class TurnBudget {
  readonly #perTurn: number;
  #left: number;

  constructor(perTurn: number) {
    this.#perTurn = perTurn;
    this.#left = perTurn;
  }

  /** Whether nothing is left of this turn's. */
  get spent(): boolean {
    return this.#left <= 0;
  }

  /** Takes `amount` off this turn's, which may go below zero. */
  take(amount: number): void {
    if (this.#left === this.#perTurn) setImmediate(() => this.#renew());
    this.#left -= amount;
  }

  #renew(): void {
    this.#left = this.#perTurn;
  }
}
