// Which of the tests can't run in Node, and why: the first pattern that matches a path below websockets/ counts.

const COOKIES = 'needs document.cookie and a cookie store, which Node has none of';
const FRAMES = 'needs documents in frames or windows';
const BFCACHE = "needs a browser's back/forward cache";

const FILES = [
  [/^cookies\//, COOKIES],
  [/^back-forward-cache-/, BFCACHE],
  [/^multi-globals\//, FRAMES],
  [/^unload-a-document\//, FRAMES],
  [/^remove-own-iframe-during-onerror\.window\.js$/, FRAMES],
  [/^security\/002\.html$/, 'tests XMLHttpRequest, not WebSocket'],
  ...('Float16Array' in globalThis
    ? []
    : [[/-float16\.any\.js$/, 'needs Float16Array, which this Node has none of']]),
];

const VARIANTS = [
  [/\bwpt_flags=h2\b/, 'needs WebSocket over HTTP/2 (RFC 8441); the same test runs over HTTP/1.1'],
];

/**
 * Tells whether an error that nobody handles is that of a test and not of what is tested: this one wants WebSocketError to
 * inherit from Error as classes of JavaScript do, which no interface of WebIDL does, and does not wait for the answer.
 */
export function isFaultOfTest(file, error) {
  return /^stream\/tentative\/remote-close\./.test(file) && /is not an Error subtype/.test(error?.message);
}

/** Says why a test can't run here; `undefined` when it can. */
export function whyExcluded(file, variant) {
  const reasonIn = (table, text) => table.find(([pattern]) => pattern.test(text))?.[1];
  return reasonIn(FILES, file) ?? reasonIn(VARIANTS, variant);
}
