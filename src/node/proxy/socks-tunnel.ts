import dns from 'node:dns';
import { isIP, type LookupFunction, type Socket } from 'node:net';
import { proxyHungUp, socksMissing, socksRefused } from './proxy-error.ts';
import type { ProxyServer } from './proxy-server.ts';

type Socks = typeof import('socks');

/** How long the package lets a proxy take for its answers, in milliseconds. */
const SOCKS_TIMEOUT_MS = 30_000;

/** Loads the package, which a program has only where it needs it. Bundlers leave out what may be missing in a `try`. */
async function loadSocks(): Promise<Socks> {
  try {
    return await import('socks');
  } catch (error) {
    throw socksMissing(error);
  }
}

/**
 * Has a SOCKS5 proxy connect to `host` (RFC 1928, and RFC 1929 with a password). When the promise resolves, the socket is
 * paused, and what comes from it is the destination's.
 */
export async function throughSocks(
  socket: Socket,
  proxy: ProxyServer,
  host: string,
  port: number,
  lookup: LookupFunction | undefined,
): Promise<void> {
  const { SocksClient } = await loadSocks();
  const address = proxy.scheme === 'socks5h:' ? host : await resolved(host, lookup);
  // Given up meanwhile, or lost.
  if (socket.destroyed) throw proxyHungUp();
  const { userinfo } = proxy;
  try {
    await SocksClient.createConnection({
      command: 'connect',
      proxy: {
        host: proxy.host,
        port: proxy.port,
        type: 5,
        ...(userinfo && { userId: userinfo.username, password: userinfo.password }),
      },
      destination: { host: address, port },
      existing_socket: socket,
      timeout: SOCKS_TIMEOUT_MS,
    });
  } catch (error) {
    // Not as the cause: it has the password among its options.
    throw isLost(socket) ? proxyHungUp() : socksRefused((error as Error).message);
  }
}

function isLost(socket: Socket): boolean {
  return socket.readableEnded || socket.errored !== null;
}

async function resolved(
  host: string,
  lookup: LookupFunction = dns.lookup as LookupFunction,
): Promise<string> {
  if (isIP(host) !== 0) return host;
  return new Promise((resolve, reject) => {
    lookup(host, { all: false }, (error, address) => {
      if (error) reject(error);
      else resolve(typeof address === 'string' ? address : address[0]!.address);
    });
  });
}
