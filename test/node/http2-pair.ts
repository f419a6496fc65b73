import { once } from 'node:events';
import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect,
  createServer,
  type Http2Server,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
  type ServerHttp2Stream,
  type ServerOptions,
} from 'node:http2';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

export const CONNECT: OutgoingHttpHeaders = {
  ':method': 'CONNECT',
  ':protocol': 'websocket',
  ':scheme': 'http',
  ':path': '/chat',
  'sec-websocket-version': '13',
};

/** A server of node:http2 for the test that is running, and how many sockets it has got. */
export interface TestHttp2Server {
  readonly server: Http2Server;
  readonly port: number;
  readonly url: string;
  readonly sockets: () => number;
}

/** Starts one that takes extended CONNECT. */
export async function startHttp2(
  options: ServerOptions = { settings: { enableConnectProtocol: true } },
): Promise<TestHttp2Server> {
  const server = createServer(options);
  let sockets = 0;
  server.on('session', (session) => {
    sockets++;
    session.on('error', () => {});
    onTestFinished(() => session.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { server, port, url: `http://127.0.0.1:${port}`, sockets: () => sockets };
}

/** Opens a session of the test's own, and waits for the server's SETTINGS. */
export async function openSession(url: string): Promise<ClientHttp2Session> {
  const session = connect(url, { rejectUnauthorized: false });
  session.on('error', () => {});
  onTestFinished(() => session.destroy());
  await once(session, 'remoteSettings');
  return session;
}

/** Sends a request that stays open, and has the errors of its stream looked at by nobody. */
export function request(session: ClientHttp2Session, headers: OutgoingHttpHeaders = {}): ClientHttp2Stream {
  return session.request({ ...CONNECT, ...headers }, { endStream: false }).on('error', () => {});
}

export interface StreamPair {
  readonly near: ServerHttp2Stream;
  readonly headers: IncomingHttpHeaders;
  readonly far: ClientHttp2Stream;
}

/** The two ends of one stream: a server's, which has not answered, and a client's. */
export async function streamPair(headers: OutgoingHttpHeaders = {}): Promise<StreamPair> {
  const { server, url } = await startHttp2();
  const session = await openSession(url);
  const accepted = once(server, 'stream') as unknown as Promise<[ServerHttp2Stream, IncomingHttpHeaders]>;
  const far = request(session, headers);
  const [near, received] = await accepted;
  near.on('error', () => {});
  return { near, headers: received, far };
}
