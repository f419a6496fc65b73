import type fc from 'fast-check';

/** Something to feed with inputs; inputs are plain JSON, so that the corpus can keep them. */
export interface Target<T = unknown> {
  readonly name: string;
  readonly inputs: fc.Arbitrary<T>;
  /** Fails when an invariant does not hold for `input`. */
  check(input: T): Promise<void> | void;
}
