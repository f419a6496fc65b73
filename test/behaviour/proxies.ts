import { once } from 'node:events';
import net, { type AddressInfo, type Server, type Socket } from 'node:net';
import tls from 'node:tls';
import { onTestFinished } from 'vitest';
import type { Certificate } from '../e2e/certificate.ts';
import { RawPeer } from './raw-peer.ts';

export interface TestProxy {
  readonly port: number;
  /** Of each request for a tunnel: the head, or what SOCKS asked for. */
  readonly asked: string[];
  /** The connections of clients. */
  readonly sockets: ReadonlySet<Socket>;
}

export const OPEN = 'HTTP/1.1 200 Connection established\r\n\r\n';

interface HttpProxyOptions {
  /** Speaks TLS with its clients. */
  readonly tls?: Certificate;
  /** What is done with a request; by default it is answered with {@link OPEN}, and the tunnel made. */
  readonly answer?: (socket: Socket, head: string, open: (answer?: string) => void) => void;
}

/** Starts an HTTP proxy for the test that is running; whatever name is asked for is this machine. */
export async function startHttpProxy({
  tls: certificate,
  answer = (_socket, _head, open) => open(),
}: HttpProxyOptions = {}): Promise<TestProxy> {
  const onSocket = (socket: Socket, asked: string[]): void => {
    const peer = new RawPeer(socket);
    const takeRequest = async (): Promise<void> => {
      const head = await peer.takeHead();
      asked.push(head);
      answer(socket, head, (text = OPEN) => {
        socket.write(text);
        joinTo(Number(/^CONNECT \S+:(\d+) /.exec(head)![1]), socket);
      });
    };
    // It may be gone before it has asked for anything.
    takeRequest().catch(() => {});
  };
  const make = (listener: (socket: Socket) => void): Server =>
    certificate === undefined ? net.createServer(listener) : tls.createServer(certificate, listener);
  return listen(make, onSocket);
}

/** Starts a SOCKS5 proxy for the test that is running (RFC 1928, RFC 1929); `reply` is the code of its last answer. */
export async function startSocksProxy({
  credentials,
  reply = 0,
}: {
  credentials?: string;
  reply?: number;
} = {}): Promise<TestProxy> {
  const onSocket = (socket: Socket, asked: string[]): void => {
    const talk = socksConversation(socket, credentials);
    talk
      .then(({ host, port }) => {
        asked.push(`${host}:${port}`);
        socket.write(Buffer.from([5, reply, 0, 1, 0, 0, 0, 0, 0, 0]));
        if (reply === 0) joinTo(port, socket);
        else socket.end();
      })
      .catch(() => socket.end());
  };
  return listen((listener) => net.createServer(listener), onSocket);
}

async function socksConversation(socket: Socket, credentials: string | undefined) {
  const read = async (length: number): Promise<Buffer> => {
    for (;;) {
      const chunk = socket.read(length) as Buffer | null;
      if (chunk !== null) return chunk;
      if (socket.readableEnded || socket.destroyed) throw new Error('The client is gone');
      await Promise.race([once(socket, 'readable'), once(socket, 'end')]);
    }
  };
  const readText = async (): Promise<string> => String(await read((await read(1))[0]!));
  const [, count = 0] = await read(2);
  const methods = await read(count);
  const method = credentials === undefined ? 0 : 2;
  socket.write(Buffer.from([5, methods.includes(method) ? method : 0xff]));
  if (method === 2) {
    await read(1);
    const right = `${await readText()}:${await readText()}` === credentials;
    socket.write(Buffer.from([1, right ? 0 : 1]));
    if (!right) throw new Error('Wrong password');
  }
  const [, , , type] = await read(4);
  const host = type === 3 ? await readText() : (await read(type === 1 ? 4 : 16)).join('.');
  return { host, port: (await read(2)).readUInt16BE() };
}

/** Starts what proxies are to lead to, which says everything back in upper case; returns its port. */
export async function startTarget(): Promise<number> {
  const answer = (socket: Socket): void =>
    void socket.on('data', (chunk: Buffer) => socket.write(String(chunk).toUpperCase()));
  return (await listen((listener) => net.createServer(listener), answer)).port;
}

async function listen(
  make: (listener: (socket: Socket) => void) => Server,
  onSocket: (socket: Socket, asked: string[]) => void,
): Promise<TestProxy> {
  const sockets = new Set<Socket>();
  const asked: string[] = [];
  const server = make((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
    onSocket(socket, asked);
  });
  server.on('tlsClientError', () => {});
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { port: (server.address() as AddressInfo).port, asked, sockets };
}

function joinTo(port: number, socket: Socket): void {
  const target = net.connect(port, '127.0.0.1');
  target.on('error', () => socket.destroy());
  socket.on('close', () => target.destroy());
  target.on('close', () => socket.destroy());
  socket.pipe(target).pipe(socket);
}
