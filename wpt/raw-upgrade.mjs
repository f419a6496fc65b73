// The opening handshake and the frames by hand, for the handlers that send what no server should.
import { createHash } from 'node:crypto';

const CLOSE = 8;

/** The Sec-WebSocket-Accept that answers a request. */
export function acceptOf(request) {
  return createHash('sha1')
    .update(`${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
    .digest('base64');
}

/** A 101 response; `headers` replace or add to the usual ones. */
export function upgradeResponse(request, headers = {}) {
  const all = {
    Upgrade: 'websocket',
    Connection: 'Upgrade',
    'Sec-WebSocket-Accept': acceptOf(request),
    ...headers,
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.from(`HTTP/1.1 101 Switching Protocols\r\n${lines.join('')}\r\n`, 'latin1');
}

/** A Close frame of a server; without a code it has no payload. */
export function closeFrame(code, reason = '') {
  const payload = code === undefined ? [] : [code >> 8, code & 0xff, ...Buffer.from(reason)];
  return Buffer.from([0x80 | CLOSE, payload.length, ...payload]);
}

/** Waits for a Close frame, before which the client sends nothing, and returns its payload. */
export async function readCloseFrame(socket) {
  let received = Buffer.alloc(0);
  for await (const chunk of socket.iterator({ destroyOnReturn: false })) {
    received = Buffer.concat([received, chunk]);
    const length = (received[1] ?? 0x7f) & 0x7f;
    if (received.length < 6 + length) continue;
    const key = received.subarray(2, 6);
    return received.subarray(6, 6 + length).map((byte, i) => byte ^ key[i % 4]);
  }
  throw new Error('The client left without a Close frame');
}
