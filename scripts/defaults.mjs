// npm run defaults: writes the table of limits and times into SECURITY.md.
// With --check it writes nothing, and fails when the page has another table.
import { DEFAULTS } from '../src/api/options.ts';
import { DEFAULT_HEAD_LIMITS } from '../src/handshake/head-parser.ts';
import { writeTable } from './generated-table.mjs';

const LIMITS = { ...DEFAULTS, ...DEFAULT_HEAD_LIMITS };

/** Every default: where it is set, its unit, and what comes of what is beyond. */
const ROWS = {
  maxHeadBytes: [
    'fixed; with `server` that of `node:http`',
    'bytes',
    'the head of a request (431) or of a response',
  ],
  maxHeaders: ['fixed; with `server` that of `node:http`', 'lines', 'headers in it: 431'],
  serverHandshakeTimeout: [
    '`handshakeTimeout` of a server',
    'ms',
    'each of: TLS, closed; the head of a request, 408; `verifyClient` and `shouldHandle`, 503',
  ],
  clientHandshakeTimeout: [
    '`handshakeTimeout` of a client',
    'ms',
    "the opening handshake, for each request along redirects: 'error'",
  ],
  maxRedirects: ['`maxRedirects`', '', "redirects, where `followRedirects` is set: 'error'"],
  protocolVersion: ['`protocolVersion`', '', 'the version that a client asks for'],
  maxConnections: ['`maxConnections`', 'connections', 'open ones of a server: 503 with Retry-After'],
  retryAfterSeconds: ['fixed', 's', 'what Retry-After says'],
  maxPayload: [
    '`maxPayload`',
    'bytes',
    'a message, after inflating: 1009; what is compressed may have an eighth more on the wire',
  ],
  maxStreamedBytes: ['`maxStreamedBytes`', 'bytes', 'a message of `messageStreams()`, after inflating: 1009'],
  maxFragments: ['`maxFragments`', 'frames', 'of a message: 1008'],
  maxBufferedChunks: ['`maxBufferedChunks`', 'chunks', 'of a frame: 1008'],
  maxControlFramesPerSecond: [
    '`maxControlFramesPerSecond`',
    'frames',
    'pings, pongs and empty fragments in a second, which may come at once, up to what the next line says of pings: 1008',
  ],
  maxPendingAutoPongs: [
    '`maxPendingAutoPongs`',
    'frames',
    'pongs that the peer does not read, or that pings of one read ask for: terminated',
  ],
  maxBufferedBytes: [
    '`maxBufferedBytes`',
    'bytes',
    'messages that wait for a slow peer: what `slowPeer` says',
  ],
  slowPeer: ['`slowPeer`', '', "what becomes of messages beyond that; 'close' is 1013"],
  highWaterMarkBytes: ['`highWaterMarkBytes`', 'bytes', 'what waits in the socket; more waits here'],
  lowWaterMarkBytes: ['`lowWaterMarkBytes`', 'bytes', "what waits when 'drain' comes"],
  maxEarlyMessageBytes: [
    '`maxEarlyMessageBytes`',
    'bytes',
    "messages that come before anybody listens to 'message': reading stops",
  ],
  earlyMessageTimeoutMs: ['`earlyMessageTimeoutMs`', 'ms', 'how long those are held: dropped'],
  skipUTF8Validation: ['`skipUTF8Validation`', '', 'whether text that is not UTF-8 passes'],
  autoPong: ['`autoPong`', '', 'whether pings are answered'],
  allowSynchronousEvents: ['`allowSynchronousEvents`', '', 'whether several events may come in one tick'],
  closeTimeout: ['`closeTimeout`', 'ms', 'the closing handshake, whatever the peer does: terminated'],
  heartbeatIntervalMs: ['`heartbeat.intervalMs`, where `heartbeat` is set', 'ms', 'between pings'],
  heartbeatTimeoutMs: [
    '`heartbeat.timeoutMs`, where `heartbeat` is set',
    'ms',
    'a peer that sends nothing after a ping: terminated',
  ],
  drainDeadlineMs: ['`deadlineMs` of `drain()`', 'ms', 'what is open then is terminated'],
};

/** What 0 says. */
const NO_LIMIT = {
  maxStreamedBytes: 'none: nothing of it is held',
  maxFragments: 'none: memory is bounded by bytes',
  maxBufferedChunks: 'none: memory is bounded by bytes',
};

const undocumented = Object.keys(LIMITS).filter((name) => !(name in ROWS));
if (undocumented.length > 0)
  throw new Error(`scripts/defaults.mjs says nothing of ${undocumented.join(', ')}`);

await writeTable({
  page: 'SECURITY.md',
  name: 'defaults',
  source: 'src/api/options.ts',
  headings: ['option', 'default', 'what it limits, and what comes of more'],
  rows: Object.entries(ROWS).map(([name, [option, unit, meaning]]) => [option, shown(name, unit), meaning]),
});

function shown(name, unit) {
  const value = LIMITS[name];
  if (value === 0) return NO_LIMIT[name];
  const text = typeof value === 'number' ? value.toLocaleString('en') : String(value);
  return unit === '' ? text : `${text} ${unit}`;
}
