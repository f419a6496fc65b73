/** Where Hawser behaves otherwise than `ws` on purpose. */
export interface Difference {
  readonly id: string;
  /** The part of the API that shows it. */
  readonly topic: string;
  /** What `ws` 8.23 does. */
  readonly ws: string;
  /** What Hawser does. */
  readonly hawser: string;
  readonly reason: string;
}

/** Every deliberate difference that the tests of this folder know; each has a test that shows both sides. */
export const DIFFERENCES = [
  {
    id: 'format-empty-list',
    topic: 'extension.format',
    ws: 'writes an empty list of parameter values as nothing behind a separator: "foo; "',
    hawser: 'leaves the parameter out: "foo"',
    reason: 'RFC 6455 §9.1: a header that ends in a separator is none, and extension.parse refuses it',
  },
] as const satisfies readonly Difference[];

export type DifferenceId = (typeof DIFFERENCES)[number]['id'];

/** Names a difference in the title of the test that shows it. */
export function difference(id: DifferenceId): string {
  const { topic, ws, hawser } = DIFFERENCES.find((entry) => entry.id === id)!;
  return `${topic} (${id}): ws ${ws}; Hawser ${hawser}`;
}
