import { isExempt } from './no-proxy.ts';
import { invalidProxy } from './proxy-error.ts';
import { type ProxyServer, type ProxySettings, readProxy } from './proxy-server.ts';

/** Which proxy a client goes through: one, with further settings or without; what the environment says; or none. */
export type ProxyOption = string | URL | ProxySettings | 'env' | false;

/** Where a client wants to go. */
export interface ProxiedDestination {
  readonly secure: boolean;
  readonly host: string;
  readonly port: number | string;
  /** A Unix socket, to which no proxy leads. */
  readonly socketPath: string | undefined;
}

/**
 * Chooses the proxy on the way to a destination.
 *
 * @returns `undefined` for none.
 * @throws {SyntaxError} The option, or the variable, names none that there could be: code WS_ERR_INVALID_PROXY.
 */
export function chooseProxy(
  option: ProxyOption | null | undefined,
  destination: ProxiedDestination,
  env: NodeJS.ProcessEnv = process.env,
): ProxyServer | undefined {
  // Something that is neither there nor a proxy has to be said: who wants a proxy may not go without one.
  if (option === undefined || option === null || option === false) return undefined;
  const settings = typeof option === 'object' && !(option instanceof URL) ? option : { url: option };
  if (!isUrl(settings.url)) throw invalidProxy('the option "proxy"', 'it is neither a URL nor "env"');
  if (settings.url !== 'env') {
    const proxy = readProxy(settings, 'the option "proxy"');
    return destination.socketPath === undefined ? proxy : undefined;
  }
  return destination.socketPath === undefined ? proxyOfEnvironment(settings, destination, env) : undefined;
}

/** As curl does: the variable of the scheme before that of all; in lower case before upper case. */
function proxyOfEnvironment(
  settings: ProxySettings,
  { secure, host, port }: ProxiedDestination,
  env: NodeJS.ProcessEnv,
): ProxyServer | undefined {
  const variable = variablesFor(secure, env).find((name) => env[name]);
  const exempt = env.no_proxy || env.NO_PROXY || '';
  if (variable === undefined || isExempt(exempt, host, Number(port))) return undefined;
  return readProxy({ ...settings, url: env[variable]! }, variable);
}

function variablesFor(secure: boolean, env: NodeJS.ProcessEnv): string[] {
  const names = secure ? ['wss_proxy', 'https_proxy', 'all_proxy'] : ['ws_proxy', 'http_proxy', 'all_proxy'];
  // A CGI program has what the client sent as the header "Proxy" in HTTP_PROXY (CVE-2016-5385).
  const isCgi = Boolean(env.REQUEST_METHOD);
  return names
    .flatMap((name) => [name, name.toUpperCase()])
    .filter((name) => !(isCgi && name === 'HTTP_PROXY'));
}

function isUrl(url: unknown): url is string | URL {
  return typeof url === 'string' || url instanceof URL;
}
