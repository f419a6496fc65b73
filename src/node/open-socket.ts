import net, { type NetConnectOpts, type Socket } from 'node:net';
import tls, { type ConnectionOptions as TlsConnectOptions } from 'node:tls';
import { tlsServerName } from './tls-server-name.ts';

/** What a socket leads to, and how. */
export interface SocketTarget {
  readonly secure: boolean;
  readonly host: string;
  readonly port: number | string;
  /** A Unix socket instead of host and port. */
  readonly socketPath?: string | undefined;
  /** What goes to `tls.connect` or `net.connect` besides. */
  readonly options: TlsConnectOptions;
}

/** What is offered by ALPN where nobody asked for more. */
const HTTP1: readonly string[] = ['http/1.1'];

/** The event of a socket to `target` at which it can be written to. */
export function connectEvent({ secure }: SocketTarget): 'connect' | 'secureConnect' {
  return secure ? 'secureConnect' : 'connect';
}

/**
 * Opens a socket. What Node refuses to open, a bad certificate say, fails as an event, as in node:http.
 *
 * @param alpn - The protocols to offer over TLS, where the target's options have none.
 */
export function openSocket(target: SocketTarget, alpn: readonly string[] = HTTP1): Socket {
  try {
    return open(target, alpn);
  } catch (error) {
    return new net.Socket().destroy(error as Error);
  }
}

function open(target: SocketTarget, alpn: readonly string[]): Socket {
  const { host, port, socketPath, secure, options } = target;
  if (secure) return openTls(target, { port, path: socketPath }, alpn);
  const where = { host, port, path: socketPath, timeout: undefined };
  return net.connect({ ...options, ...where, noDelay: true } as NetConnectOpts);
}

/** Begins TLS with the target over what leads to it; as with a direct way, a fault is an event. */
export function secured(target: SocketTarget, socket: Socket): Socket {
  try {
    return openTls(target, { socket }, HTTP1);
  } catch (error) {
    socket.destroy();
    return new net.Socket().destroy(error as Error);
  }
}

function openTls({ host, options }: SocketTarget, way: object, alpn: readonly string[]): Socket {
  const servername = tlsServerName(options.servername, host);
  const where = { host, path: undefined, timeout: undefined, ...way };
  // On the module, not by its name: programs replace it there.
  return tls
    .connect({ ALPNProtocols: [...alpn], ...options, ...where, servername } as TlsConnectOptions)
    .setNoDelay(true);
}
