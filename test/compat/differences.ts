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
    id: 'limit-int32',
    topic: 'new WebSocket',
    ws: 'takes limits of 2^31 and more for what is left of them in 32 bits: 4 GiB and 5 bytes for 5 bytes',
    hawser: 'takes them as they are',
    reason: 'somebody wants that limit',
  },
  {
    id: 'client-alpn',
    topic: 'TLS of a client',
    ws: 'offers no protocol by ALPN',
    hawser: 'offers http/1.1, where no option needs node:http',
    reason: 'RFC 7301, and what browsers do: a server that prefers HTTP/2 is told',
  },
  {
    id: 'client-tls-error',
    topic: 'TLS of a client',
    ws: 'tells a TLS handshake that fails as a write that failed, with the code EPROTO',
    hawser: 'tells it with the code of OpenSSL: ERR_SSL_WRONG_VERSION_NUMBER ...',
    reason: 'nothing is written before the handshake is done',
  },
  {
    id: 'client-late-listener',
    topic: "'unexpected-response'",
    ws: 'looks for listeners when the response comes',
    hawser: 'looks for them when the socket is connected, where no option needs node:http',
    reason: 'only node:http reads the body of a refusal, and it has to write the request for that',
  },
  {
    id: 'response-without-upgrade',
    topic: 'the handshake of a client',
    ws: 'takes a response 101 without Upgrade or Connection: Upgrade for an unexpected response',
    hawser: 'says which header is wrong, after the event upgrade',
    reason: 'it helps who writes the server; both fail (RFC 6455 §4.1)',
  },
  {
    id: 'response-extension-twice',
    topic: 'the handshake of a client',
    ws: 'takes the first permessage-deflate of a response that has several',
    hawser: 'refuses it',
    reason: 'RFC 7692 §5: one offer is accepted at most',
  },
  {
    id: 'response-window-above-offer',
    topic: 'the handshake of a client',
    ws: 'accepts a larger server_max_window_bits than was offered',
    hawser: 'refuses it',
    reason: 'RFC 7692 §7.1.2.1: a server accepts with the same or a smaller value',
  },
  {
    id: 'client-own-http',
    topic: 'new WebSocket',
    ws: 'sends every request by http.request',
    hawser:
      'does so only where an option needs it: agent, createConnection, finishRequest, followRedirects ...',
    reason: 'speed: no request, response and parser of node:http for each connection',
  },
  {
    id: 'client-undefined-header',
    topic: 'new WebSocket',
    ws: 'throws a TypeError for a header with the value undefined',
    hawser: 'leaves the header out',
    reason: 'an option that is given as undefined is not given',
  },
  {
    id: 'client-undefined-options',
    topic: 'new WebSocket',
    ws: 'takes an option that is given as undefined for off: no version, no limit, no pongs, no compression',
    hawser: 'takes it for not given: the default',
    reason: 'safety: maxPayload: undefined is no wish for messages without limit',
  },
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
  {
    id: 'refusal-type',
    topic: 'refused upgrades',
    ws: 'has the Content-Type text/html',
    hawser: 'has the Content-Type text/plain; charset=utf-8',
    reason: 'the body may repeat what the client sent, and is not to be run as HTML by a browser',
  },
  {
    id: 'refusal-length',
    topic: 'verifyClient',
    ws: 'sends a Content-Length that the callback is given',
    hawser: 'always sends the length of the body, once',
    reason: 'RFC 9112 §6.3: a wrong length takes the response apart',
  },
  {
    id: 'refusal-header-names',
    topic: 'verifyClient',
    ws: 'sends a header twice that the callback gives in another case',
    hawser: 'replaces it',
    reason: 'RFC 9110 §5.1: names of headers have no case',
  },
  {
    id: 'refusal-injection',
    topic: 'verifyClient',
    ws: 'sends line breaks in headers, and any status, as they are',
    hawser: 'throws a TypeError or RangeError in the callback, and closes the connection',
    reason: 'safety: what comes from a client could end the line and begin another (response splitting)',
  },
  {
    id: 'unknown-status',
    topic: 'verifyClient',
    ws: 'calls a status without a name "undefined"',
    hawser: 'calls it "Unknown"',
    reason: '"undefined" is a slip',
  },
  {
    id: 'method-allow',
    topic: 'refused upgrades',
    ws: 'answers 405 without Allow',
    hawser: 'answers 405 with "Allow: GET"',
    reason: 'RFC 9110 §15.5.6 demands it',
  },
  {
    id: 'http-1.0',
    topic: 'refused upgrades',
    ws: 'upgrades a request of HTTP/1.0',
    hawser: 'refuses it with 400 "Invalid HTTP version"',
    reason: 'RFC 6455 §4.2.1 item 1, RFC 9110 §7.8',
  },
  {
    id: 'connection-header',
    topic: 'refused upgrades',
    ws: 'upgrades a request, given to handleUpgrade by hand, whose Connection header does not say so',
    hawser: 'refuses it with 400 "Invalid Connection header"',
    reason: 'RFC 6455 §4.2.1 item 4',
  },
  {
    id: 'version-form',
    topic: 'refused upgrades',
    ws: 'reads Sec-WebSocket-Version as any JavaScript number: "013", "13.0", "0xd"',
    hawser: 'takes "13" and "8" alone',
    reason: 'RFC 6455 §11.6: the version is a decimal without leading zeros',
  },
  {
    id: 'hook-promise',
    topic: 'verifyClient, shouldHandle',
    ws: 'takes a returned promise for "yes"',
    hawser: 'waits for it, and refuses with 500 when it is rejected',
    reason: 'safety: an async check lets everybody in',
  },
  {
    id: 'response-injection',
    topic: "'headers'",
    ws: 'sends lines with line breaks in them, empty ones too',
    hawser: 'throws a TypeError with the code ERR_INVALID_CHAR and closes the connection',
    reason: 'safety: the line could end the head, and begin frames (response splitting)',
  },
  {
    id: 'deflate-window',
    topic: 'new WebSocketServer',
    ws: 'takes window bits that zlib does not have, and fails in the middle of a connection',
    hawser: 'throws a RangeError',
    reason: 'RFC 7692 §7.1.2: 8 to 15',
  },
  {
    id: 'undefined-options',
    topic: 'new WebSocketServer',
    ws: 'takes an option that is given as undefined for off: no limit, no pongs, no clients',
    hawser: 'takes it for not given: the default',
    reason: 'safety: maxPayload: undefined is no wish for messages without limit',
  },
  {
    id: 'fragment-limits',
    topic: 'new WebSocketServer',
    ws: 'limits maxFragments to 16384 and maxBufferedChunks to 262144 by default',
    hawser: 'has no such limits by default',
    reason: 'the memory of an incomplete message is bounded by its bytes, so by maxPayload',
  },
  {
    id: 'port-server',
    topic: 'new WebSocketServer({ port })',
    ws: 'has an http.Server beneath',
    hawser: 'has a net.Server beneath, which reads the head of one request of each socket',
    reason: 'speed and memory: no request, response and parser for each connection',
  },
  {
    id: 'plain-request',
    topic: 'new WebSocketServer({ port })',
    ws: 'answers an ordinary request 426 without Upgrade, and keeps the connection',
    hawser: 'answers it 426 with "Upgrade: websocket", and closes the connection',
    reason: 'RFC 9110 §15.5.22 demands the header; the server is not for such requests',
  },
  {
    id: 'not-http',
    topic: 'new WebSocketServer({ port })',
    ws: 'answers what is not HTTP 400 without a body',
    hawser: 'says in the body what is wrong with it',
    reason: 'it helps who writes the client',
  },
  {
    id: 'request-grammar',
    topic: 'new WebSocketServer({ port })',
    ws: 'takes what node:http takes: HTTP/2.0, several spaces, Proxy-Connection for Connection',
    hawser: 'takes what RFC 9112 describes; refuses unknown methods with 405',
    reason: 'RFC 9112 §3, safety: what is read leniently can be smuggled past a proxy',
  },
  {
    id: 'close-silent-peers',
    topic: 'close()',
    ws: 'waits, with its own server, for peers that have not sent their request',
    hawser: 'drops them',
    reason: 'a peer could keep the process from ending',
  },
  {
    id: 'send-after-failure',
    topic: 'Sender#send',
    ws: 'never calls back for what is sent after a Blob could not be read, or after the socket closed meanwhile',
    hawser: 'calls back with the same error',
    reason: 'a callback is owed',
  },
  {
    id: 'compress-without-extension',
    topic: 'Sender#send',
    ws: 'throws a TypeError for `compress: true` without permessage-deflate, in the middle of sending',
    hawser: 'sends uncompressed',
    reason: 'so does WebSocket#send, of both',
  },
  {
    id: 'window-of-8-bits',
    topic: 'Sender#send',
    ws: 'compresses with a window of 512 bytes where 256 were agreed',
    hawser: 'sends uncompressed',
    reason: 'RFC 7692 §7.1.2: the peer may keep 256 bytes only; zlib makes no raw deflate stream with so few',
  },
  {
    id: 'length-not-minimal',
    topic: 'Receiver, connections',
    ws: 'takes a payload length in any form',
    hawser:
      'refuses one that is not in its shortest form: WS_ERR_NON_MINIMAL_PAYLOAD_LENGTH, close code 1002',
    reason: 'RFC 6455 §5.2: "the minimal number of bytes MUST be used to encode the length"',
  },
  {
    id: 'utf8-at-the-bad-byte',
    topic: 'Receiver, connections',
    ws: 'looks at a text when it is whole',
    hawser: 'refuses it at the first byte that is not UTF-8',
    reason: 'RFC 6455 §8.1 lets a receiver fail as soon as it knows; the rest need not be kept',
  },
  {
    id: 'fault-at-its-first-byte',
    topic: 'Receiver, connections',
    ws: 'waits for the second byte of a header, and for all eight of a 64 bit length',
    hawser: 'refuses a frame at the first byte that shows the fault',
    reason: 'what comes after it can change nothing',
  },
  {
    id: 'too-many-fragments-at-the-header',
    topic: 'Receiver, connections',
    ws: 'counts a fragment when its payload is there',
    hawser: 'counts it at its header',
    reason: 'the payload of a fragment that is refused need not be kept',
  },
  {
    id: 'chunks-of-a-header',
    topic: 'Receiver, connections',
    ws: 'counts the chunks that bring a part of a header against maxBufferedChunks, when it is 7 or less',
    hawser: 'counts those that bring payload',
    reason: 'a header is kept in 14 bytes, in however many chunks it comes',
  },
  {
    id: 'compressed-message-inflated-whole',
    topic: 'Receiver, connections',
    ws: 'inflates each fragment as it comes, and hands each over with the binaryType fragments',
    hawser: 'inflates a compressed message when its last fragment is there, and hands it over as one',
    reason: 'one call to zlib a message; memory is bounded by maxPayload, of both the data and the message',
  },
  {
    id: 'unheard-error',
    topic: "'error'",
    ws: 'throws a fault of the peer that nobody listens to',
    hawser: "tells the 'close' alone",
    reason: 'safety: a peer could end the process',
  },
  {
    id: 'unheard-attempt',
    topic: "'error'",
    ws: 'throws the error of an attempt to connect that nobody listens to',
    hawser: "tells the 'close' alone",
    reason: 'safety: a server that refuses could end the process of its clients',
  },
  {
    id: 'connection-limit',
    topic: 'new WebSocketServer',
    ws: 'takes any number of connections',
    hawser: 'answers 503 beyond `maxConnections`, by default 65,536',
    reason: 'safety: every limit has a finite default',
  },
  {
    id: 'decision-timeout',
    topic: 'verifyClient',
    ws: 'is waited for as long as it takes',
    hawser: 'has `handshakeTimeout`, by default 10 seconds; then the answer is 503',
    reason: 'safety: a client that nobody decides over does not stay',
  },
  {
    id: 'control-frame-limit',
    topic: "'ping', 'pong'",
    ws: 'takes any number of them',
    hawser: 'closes with 1008 beyond `maxControlFramesPerSecond`, by default 1,000',
    reason: 'safety: a flood of them costs an answer and an event each',
  },
  {
    id: 'redirect-proxy-credentials',
    topic: 'followRedirects',
    ws: 'sends Proxy-Authorization on to another host, or without TLS',
    hawser: 'drops it with Authorization and Cookie',
    reason: 'safety: RFC 9110 §15.4 names it among what is removed',
  },
  {
    id: 'empty-fragment-limit',
    topic: 'Receiver, connections',
    ws: 'limits the fragments of a message to 16384, empty ones too',
    hawser: 'counts empty fragments by `maxControlFramesPerSecond`, and takes any number of others',
    reason:
      'safety: a flood of them costs work and nothing else; a message may have as many parts as it has bytes',
  },
  {
    id: 'client-handshake-timeout',
    topic: 'new WebSocket',
    ws: 'waits without a limit for the response, where `handshakeTimeout` is not given',
    hawser: "has 30 seconds for each request by default, then an 'error'; 0 is no limit",
    reason: 'safety: a server that accepts and is silent does not hold a client forever',
  },
  {
    id: 'compressed-length',
    topic: 'maxPayload',
    ws: 'refuses a compressed message of more bytes on the wire than `maxPayload`, whatever it inflates to',
    hawser: 'takes what deflate may make longer: an eighth more, and some; inflated, `maxPayload` counts',
    reason: 'a message of exactly `maxPayload` bytes passes, whether or not it can be compressed',
  },
  {
    id: 'callback-alone',
    topic: 'WebSocket#send',
    ws: 'throws a TypeError when the only argument is a function: it has no bytes',
    hawser: 'takes it as the callback of an empty message',
    reason: 'ping() and pong() take it so, in ws too',
  },
  {
    id: 'fault-while-chunks-wait',
    topic: 'Receiver',
    ws: 'throws an uncaught TypeError for a fragment too many when the next chunk waits already',
    hawser: "tells the 'error', and looks at nothing after it",
    reason: 'safety: the process ends by what a peer sends',
  },
  {
    id: 'early-messages',
    topic: "'message'",
    ws: 'drops messages that come before anybody listens',
    hawser:
      'holds them for the first listener, up to 1 MiB and for 10 seconds; earlyMessageTimeoutMs: 0 drops them',
    reason: 'a handler may await something before it listens, and a client the open',
  },
  {
    id: 'slow-peer',
    topic: 'WebSocket#send',
    ws: 'keeps whatever is sent to a peer that does not read, up to the end of memory',
    hawser: "closes the connection with 1013 when more than 128 MiB wait; slowPeer: 'wait' keeps it",
    reason: 'safety: a peer could fill the memory by reading nothing',
  },
  {
    id: 'control-before-waiting',
    topic: 'WebSocket#ping',
    ws: 'sends pings and pongs behind the messages that wait',
    hawser: 'sends them before messages that wait for a peer that does not keep up, above highWaterMarkBytes',
    reason: 'RFC 6455 §5.5: whether a slow peer is alive is told by its pongs',
  },
  {
    id: 'compression-at-once',
    topic: 'WebSocket#send',
    ws: 'compresses in a thread: what is sent just before terminate() is lost, and counts uncompressed in bufferedAmount',
    hawser: 'compresses messages of up to 64 KiB at once; fastPath: false goes through a thread',
    reason: 'the way to a thread and back costs more than zlib does',
  },
  {
    id: 'deflate-memory',
    topic: 'perMessageDeflate',
    ws: 'compresses with a window of 32 KiB and a memLevel of 8, in about 256 KiB for each connection',
    hawser: 'with one of 8 KiB and 6, in about half of that; zlibDeflateOptions has both',
    reason: 'memory for each connection costs more than the 1 to 5 % by which JSON gets longer',
  },
  {
    id: 'gone-peer-finish',
    topic: 'The socket underneath',
    ws: "ends it when the peer ends the stream without a Close frame, so that it emits 'finish' before 'close'",
    hawser:
      "closes a plain one at once when nothing waits to be written: 'close' alone; fastPath: false does as ws",
    reason: 'the peer sees the same, for a system call less',
  },
] as const satisfies readonly Difference[];

export type DifferenceId = (typeof DIFFERENCES)[number]['id'];

/** Names a difference in the title of the test that shows it. */
export function difference(id: DifferenceId): string {
  const { topic, ws, hawser } = DIFFERENCES.find((entry) => entry.id === id)!;
  return `${topic} (${id}): ws ${ws}; Hawser ${hawser}`;
}
