/** The attributes of a WebSocket that are getters (WHATWG WebSockets §3.1), and those that `ws` has beside them. */
const ATTRIBUTES = [
  'binaryType',
  'bufferedAmount',
  'extensions',
  'isPaused',
  'protocol',
  'readyState',
  'url',
];

/** Makes the attributes of a class's prototype such as can be listed. */
export function defineAttributes(prototype: object): void {
  for (const name of ATTRIBUTES) Object.defineProperty(prototype, name, { enumerable: true });
}
