// The classes that a test finds in its global scope.
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

/** How to get the classes of each implementation; `location` is where the page is. */
const IMPLEMENTATIONS = {
  hawser: () => import('../dist/web.mjs'),
  ws: () => ({ WebSocket: require('ws') }),
  undici(location) {
    const { setGlobalOrigin, ...classes } = require('undici');
    setGlobalOrigin(location.href);
    return classes;
  },
  node: () => ({ CloseEvent: globalThis.CloseEvent, WebSocket: globalThis.WebSocket }),
};

export const implementationNames = Object.keys(IMPLEMENTATIONS);

/** Flags for Node, where it hides its own WebSocket. */
export function nodeFlags(implementation) {
  return implementation === 'node' && !globalThis.WebSocket ? ['--experimental-websocket'] : [];
}

/** Makes an implementation's classes those of the global scope. */
export async function installImplementation(name, location) {
  const classes = await IMPLEMENTATIONS[name](location);
  for (const key of ['CloseEvent', 'MessageEvent', 'WebSocket', 'WebSocketError', 'WebSocketStream']) {
    const value = classes[key];
    if (value === undefined) continue;
    // As WebIDL has it for interface objects.
    Object.defineProperty(globalThis, key, { value, writable: true, enumerable: false, configurable: true });
  }
}
