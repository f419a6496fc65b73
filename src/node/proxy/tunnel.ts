import { once } from 'node:events';
import net, { type LookupFunction, type NetConnectOpts, type Socket } from 'node:net';
import tls, { type ConnectionOptions as TlsConnectOptions } from 'node:tls';
import { tlsServerName } from '../tls-server-name.ts';
import { askForTunnel, tunnelRequest } from './http-tunnel.ts';
import { aborted, proxyUnreachable } from './proxy-error.ts';
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
  readonly #signal: AbortSignal | undefined;
  #over = false;

  /**
   * @param signal - Gives up, and tells so, while the tunnel is not open.
   * @throws {TypeError} A header for the proxy has characters that don't belong there; no socket is opened.
   */
  constructor(proxy: ProxyServer, target: TunnelTarget, events: TunnelEvents, signal?: AbortSignal) {
    const ask = asking(proxy, target);
    this.#events = events;
    this.#signal = signal;
    this.#socket = openProxy(proxy, target.options);
    // Each step tells them.
    this.#socket.on('error', ignore);
    connected(this.#socket, proxy)
      .then(() => ask(this.#socket))
      .then(
        () => this.#open(),
        (error: Error) => this.#fail(error),
      );
    if (signal?.aborted) process.nextTick(this.#onAbort);
    else signal?.addEventListener('abort', this.#onAbort);
  }

  /** Gives up; no event comes any more. */
  abort(): void {
    this.#settle();
    this.#socket.destroy();
  }

  readonly #onAbort = (): void => this.#fail(aborted(this.#signal!));

  #open(): void {
    if (this.#over) return;
    this.#settle();
    this.#socket.off('error', ignore);
    this.#events.onOpen(this.#socket);
  }

  #fail(error: Error): void {
    if (this.#over) return;
    this.abort();
    this.#events.onError(error);
  }

  #settle(): void {
    this.#over = true;
    this.#signal?.removeEventListener('abort', this.#onAbort);
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

async function connected(socket: Socket, { scheme }: ProxyServer): Promise<void> {
  try {
    await once(socket, scheme === 'https:' ? 'secureConnect' : 'connect');
  } catch (error) {
    throw proxyUnreachable(error as Error);
  }
}

/** What Node refuses to open fails as an event, as it does without a proxy. */
function openProxy(proxy: ProxyServer, options: TlsConnectOptions): Socket {
  try {
    return open(proxy, options);
  } catch (error) {
    return new net.Socket().destroy(error as Error);
  }
}

function open({ scheme, host, port, tls: own }: ProxyServer, options: TlsConnectOptions): Socket {
  const given = options as Readonly<Record<string, unknown>>;
  const chosen = Object.fromEntries(
    SOCKET_OPTIONS.filter((name) => given[name] !== undefined).map((name) => [name, given[name]]),
  );
  const where = { ...chosen, host, port };
  if (scheme !== 'https:') return net.connect({ ...where, noDelay: true } as NetConnectOpts);
  const servername = tlsServerName(own.servername, host);
  // On the module, as for targets.
  return tls
    .connect({ ALPNProtocols: ['http/1.1'], ...own, ...where, servername } as TlsConnectOptions)
    .setNoDelay(true);
}

function ignore(): void {}
