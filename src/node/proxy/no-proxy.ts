import { BlockList, isIP } from 'node:net';

/**
 * Tells whether a list as NO_PROXY has it names a host, as curl reads it: names with all that ends in them, addresses,
 * CIDR blocks, and `*`, with commas or spaces in between. With a port, as in Node and Go, an entry counts for that alone.
 *
 * @param host - Without brackets.
 */
export function isExempt(list: string, host: string, port: number): boolean {
  const name = withoutTrailingDot(host.toLowerCase());
  return list
    .toLowerCase()
    .split(/[\s,]+/)
    .some((entry) => entry !== '' && matches(entry, name, port));
}

function matches(entry: string, host: string, port: number): boolean {
  if (entry === '*') return true;
  const { name, port: wanted } = splitPort(entry);
  if (wanted !== undefined && wanted !== port) return false;
  const family = isIP(host);
  return family === 0 ? endsIn(host, name) : covers(name, host, family === 4 ? 'ipv4' : 'ipv6');
}

/** Splits an entry at its port: not at the colons of an IPv6 address, which is in brackets where it has a port. */
function splitPort(entry: string): { name: string; port: number | undefined } {
  const [, bracketed, plain = entry, port] = /^(?:\[([^\]]*)\]|([^:]*))(?::(\d+))?$/.exec(entry) ?? [];
  return { name: bracketed ?? plain, port: port === undefined ? undefined : Number(port) };
}

/** Whole labels count: `example.com` and `.example.com` take in `www.example.com`, and not `notexample.com`. */
function endsIn(host: string, entry: string): boolean {
  const name = withoutTrailingDot(entry.replace(/^\./, ''));
  return name !== '' && (host === name || host.endsWith(`.${name}`));
}

/** Tells whether an entry is the address, however it is written, or the block that has it. */
function covers(entry: string, address: string, family: 'ipv4' | 'ipv6'): boolean {
  const [network = '', prefix = family === 'ipv4' ? '32' : '128'] = entry.split('/', 2);
  if (isIP(network) !== (family === 'ipv4' ? 4 : 6) || !isPrefix(prefix, family)) return false;
  const block = new BlockList();
  block.addSubnet(network, Number(prefix), family);
  return block.check(address, family);
}

function isPrefix(text: string, family: 'ipv4' | 'ipv6'): boolean {
  return /^\d{1,3}$/.test(text) && Number(text) <= (family === 'ipv4' ? 32 : 128);
}

function withoutTrailingDot(host: string): string {
  return host.endsWith('.') ? host.slice(0, -1) : host;
}
