import { once } from 'node:events';
import type { LookupFunction, Socket } from 'node:net';
import type { ConnectionOptions as TlsConnectOptions } from 'node:tls';
import { connectEvent, openSocket, type SocketTarget } from '../open-socket.ts';
import { askForTunnel, tunnelRequest } from './http-tunnel.ts';
import { proxyUnreachable } from './proxy-error.ts';
import { isHttpProxy, type ProxyServer } from './proxy-server.ts';
import { throughSocks } from './socks-tunnel.ts';

/** Where a tunnel leads, and what a client was told of sockets. */
export interface TunnelTarget {
  readonly host: string;
  readonly port: number | string;
  readonly options: TlsConnectOptions;
}

export interface TunnelEvents {
  /** What is written to the socket now, and comes from it, is the destination's; it is paused. */
  onOpen(socket: Socket): void;
  onError(error: Error): void;
}

/** What is said of the connection to the proxy where the client's options say it: nothing of TLS, which is for the target. */
const SOCKET_OPTIONS = [
  'lookup',
  'family',
  'hints',
  'localAddress',
  'localPort',
  'autoSelectFamily',
  'autoSelectFamilyAttemptTimeout',
  'keepAlive',
  'keepAliveInitialDelay',
] as const;

/** A connection to a destination by way of a proxy. */
export class Tunnel {
  readonly #socket: Socket;
  readonly #events: TunnelEvents;
  #over = false;

  /** @throws {TypeError} A header for the proxy has characters that don't belong there; no socket is opened. */
  constructor(proxy: ProxyServer, target: TunnelTarget, events: TunnelEvents) {
    const ask = asking(proxy, target);
    const way = proxyTarget(proxy, target.options);
    this.#events = events;
    this.#socket = openSocket(way);
    // Each step tells them.
    this.#socket.on('error', ignore);
    connected(this.#socket, way)
      .then(() => ask(this.#socket))
      .then(
        () => this.#open(),
        (error: Error) => this.#fail(error),
      );
  }

  /** Gives up; no event comes any more. */
  abort(): void {
    this.#over = true;
    this.#socket.destroy();
  }

  #open(): void {
    if (this.#over) return;
    this.#over = true;
    this.#socket.off('error', ignore);
    this.#events.onOpen(this.#socket);
  }

  #fail(error: Error): void {
    if (this.#over) return;
    this.abort();
    this.#events.onError(error);
  }
}

/** Returns what is to be done with a connection to the proxy. */
function asking(
  proxy: ProxyServer,
  { host, port, options }: TunnelTarget,
): (socket: Socket) => Promise<void> {
  if (isHttpProxy(proxy)) {
    const request = tunnelRequest(proxy, host, port);
    return (socket) => askForTunnel(socket, request);
  }
  const { lookup } = options as { lookup?: LookupFunction };
  return (socket) => throughSocks(socket, proxy, host, Number(port), lookup);
}

async function connected(socket: Socket, target: SocketTarget): Promise<void> {
  try {
    await once(socket, connectEvent(target));
  } catch (error) {
    throw proxyUnreachable(error as Error);
  }
}

/** What to connect to, with what the client's options say of sockets and the proxy's of TLS. */
function proxyTarget({ scheme, host, port, tls }: ProxyServer, options: TlsConnectOptions): SocketTarget {
  const given = options as Readonly<Record<string, unknown>>;
  const chosen = Object.fromEntries(
    SOCKET_OPTIONS.filter((name) => given[name] !== undefined).map((name) => [name, given[name]]),
  );
  const secure = scheme === 'https:';
  return { secure, host, port, options: secure ? { ...tls, ...chosen } : chosen };
}

function ignore(): void {}
