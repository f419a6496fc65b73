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
  {
    id: 'offer-server-window-without-size',
    topic: 'PerMessageDeflate#offer',
    ws: 'offers server_max_window_bits without a value for `serverMaxWindowBits: true`',
    hawser: 'leaves it out',
    reason:
      'RFC 7692 §7.1.2.1: the parameter has a value; a server refuses the offer otherwise, that of ws too',
  },
  {
    id: 'server-window-above-offer',
    topic: 'PerMessageDeflate#accept',
    ws: 'lets a server answer with a larger server_max_window_bits than was offered',
    hawser: 'refuses the response',
    reason: 'RFC 7692 §7.1.2.1: a server accepts with the same or a smaller value',
  },
  {
    id: 'window-bits-spelled-otherwise',
    topic: 'PerMessageDeflate#accept',
    ws: 'takes whatever JavaScript reads as the number: 0xa, 1e1, 010',
    hawser: 'refuses it as an invalid value',
    reason: 'RFC 7692 §7.1.2: a decimal integer without leading zeros',
  },
  {
    id: 'cleanup-while-inflating',
    topic: 'PerMessageDeflate#cleanup',
    ws: 'throws an uncaught TypeError, and does not call back',
    hawser: 'calls back with the error that compressing gets',
    reason: 'a callback is owed, and nobody can catch the other',
  },
] as const satisfies readonly Difference[];

export type DifferenceId = (typeof DIFFERENCES)[number]['id'];

/** Names a difference in the title of the test that shows it. */
export function difference(id: DifferenceId): string {
  const { topic, ws, hawser } = DIFFERENCES.find((entry) => entry.id === id)!;
  return `${topic} (${id}): ws ${ws}; Hawser ${hawser}`;
}
