// A peer whose bytes a case writes and reads by hand, over node:net.
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';

const KEY = 'dGhlIHNhbXBsZSBub25jZQ==';

export class RawPeer {
  socket;
  closed;
  received = Buffer.alloc(0);
  #wake = () => {};

  constructor(socket) {
    this.socket = socket;
    this.closed = new Promise((resolve) => {
      socket.once('close', () => {
        resolve();
        this.#wake();
      });
    });
    socket.on('data', (chunk) => {
      this.received = Buffer.concat([this.received, chunk]);
      this.#wake();
    });
    socket.on('error', () => {});
  }

  /** Waits until `test` holds for what came; fails when the stream closes before. */
  async until(test) {
    while (!test(this.received)) {
      if (this.socket.destroyed)
        throw new Error(`the stream closed; it brought ${this.received.toString('hex')}`);
      await new Promise((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  /** Takes the head of an HTTP message off what came. */
  async takeHead() {
    await this.until((received) => received.includes('\r\n\r\n'));
    const end = this.received.indexOf('\r\n\r\n') + 4;
    const head = this.received.toString('latin1', 0, end);
    this.received = this.received.subarray(end);
    return head;
  }

  /** Takes one short frame (RFC 6455 §5.2) off what came. */
  async takeFrame() {
    await this.until((received) => received.length >= 2 && received.length >= frameLength(received));
    const bytes = this.received.subarray(0, frameLength(this.received));
    this.received = this.received.subarray(bytes.length);
    const masked = (bytes[1] & 0x80) !== 0;
    const payload = Buffer.from(bytes.subarray(masked ? 6 : 2));
    if (masked) for (let i = 0; i < payload.length; i++) payload[i] ^= bytes[2 + (i & 3)];
    return {
      fin: (bytes[0] & 0x80) !== 0,
      rsv1: (bytes[0] & 0x40) !== 0,
      opcode: bytes[0] & 15,
      masked,
      payload,
    };
  }

  /** Reads on to the end; returns the code of the Close frame that came, if one did. */
  async closeCode() {
    for (;;) {
      const { opcode, payload } = await this.takeFrame();
      if (opcode === 8) return payload.length === 0 ? 1005 : payload.readUInt16BE(0);
    }
  }
}

function frameLength(bytes) {
  const length = bytes[1] & 0x7f;
  if (length > 125) throw new Error('a frame longer than a case reads by hand');
  return 2 + ((bytes[1] & 0x80) === 0 ? 0 : 4) + length;
}

/** The bytes of a frame; `mask` masks it with a key of zeros, which leaves the payload readable. */
export function frame({ fin = true, rsv = 0, opcode = 1, mask = true, payload = '' }) {
  const bytes = Buffer.from(payload);
  const first = (fin ? 0x80 : 0) | (rsv << 4) | opcode;
  const bit = mask ? 0x80 : 0;
  const length =
    bytes.length < 126 ? [bit | bytes.length] : [bit | 126, bytes.length >> 8, bytes.length & 255];
  return Buffer.concat([Buffer.from([first, ...length, ...(mask ? [0, 0, 0, 0] : [])]), bytes]);
}

/** Connects and does the opening handshake as a client. */
export async function upgradeRaw(scope, port, headers = {}) {
  const peer = await connectRaw(scope, port);
  peer.socket.write(upgradeRequest(headers));
  peer.head = await peer.takeHead();
  if (!peer.head.startsWith('HTTP/1.1 101 ')) throw new Error(`refused: ${peer.head}`);
  return peer;
}

export async function connectRaw(scope, port) {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  const peer = new RawPeer(socket);
  scope.defer(() => socket.destroy());
  await once(socket, 'connect');
  return peer;
}

/** The text of a request to upgrade; a header that is set to undefined is left out. */
export function upgradeRequest(headers = {}, startLine = 'GET / HTTP/1.1') {
  const all = {
    Host: 'localhost',
    Upgrade: 'websocket',
    Connection: 'Upgrade',
    'Sec-WebSocket-Key': KEY,
    'Sec-WebSocket-Version': '13',
    ...headers,
  };
  const lines = Object.entries(all).filter(([, value]) => value !== undefined);
  return `${startLine}\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`;
}

/** Starts a raw server; `onPeer` gets each peer and the head of its request. */
export async function serveRaw(scope, onPeer) {
  const sockets = new Set();
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    const peer = new RawPeer(socket);
    peer.takeHead().then((head) => onPeer(peer, head));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  scope.defer(() => {
    for (const socket of sockets) socket.destroy();
    return new Promise((resolve) => server.close(resolve));
  });
  return `ws://127.0.0.1:${server.address().port}/`;
}

/** The text of the response that upgrades the request whose head is given. */
export function upgradeResponse(requestHead, headers = {}) {
  const key = /^sec-websocket-key: (.*)\r$/im.exec(requestHead)[1];
  const all = {
    Upgrade: 'websocket',
    Connection: 'Upgrade',
    'Sec-WebSocket-Accept': createHash('sha1')
      .update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
      .digest('base64'),
    ...headers,
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 101 Switching Protocols\r\n${lines.join('')}\r\n`;
}
