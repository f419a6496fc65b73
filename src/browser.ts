/** What bundlers for browsers take for the entry: no sockets can be opened there. */
export default function notInBrowsers(): never {
  throw new Error(
    'hawser does not work in the browser. Browser clients must use the native WebSocket object',
  );
}
