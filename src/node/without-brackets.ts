/** Takes the brackets off the IPv6 address that a URL has as its host: sockets are opened without. */
export function withoutBrackets(hostname: string): string {
  return hostname.startsWith('[') ? hostname.slice(1, -1) : hostname;
}
