import type { Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { ClientAddresses, networkOf } from '../../../src/hub/guards/client-address.ts';

function addressOf(trusted: string[], remoteAddress: string | undefined, forwarded?: string): string {
  const headers = forwarded === undefined ? {} : { 'x-forwarded-for': forwarded };
  return new ClientAddresses(trusted).of({ socket: { remoteAddress } as Socket, headers });
}

describe('the address of a client', () => {
  it('is that of its socket; nobody is believed who is not named', () => {
    expect(addressOf([], '192.0.2.1', '198.51.100.7')).toBe('192.0.2.1');
    expect(addressOf(['10.0.0.0/8'], '192.0.2.1', '198.51.100.7')).toBe('192.0.2.1');
    expect(addressOf([], undefined)).toBe('');
  });

  it.each([
    ['a proxy', '10.0.0.1', '198.51.100.7', '198.51.100.7'],
    ['what the client wrote itself', '10.0.0.1', '203.0.113.9, 198.51.100.7', '198.51.100.7'],
    ['two proxies', '10.0.0.1', '198.51.100.7, 10.0.0.2', '198.51.100.7'],
    ['a proxy of IPv6', 'fd00::1', '2001:db8::7', '2001:db8::7'],
    ['an IPv4 proxy on a socket for both', '::ffff:10.0.0.1', '::ffff:198.51.100.7', '198.51.100.7'],
    ['a port behind the address', '10.0.0.1', '198.51.100.7:4711', '198.51.100.7'],
    ['a port behind an IPv6 address', '10.0.0.1', '[2001:db8::7]:4711', '2001:db8::7'],
    ['a header that is empty', '10.0.0.1', '', '10.0.0.1'],
    ['no header', '10.0.0.1', undefined, '10.0.0.1'],
    ['what is no address', '10.0.0.1', '198.51.100.7, unknown', '10.0.0.1'],
    ['proxies alone', '10.0.0.1', '10.0.0.3, 10.0.0.2', '10.0.0.3'],
  ])('is the last that is no trusted proxy: %s', (_what, remote, forwarded, expected) => {
    expect(addressOf(['10.0.0.0/8', 'fd00::/8'], remote, forwarded)).toBe(expected);
  });

  it('may be behind a single address that is trusted', () => {
    expect(addressOf(['192.0.2.1'], '192.0.2.1', '198.51.100.7')).toBe('198.51.100.7');
    expect(addressOf(['192.0.2.1'], '192.0.2.2', '198.51.100.7')).toBe('192.0.2.2');
  });

  it.each(['', 'proxy', '10.0.0.0/33', '10.0.0.0/', '10.0.0.0/-1', 'fd00::/129', '10.0.0.0/8/8x'])(
    'is not looked for behind %j',
    (proxy) => {
      expect(() => new ClientAddresses([proxy])).toThrow(TypeError);
    },
  );
});

describe('the network of an address', () => {
  it.each([
    ['192.0.2.1', '192.0.2.1'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:db8:1:2::', '2001:db8:1:2::/64'],
    ['2001:0DB8:0001:0002::9', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['64:ff9b::192.0.2.33', '64:ff9b:0:0::/64'],
    ['1:2:3:4:5:6:192.0.2.33', '1:2:3:4::/64'],
    ['', ''],
  ])('of %s is %s', (address, network) => {
    expect(networkOf(address)).toBe(network);
  });
});
