export const CONNECTING = 0;
export const OPEN = 1;
export const CLOSING = 2;
export const CLOSED = 3;

/** The states of a WebSocket, each at its number. */
export const STATE_NAMES = ['CONNECTING', 'OPEN', 'CLOSING', 'CLOSED'] as const;

export type ReadyState = 0 | 1 | 2 | 3;

/** Gives `target` the four states as constants, which can be listed and not changed (WHATWG WebSockets §3.1). */
export function defineStates(target: object): void {
  STATE_NAMES.forEach((name, value) => {
    Object.defineProperty(target, name, { value, enumerable: true });
  });
}

/** Makes the error of sending in a state in which that can't be, in the words of `ws`. */
export function notOpenError(state: ReadyState): Error {
  return new Error(`WebSocket is not open: readyState ${state} (${STATE_NAMES[state]})`);
}
