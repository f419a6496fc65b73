import { isHttp2Server, listenForConnects, type OnConnect } from '../node/http2-server.ts';
import type { RawServer } from '../node/raw-server.ts';
import type { ServerOptions } from './options.ts';

/** The options that say where a server listens, none of which depends on its classes. */
type Modes = Pick<ServerOptions, 'port' | 'host' | 'backlog' | 'noServer'> & { server?: unknown };

/** Tells whether an option is set, as `ws` takes it: null is not. */
export function isGiven<T>(option: T | null | undefined): option is T {
  return option !== undefined && option !== null;
}

/** @throws {TypeError} Not exactly one of the three ways to get connections is set. */
export function assertOneMode({ port, server, noServer }: Modes): void {
  const given = [isGiven(port), Boolean(server), Boolean(noServer)];
  if (given.filter(Boolean).length === 1) return;
  throw new TypeError('One and only one of the "port", "server", or "noServer" options must be specified');
}

/** @throws {TypeError} Code WS_ERR_NO_HTTP2: HTTP/2 is asked of a server that does not speak it. */
export function assertHttp2({ server, http2 }: Pick<ServerOptions, 'http2'> & { server?: unknown }): void {
  if (!http2 || !server || isHttp2Server(server)) return;
  const error = new TypeError('The "http2" option needs a server of node:http2');
  throw Object.assign(error, { code: 'WS_ERR_NO_HTTP2' });
}

/** Takes WebSockets over HTTP/2 from a server that speaks it; returns how to stop that. */
export function listenToHttp2(
  server: object,
  http2: boolean | undefined,
  onConnect: OnConnect,
): (() => void) | undefined {
  return http2 !== false && isHttp2Server(server) ? listenForConnects(server, onConnect) : undefined;
}

/** As `ws` calls it: a `port` that is a path is listened at as well. */
export function listen(rawServer: RawServer, options: Modes, callback: (() => void) | undefined): void {
  rawServer.server.listen(options.port, options.host, options.backlog, callback);
}
