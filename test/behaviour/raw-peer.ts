import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { startBackBridge, startFrontBridge } from './http2-bridge.mjs';
import { OVER_HTTP2 } from './over-http2.ts';

const KEY = 'dGhlIHNhbXBsZSBub25jZQ==';

/** A socket whose bytes a test reads and writes by hand. */
export class RawPeer {
  readonly socket: Socket;
  readonly closed: Promise<void>;
  /** Grows by doubling: some tests look at each chunk of many MiB. */
  #memory = Buffer.alloc(0);
  #start = 0;
  #end = 0;

  constructor(socket: Socket) {
    this.socket = socket;
    this.closed = new Promise((resolve) => socket.once('close', () => resolve()));
    socket.on('data', (chunk) => this.#append(chunk));
    // Some tests reset the stream; which end hears of it how is not what they are about.
    socket.on('error', () => {});
  }

  /** What came, but for what {@link takeHead} took. */
  get received(): Buffer {
    return this.#memory.subarray(this.#start, this.#end);
  }

  /** Waits until `test` holds for what came; fails when the stream closes before. */
  async until(test: (received: Buffer) => boolean): Promise<void> {
    while (!test(this.received)) {
      const closed = await Promise.race([
        this.closed.then(() => true),
        new Promise<false>((resolve) => this.socket.once('data', () => resolve(false))),
      ]);
      if (closed && !test(this.received)) throw new Error('The socket closed before what was waited for');
    }
  }

  /** Takes the head of an HTTP message off what came. */
  async takeHead(): Promise<string> {
    await this.until((received) => received.includes('\r\n\r\n'));
    const { received } = this;
    const length = received.indexOf('\r\n\r\n') + 4;
    this.#start += length;
    return received.toString('latin1', 0, length);
  }

  #append(chunk: Buffer): void {
    const end = this.#end + chunk.length;
    if (end > this.#memory.length) {
      const grown = Buffer.alloc(Math.max(end, 2 * this.#memory.length));
      this.#memory.copy(grown);
      this.#memory = grown;
    }
    chunk.copy(this.#memory, this.#end);
    this.#end = end;
  }
}

/** The text of a request to upgrade; `replaced` headers replace those of the same name, or leave them out. */
export function upgradeRequest(
  replaced: Readonly<Record<string, string | undefined>> = {},
  startLine = 'GET / HTTP/1.1',
): string {
  const headers: Record<string, string | undefined> = {
    Host: 'localhost',
    Upgrade: 'websocket',
    Connection: 'Upgrade',
    'Sec-WebSocket-Key': KEY,
    'Sec-WebSocket-Version': '13',
    ...replaced,
  };
  const lines = Object.entries(headers).filter(([, value]) => value !== undefined);
  return `${startLine}\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`;
}

/** The text of the response that upgrades the request whose head is given. */
export function upgradeResponse(
  requestHead: string,
  replaced: Readonly<Record<string, string>> = {},
): string {
  const key = /^sec-websocket-key: (.*)\r$/im.exec(requestHead)![1]!;
  const headers: Record<string, string> = {
    Upgrade: 'websocket',
    Connection: 'Upgrade',
    'Sec-WebSocket-Accept': createHash('sha1')
      .update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
      .digest('base64'),
    ...replaced,
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 101 Switching Protocols\r\n${lines.join('')}\r\n`;
}

/** Connects a raw client. */
export async function connectRaw(port: number, { allowHalfOpen = false } = {}): Promise<RawPeer> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true, allowHalfOpen });
  const peer = new RawPeer(socket);
  await once(socket, 'connect');
  return peer;
}

/** Connects a raw client, and does the opening handshake. */
export async function upgradeRaw(
  port: number,
  headers: Readonly<Record<string, string>> = {},
  options: { allowHalfOpen?: boolean } = {},
): Promise<RawPeer> {
  const peer = await connectRaw(OVER_HTTP2 ? await frontOf(port) : port, options);
  peer.socket.write(upgradeRequest(headers));
  const head = await peer.takeHead();
  if (!head.startsWith('HTTP/1.1 101 ')) throw new Error(`Refused: ${head}`);
  return peer;
}

/** The port of a bridge before a server of the test that is running, which speaks HTTP/2 to it. */
async function frontOf(port: number): Promise<number> {
  // Programs that are no tests have no bridges, and no Vitest.
  const { onTestFinished } = await import('vitest');
  const bridge = await startFrontBridge(port);
  onTestFinished(() => bridge.close());
  return bridge.port;
}

export interface RawServer {
  readonly url: string;
  close(): Promise<void>;
}

/** Starts a raw server; `onPeer` is called with each peer and the head of its request. */
export async function serveRaw(
  onPeer: (peer: RawPeer, requestHead: string) => void,
  { allowHalfOpen = false } = {},
): Promise<RawServer> {
  const sockets = new Set<Socket>();
  const server: Server = createServer({ noDelay: true, allowHalfOpen }, (socket) => {
    sockets.add(socket);
    const peer = new RawPeer(socket);
    peer.takeHead().then((head) => onPeer(peer, head));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  // Clients of the engine that speak HTTP/2 come by a bridge.
  const bridge = OVER_HTTP2 ? await startBackBridge(port) : undefined;
  return {
    url: `ws://127.0.0.1:${bridge?.port ?? port}/`,
    async close() {
      bridge?.close();
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
