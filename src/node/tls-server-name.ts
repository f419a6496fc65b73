import { isIP } from 'node:net';

/** The name to ask for in TLS: what was given, else the host. RFC 6066 §3: it is a DNS name, never an address. */
export function tlsServerName(given: string | undefined, host: string): string {
  return given ?? (isIP(host) === 0 ? host : '');
}
