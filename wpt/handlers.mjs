// What web-platform-tests' own server does at each path: its handlers are Python, websockets/handlers/*_wsh.py.
import { setTimeout as sleep } from 'node:timers/promises';
import { closeFrame, readCloseFrame, upgradeResponse } from './raw-upgrade.mjs';

/** What the tests put in at one page, and take out at another. */
export const stash = new Map();

const NORMAL_CLOSURE = 1000;
const GOING_AWAY = 1001;
/** A ping of a server, without payload. */
const PING = Buffer.from([0x89, 0]);

/**
 * Each has one of:
 * - `open(ws, request, socket)`, called with an open connection; it may choose the subprotocol, switch compression off,
 *   or have the client wait for the response;
 * - `raw(socket, request)`, called with the request unanswered.
 */
export const handlers = {
  '/basic_auth': {
    raw(socket, request) {
      if (request.headers.authorization === 'Basic Zm9vOmJhcg==') {
        socket.end(Buffer.concat([upgradeResponse(request), closeFrame(NORMAL_CLOSURE)]));
      } else {
        socket.end(
          'HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\nWWW-Authenticate: Basic realm="camelot"\r\n\r\n',
        );
      }
    },
  },
  '/delayed-passive-close': {
    async raw(socket, request) {
      socket.write(upgradeResponse(request));
      const payload = await readCloseFrame(socket);
      await sleep(1000);
      const code = payload.length > 0 ? payload.readUInt16BE(0) : undefined;
      socket.end(closeFrame(code, payload.subarray(2)));
    },
  },
  '/echo': {
    protocol: (requested) => requested.has('echo') && 'echo',
    open(ws) {
      ws.on('message', (data, isBinary) => {
        ws.send(data, { binary: isBinary });
        if (!isBinary && String(data) === 'Goodbye') ws.close(NORMAL_CLOSURE);
      });
    },
  },
  '/echo-query': { open: (ws, { url }) => tell(ws, url.slice(url.indexOf('?') + 1)) },
  '/echo-query_v13': { open: (ws, { url }) => tell(ws, url.split('?')[1]) },
  '/echo_close_data': { open: closeOnGoodbye },
  '/echo_exit': { open: closeOnGoodbye },
  '/echo_raw': {
    open(ws, _request, socket) {
      ws.on('message', (data) => {
        if (String(data) === 'exit') ws.close(NORMAL_CLOSURE);
        else socket.write(data);
      });
    },
  },
  '/empty-message': {
    open(ws) {
      ws.once('message', (data, isBinary) => tell(ws, !isBinary && data.length === 0 ? 'pass' : 'fail'));
    },
  },
  // A WebSocket should never get there: it is a page of the tests' HTTP server.
  '/fetch/api/resources/stash-put.py': {
    raw(socket, request) {
      const { searchParams } = new URL(request.url, 'http://localhost');
      stash.set(searchParams.get('key'), searchParams.get('value'));
      socket.end(upgradeResponse(request));
    },
  },
  '/handshake_no_extensions': { compress: false, open: (ws) => ws.close(NORMAL_CLOSURE) },
  '/handshake_no_protocol': { protocol: () => false, open: (ws) => ws.close(NORMAL_CLOSURE) },
  '/handshake_protocol': {
    raw: (socket, request) =>
      socket.end(
        Buffer.concat([
          upgradeResponse(request, { 'Sec-WebSocket-Protocol': 'foobar' }),
          closeFrame(NORMAL_CLOSURE),
        ]),
      ),
  },
  '/handshake_sleep_2': { delay: 2000, open: (ws) => ws.close(NORMAL_CLOSURE) },
  '/invalid': {
    raw: (socket, request) =>
      socket.end(Buffer.concat([Buffer.from('FOO BAR BAZ\r\n\r\n'), upgradeResponse(request)])),
  },
  '/origin': { open: (ws, { headers }) => tell(ws, String(headers.origin)) },
  '/passive-close-abort': {
    async raw(socket, request) {
      socket.write(upgradeResponse(request));
      await readCloseFrame(socket);
      socket.destroy();
    },
  },
  '/protocol': { protocol: first, open: (ws) => tell(ws, ws.protocol) },
  '/protocol_array': { protocol: first, open: (ws) => tell(ws, ws.protocol) },
  '/receive-many-with-backpressure': { compress: false, open: answerSlowly },
  '/receive-backpressure': {
    compress: false,
    async open(_ws, _request, socket) {
      socket.pause();
      await sleep(2000);
      socket.resume();
    },
  },
  '/referrer': { open: (ws, { headers }) => tell(ws, headers.referer ?? 'MISSING AS PER FETCH') },
  '/remote-close': {
    async raw(socket, request) {
      const { searchParams } = new URL(request.url, 'ws://localhost');
      const code = searchParams.get('code');
      socket.write(upgradeResponse(request));
      if (searchParams.has('abrupt')) {
        socket.write(PING);
        return socket.destroySoon();
      }
      socket.write(closeFrame(code === null ? undefined : Number(code), searchParams.get('reason') ?? ''));
      await readCloseFrame(socket);
      socket.end();
    },
  },
  '/send-backpressure': { compress: false, open: sendMuch },
  '/simple_handshake': {
    async raw(socket, request) {
      const response = upgradeResponse(request, { Upgrade: 'WebSocket', 'Set-Cookie': 'ws_test=test' });
      socket.write(Buffer.concat([response, closeFrame(GOING_AWAY, 'PASS')]));
      await readCloseFrame(socket);
      socket.end();
    },
  },
  '/sleep_10_v13': {
    delay: 10_000,
    open(ws) {
      ws.on('message', (data) => {
        if (String(data) === 'Goodbye') ws.close(NORMAL_CLOSURE);
        else ws.send(data, { binary: false });
      });
    },
  },
  '/websockets/opening-handshake/resources/redirect_response.py': {
    raw: (socket) =>
      socket.end('HTTP/1.1 301 moved\r\nLocation: /echo\r\nContent-Length: 0\r\nConnection: close\r\n\r\n'),
  },
  '/wrong_accept_key': {
    raw: (socket, request) =>
      socket.end(upgradeResponse(request, { 'Sec-WebSocket-Accept': 'thisisawrongacceptkey' })),
  },
};

/** Sends one message, and closes. */
function tell(ws, text) {
  ws.send(text);
  ws.close(NORMAL_CLOSURE);
}

function closeOnGoodbye(ws) {
  ws.on('message', (data) => {
    if (String(data) === 'Goodbye') ws.close(NORMAL_CLOSURE);
  });
}

function first([protocol]) {
  return protocol;
}

/** Takes 0.1 s for each message, and reads no further in the meantime. */
async function answerSlowly(ws) {
  let last = Promise.resolve();
  ws.on('message', (data) => {
    ws.pause();
    last = last.then(async () => {
      await sleep(100);
      ws.send(String(data.length));
      ws.resume();
    });
  });
}

/** Sends an empty message, messages of 16 MiB together, and how long it took to be rid of them, in seconds. */
async function sendMuch(ws) {
  const sent = (data) => new Promise((resolve) => ws.send(data, resolve));
  await sent(Buffer.alloc(0));
  const start = performance.now();
  for (let i = 0; i < 16; i++) await sent(Buffer.alloc(2 ** 20, ' '));
  await sent(String((performance.now() - start) / 1000));
}
