import type { IncomingMessage } from 'node:http';
import { BlockList, isIP } from 'node:net';

/** The first half of an IPv6 address is its network's: one client may have all addresses in it (RFC 6177 §2). */
const IPV6_NETWORK_GROUPS = 4;

/** Finds the addresses of clients, behind proxies that are trusted. */
export class ClientAddresses {
  readonly #proxies = new BlockList();

  /**
   * @param trustedProxies - Addresses and networks (`10.0.0.0/8`, `fd00::/8`) whose X-Forwarded-For is believed.
   * @throws {TypeError} One of them is no address and no network.
   */
  constructor(trustedProxies: readonly string[]) {
    for (const proxy of trustedProxies) this.#trust(proxy);
  }

  /**
   * Returns the address of a request's client: that of its socket, or where that is a trusted proxy, the last address in
   * X-Forwarded-For that is none.
   */
  of({ socket, headers }: Pick<IncomingMessage, 'socket' | 'headers'>): string {
    let address = withoutMapping(socket.remoteAddress ?? '');
    const hops = String(headers['x-forwarded-for'] ?? '').split(',');
    while (this.#isTrusted(address)) {
      const hop = addressIn(hops.pop() ?? '');
      // What stands there is of the proxy that has just been trusted; beyond it there is nothing to go by.
      if (hop === undefined) return address;
      address = hop;
    }
    return address;
  }

  #trust(proxy: string): void {
    const [, address = '', prefix] = /^([^/]*)(?:\/(\d{1,3}))?$/.exec(proxy) ?? [];
    const version = isIP(address);
    const bits = prefix === undefined ? maxBits(version) : Number(prefix);
    if (version === 0 || bits > maxBits(version)) {
      throw new TypeError(`No address and no network of a proxy: ${JSON.stringify(proxy)}`);
    }
    this.#proxies.addSubnet(address, bits, familyOf(version));
  }

  #isTrusted(address: string): boolean {
    const version = isIP(address);
    return version !== 0 && this.#proxies.check(address, familyOf(version));
  }
}

/** Returns what stands for one client in limits: an IPv4 address, or the network of 64 bits of an IPv6 address. */
export function networkOf(address: string): string {
  if (isIP(address) !== 6) return address;
  const [head = '', tail] = address.split('%')[0]!.split('::') as [string, string?];
  const before = groupsOf(head);
  const after = groupsOf(tail ?? '');
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - before.length - after.length);
  const groups = [...before, ...Array.from({ length: zeros }, () => '0'), ...after];
  const network = groups
    .slice(0, IPV6_NETWORK_GROUPS)
    .map((group) => Number.parseInt(group, 16).toString(16));
  return `${network.join(':')}::/64`;
}

function groupsOf(text: string): string[] {
  if (text === '') return [];
  // An IPv4 address at the end stands for two groups, which are behind the network's.
  return text.split(':').flatMap((group) => (group.includes('.') ? ['0', '0'] : [group]));
}

/** An address in X-Forwarded-For, which may have a port behind it; `undefined` where it is none. */
function addressIn(hop: string): string | undefined {
  const text = hop.trim();
  const bracketed = /^\[([^\]]*)\](?::\d+)?$/.exec(text)?.[1];
  const address = withoutMapping(bracketed ?? text.replace(/^([\d.]+):\d+$/, '$1'));
  return isIP(address) === 0 ? undefined : address;
}

/** IPv4 clients of a socket for both versions have IPv6 addresses (RFC 4291 §2.5.5.2). */
function withoutMapping(address: string): string {
  return address.replace(/^::ffff:(?=[\d.]+$)/i, '');
}

function familyOf(version: number): 'ipv4' | 'ipv6' {
  return version === 4 ? 'ipv4' : 'ipv6';
}

function maxBits(version: number): number {
  return version === 4 ? 32 : 128;
}
