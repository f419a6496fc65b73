import { hangUp } from '../hang-up.ts';

/** The codes of what goes wrong on the way through a proxy. */
export type ProxyErrorCode =
  /** The option, or the variable of the environment, names no proxy that there could be. */
  | 'WS_ERR_INVALID_PROXY'
  /** There is no connection to the proxy, or it was lost, or the proxy is not who it should be: see `cause`. */
  | 'WS_ERR_PROXY_UNREACHABLE'
  /** The proxy said no: `statusCode` has the status of an HTTP proxy. */
  | 'WS_ERR_PROXY_REFUSED'
  /** The proxy's answer is no response of HTTP/1.1: see `cause`. */
  | 'WS_ERR_PROXY_RESPONSE'
  /** The package `socks` is not there. */
  | 'WS_ERR_SOCKS_MISSING';

/** Makes the error of an option or a variable; what it holds is not told, as there may be a password in it. */
export function invalidProxy(source: string, fault: string): SyntaxError {
  return withCode(new SyntaxError(`Invalid proxy in ${source}: ${fault}`), 'WS_ERR_INVALID_PROXY');
}

/** Makes the error of a proxy that can't be talked to. */
export function proxyUnreachable(cause: Error): Error {
  const error = new Error(`The proxy can't be reached: ${cause.message}`, { cause });
  return withCode(error, 'WS_ERR_PROXY_UNREACHABLE');
}

/** Makes the error of a connection that a proxy ended before it had answered. */
export function proxyHungUp(): Error {
  return proxyUnreachable(hangUp());
}

/** Makes the error of an HTTP proxy that answered with another status than 2xx. */
export function proxyRefused(statusCode: number): Error & { statusCode: number } {
  const error = new Error(`The proxy refused the connection: ${statusCode}`);
  return Object.assign(withCode(error, 'WS_ERR_PROXY_REFUSED'), { statusCode });
}

/** Makes the error of a SOCKS proxy that does not open the connection. */
export function socksRefused(words: string): Error {
  return withCode(new Error(`The proxy refused the connection: ${words}`), 'WS_ERR_PROXY_REFUSED');
}

/** Makes the error of an answer that is none. */
export function invalidProxyResponse(cause: Error): Error {
  return withCode(
    new Error(`The proxy's response can't be read: ${cause.message}`, { cause }),
    'WS_ERR_PROXY_RESPONSE',
  );
}

/** Makes the error of a package that is not installed. */
export function socksMissing(cause: unknown): Error {
  const error = new Error('SOCKS proxies need the package "socks": npm install socks', { cause });
  return withCode(error, 'WS_ERR_SOCKS_MISSING');
}

function withCode<E extends Error>(error: E, code: ProxyErrorCode): E & { code: ProxyErrorCode } {
  return Object.assign(error, { code });
}
