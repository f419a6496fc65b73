/** An entry of the public record of what went wrong in WebSocket implementations, and what stands against it here. */
export interface Row {
  readonly row: number;
  /** Where it was published; the first few. */
  readonly advisories: string;
  readonly bugClass: string;
  /** Where the tests are: `test/security/<name>.test.ts`. */
  readonly file: string;
  /** The titles of the tests, behind `row N: `, as they are in the source. */
  readonly tests: readonly string[];
  /** The titles of those that the hub has besides, in `hub.test.ts`. */
  readonly hub?: readonly string[];
  /** What of the entry has nothing to stand against yet. */
  readonly missing?: string;
}

/** Every entry; `record.test.ts` holds it against the tests. */
export const RECORD: readonly Row[] = [
  {
    row: 1,
    advisories: 'ws CVE-2026-48779',
    bugClass: 'tiny fragments and chunks cost more than their bytes',
    file: 'fragments',
    tests: [
      'a million one-byte fragments of a message that never ends cost little more than their bytes',
      'a frame that comes in a million one-byte chunks costs little more than its bytes',
      'a message in a million fragments costs little more than its bytes also where it is told in fragments',
      'a million one-byte fragments of a message that is read in pieces, or not read, cost a few MiB',
    ],
  },
  {
    row: 2,
    advisories: 'ws#2331, ws#2335, ws#2333',
    bugClass: 'limits on the number of fragments: too low, or passed by with empty ones',
    file: 'fragments',
    tests: [
      'a message in a million fragments passes, and the next one too',
      'a flood of empty fragments ends the connection with 1008',
    ],
  },
  {
    row: 3,
    advisories: '–',
    bugClass: 'a small part of a read keeps all of it in memory',
    file: 'fragments',
    tests: [
      'small messages that are kept do not keep what came with them',
      'a subprotocol does not keep the head that it came in',
      'unfinished messages do not keep the chunks that they came in',
      'small messages that wait for a slow peer do not keep the memory that they are parts of',
    ],
  },
  {
    row: 4,
    advisories: 'undici CVE-2026-12151',
    bugClass: 'a limit for each frame, and none for the message',
    file: 'fragments',
    tests: [
      'the limit is on the sum of the fragments, and shows at the header of the one too many',
      'the sum counts for compressed fragments too, before and after inflating',
      'what is told in pieces is held to maxStreamedBytes, over all fragments, before and after inflating',
      'nothing of a message without end is held that is told in pieces, read or not',
    ],
  },
  {
    row: 5,
    advisories: 'undici CVE-2026-1526, websockets CVE-2018-1000518, faye CVE-2026-54490',
    bugClass: 'decompression bombs',
    file: 'compression',
    tests: [
      'a bomb in %i frames is refused while it is inflated',
      'a bomb that is told in pieces is inflated a few MiB at a time',
      'a message of exactly the limit is taken: %s',
      'a message of one byte more than the limit is refused',
    ],
  },
  {
    row: 6,
    advisories: 'undici CVE-2026-2229',
    bugClass: 'window bits that zlib throws over',
    file: 'compression',
    tests: [
      'a server refuses bad parameters with 400, and goes on',
      'a client refuses bad parameters, and lives',
      'a window of %i bits, which is right, works both ways',
    ],
  },
  {
    row: 7,
    advisories: 'undici CVE-2026-1528, gorilla CVE-2020-27813, NATS CVE-2026-27889, Tomcat CVE-2020-13935',
    bugClass: 'lengths of 64 bits that overflow',
    file: 'frames',
    tests: [
      'a length of %i is refused by the header alone',
      'no memory is made for such lengths',
      '%i written in 16 bits is refused',
    ],
  },
  {
    row: 8,
    advisories: 'rust-websocket CVE-2022-35922',
    bugClass: 'memory by the length that a header promises',
    file: 'fragments',
    tests: ['a frame that promises 100 MiB and brings one byte costs next to nothing'],
  },
  {
    row: 9,
    advisories: 'faye CVE-2026-54466',
    bugClass: 'framing of drafts',
    file: 'handshake',
    tests: [
      'drafts and other versions are refused with the list of ours, read %s',
      'a client takes no answer of a draft',
      'a %s takes no frame of a draft',
    ],
  },
  {
    row: 10,
    advisories: 'netty CVE-2014-0193, Bandit CVE-2026-42786, daphne CVE-2026-44545',
    bugClass: 'no limits by default',
    file: 'floods',
    tests: [
      'every limit is finite by default, but those of parts, whose memory is bounded by bytes',
      '%s has the default limits',
      '%s, which is a client, has the default limits',
    ],
  },
  {
    row: 11,
    advisories: 'ws CVE-2021-32640, faye CVE-2020-7662',
    bugClass: 'regular expressions that take forever over a header',
    file: 'handshake',
    tests: ['each character is looked at a few times only: %s', 'a server answers all of them, and goes on'],
  },
  {
    row: 12,
    advisories: 'ws GHSA-5v72-xg48-5rpm, ws#1235',
    bugClass: 'names like `__proto__`; offers hidden in quotes',
    file: 'handshake',
    tests: [
      'names of what objects inherit are names like others, to a server',
      'names of what objects inherit are names like others, to a client',
      'what stands in quotes is no offer',
      'what is written is read as the same',
    ],
  },
  {
    row: 13,
    advisories: 'ws CVE-2024-37890',
    bugClass: 'headers that are missing because there were too many',
    file: 'handshake',
    tests: [
      'a header that is missing, or there twice, is answered 400; read %s',
      'two thousand headers before those that count; read %s',
      'a client, with %o, refuses the same of a server',
    ],
  },
  {
    row: 14,
    advisories: 'Granian CVE-2026-42544',
    bugClass: 'odd bytes in the headers of the handshake',
    file: 'handshake',
    tests: [
      'any byte in any header of a request is answered, and does no harm',
      'any byte in any header of a response fails the client, or does not; it lives',
    ],
  },
  {
    row: 15,
    advisories: 'tungstenite CVE-2023-43669, faye CVE-2026-54467',
    bugClass: 'heads without end, or parsed again with every byte',
    file: 'injection',
    tests: [
      'a client takes 16 KiB of a response and no more: an endless %s',
      'the limit is of node:http where that reads the response',
      'a server answers 431 to %j and so on',
      'each byte of a %s that drips in is looked at a few times only',
    ],
  },
  {
    row: 16,
    advisories: 'undici CVE-2026-1527',
    bugClass: 'line breaks in what a program puts into headers',
    file: 'injection',
    tests: [
      '%s of a client',
      'userinfo of a URL, and the Location of a redirect, are encoded',
      '%s of a server',
    ],
  },
  {
    row: 17,
    advisories: 'ws CVE-2026-45736, ws 1.0.1',
    bugClass: 'memory that was not cleared is sent',
    file: 'frames',
    tests: [
      '%s is sent as its own bytes, or not at all',
      'close() with %s sends its own bytes, or throws a TypeError',
      'a shared stream of zlib gives no message that refers to what another connection sent',
    ],
  },
  {
    row: 18,
    advisories: 'ws PR#636, ws PR#994, curl CVE-2025-10148',
    bugClass: 'masking keys that can be guessed, or are used twice',
    file: 'frames',
    tests: [
      'masking keys are fresh for each frame, and every byte of them is evenly spread',
      'masking leaves the memory that is sent as it was',
    ],
  },
  {
    row: 19,
    advisories: 'facil.io#169, ws#1679',
    bugClass: 'events behind a protocol error',
    file: 'frames',
    tests: ['nothing is told behind a fault: $name'],
  },
  {
    row: 20,
    advisories: 'ws-rs CVE-2020-35896',
    bugClass: 'a peer that does not read, and a buffer without a limit',
    file: 'floods',
    tests: ['a peer that never reads is given up with 1013, when more than the limit waits'],
  },
  {
    row: 21,
    advisories: 'tyrus#954, playframework#14150',
    bugClass: 'floods of pings and pongs',
    file: 'floods',
    tests: [
      'a peer that pings on and on and reads no pong is terminated',
      'quick pings are all answered, and before messages that wait',
      'more than 1,000 of opcode %i at once are refused with 1008',
    ],
  },
  {
    row: 22,
    advisories: 'engine.io CVE-2022-21676, CVE-2022-41940, CVE-2023-31125, sockjs CVE-2020-7693',
    bugClass: 'an error that nobody listens to ends the process',
    file: 'endings',
    tests: [
      'a server lives through a reset at every byte of a session',
      'a client lives through a reset at every byte of a response',
      'an illegal frame in the packet of the request ends its connection alone',
      'an illegal frame in the packet of the response ends a client',
    ],
  },
  {
    row: 23,
    advisories: 'socket.io CVE-2024-38355',
    bugClass: 'names of events that the peer chooses',
    file: 'hub',
    tests: [
      'takes %s for an event like any other',
      'takes %s for a room like any other',
      'does not give %s to the application',
    ],
  },
  {
    row: 24,
    advisories: 'socket.io-parser CVE-2020-36049, CVE-2022-2421, CVE-2023-32695, CVE-2026-33151',
    bugClass: 'packets of an application protocol without limits',
    file: 'hub',
    tests: [
      'goes on after anything that is not of the protocol',
      'refuses JSON that is nested too deeply, without parsing it',
      'ends a connection whose message is too long',
      'takes answers for requests that were made, and only once',
      'lets so many requests wait for a client that does not answer, and each for so long',
      'has no place in a log beyond 64 bits, for which Redis would break off what asks',
      'asks Redis for nothing behind the last place of all, which it takes for a fault',
      'closes the connection of who sends nothing else',
    ],
  },
  {
    row: 25,
    advisories: 'Vite, Mailpit GO-2026-4310, Dozzle GO-2026-5449, Tilt GO-2026-5181 and others',
    bugClass: 'web pages of other origins',
    file: 'access',
    tests: [
      'no page of another origin passes a list, and the one that is named does',
      "no page of another origin passes 'same-origin', and a page of this host, port and scheme does",
      'a page without TLS is of another origin than its host with TLS',
    ],
    hub: ['refuses them by default', 'lets in those that are named, or all'],
  },
  {
    row: 26,
    advisories: 'Daytona GO-2026-5598, Nezha GO-2026-5439',
    bugClass: 'rooms that anyone can join',
    file: 'hub',
    tests: [
      'is let in by the application only, which is asked by default to nothing',
      'is not let in by what is not true: %j',
      'is not let in when the application fails',
      'carries no rooms from one namespace into another',
      'gets nothing of a room of the time before it came',
    ],
  },
  {
    row: 27,
    advisories: 'SiYuan GO-2026-4752, Nezha GO-2026-5831',
    bugClass: 'sockets that say nothing are kept open',
    file: 'floods',
    tests: [
      'connections beyond maxConnections are refused with 503, before anything is decided',
      'a socket that asks for nothing is closed after handshakeTimeout',
      'a peer that is let in, and then is silent, is found by heartbeat',
    ],
    hub: [
      'refuses whose authorization does not come to an end, at the latest when it drains',
      'counts connections from before their authorization on',
      'closes who says nothing, where $hello is due',
      'closes who is authorized no more',
      'lets a client into so many rooms',
      'believes X-Forwarded-For of named proxies alone',
      'does not wait for a client that reads nothing',
    ],
  },
  {
    row: 28,
    advisories: 'ws 6946f5fe, d68ba9e1, bc8bd34e',
    bugClass: 'credentials that redirects take to others',
    file: 'access',
    tests: [
      'redirects from %s to %s take no credentials along',
      'redirects by way of another host do not bring credentials back to others',
    ],
  },
  {
    row: 29,
    advisories: 'faye-websocket CVE-2020-15133, Java-WebSocket CVE-2020-11050, Deno CVE-2026-44726',
    bugClass: 'TLS that is not verified, or not there',
    file: 'access',
    tests: [
      'a certificate that nobody vouches for is refused, with %o',
      'a certificate of another host is refused, with %o',
      'a certificate that has expired is refused, with %o',
      'nothing goes out in clear when the first address is dead, with %o',
      'it is the server that has to vouch for itself, with %o',
      'a proxy that does not vouch for itself is asked for nothing, with %o',
      'a proxy sees the request for the tunnel, and ciphertext, with %o',
    ],
  },
  {
    row: 30,
    advisories: 'Deno PR#36327',
    bugClass: 'HTTP/2 that nobody asked for, or that floods',
    file: 'http2',
    tests: [
      'take no head that is longer than one of HTTP/1.1 may be',
      'have a limit of streams, whether they are open or wait',
      'are ended when they have asked for nothing in time',
      'are ended when a peer does not take the answer that refuses it',
      'HTTP/2: a server that prefers it is told http/1.1, and what it sends is no response',
      'are not those of a client that checks no certificates',
      'are left by a client when the server names origins without end',
    ],
  },
  {
    row: 31,
    advisories: 'Undertow CVE-2021-3690',
    bugClass: 'a leak with each pong',
    file: 'floods',
    tests: ['a million pings and pongs leave nothing behind'],
  },
  {
    row: 32,
    advisories: 'websockets CVE-2021-33880',
    bugClass: 'the time that comparing a password takes',
    file: 'access',
    tests: ['comparing secrets: no server of ours looks at credentials'],
    missing: 'nothing compares secrets',
  },
  {
    row: 33,
    advisories: 'Next.js GHSA-c4j6-fc7j-m34r, Deno CVE-2026-49860',
    bugClass: 'requests that a server makes for others',
    file: 'access',
    tests: [
      'redirects are not followed where nobody asked for it',
      'redirects do not lead from the network to a Unix socket',
      'redirects are followed a few times only',
      'relays: no server of ours opens a connection',
    ],
    missing: 'there is no relay',
  },
  {
    row: 34,
    advisories: 'NATS#8029, ws#1521, undici#5570',
    bugClass: 'handshakes, frames and closes that never end',
    file: 'endings',
    tests: [
      'a server answers 408 after %i bytes of a request',
      'a client, with %o, gives up a response that stops',
      'a client gives up interim responses without end',
      'the end comes by heartbeat when the peer stops after %s',
      'the end comes within closeTimeout of close() when the peer stops after %s',
      'the end comes within closeTimeout when the peer reads nothing',
      'the end comes within closeTimeout when the peer closes, and keeps its stream open',
      'the end comes within closeTimeout of a fault when the peer sends on and on',
      'the end comes within closeTimeout when the peer ends its half, and reads nothing',
      'the end comes when the stream ends inside a frame',
      'two ends that close at once hear of each other',
      'a request that is cut off leaves no socket',
    ],
  },
  {
    row: 35,
    advisories: 'ws 92774377, node#37612',
    bugClass: 'a deflate stream that says it ends',
    file: 'compression',
    tests: [
      'a last block, and what is behind it, ends neither the stream nor the connection',
      'what stands behind a last block is no part of the message, nor of the next',
    ],
  },
  {
    row: 36,
    advisories: 'socket.io GHSA-qv2v-m59f-v5fw, GHSA-fxwf-4rqh-v8g3',
    bugClass: 'session ids that can be guessed',
    file: 'hub',
    tests: [
      'whose token is 128 random bits, apart from the id that others see',
      'with the token of one and the authorization of another',
      'but the same user may, whatever else his context has',
      'by what the adapter stores',
    ],
  },
];
