import { once } from 'node:events';
import { connect, type LookupFunction } from 'node:net';
import { inspect } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';
import { readProxy } from '../../../src/node/proxy/proxy-server.ts';
import { throughSocks } from '../../../src/node/proxy/socks-tunnel.ts';
import { startSocksProxy, startTarget } from '../../behaviour/proxies.ts';
import { socketPair } from '../socket-pair.ts';

const THIS_MACHINE = ((_host, _options, callback) => callback(null, '127.0.0.1', 4)) as LookupFunction;

async function open(port: number, scheme: string, host: string, to: number, lookup = THIS_MACHINE) {
  const socket = connect(port, '127.0.0.1');
  onTestFinished(() => void socket.destroy());
  socket.on('error', () => {});
  await once(socket, 'connect');
  await throughSocks(socket, readProxy({ url: `${scheme}127.0.0.1:${port}` }, 'x'), host, to, lookup);
  return socket;
}

describe('throughSocks', () => {
  it.each([
    ['socks5h://', 'a.test', 'a.test'],
    ['socks5://', 'a.test', '127.0.0.1'],
    ['socks5h://', '127.0.0.1', '127.0.0.1'],
    ['socks5://', '127.0.0.1', '127.0.0.1'],
  ])('%s is told %s as %s', async (scheme, host, told) => {
    const to = await startTarget();
    const { port, asked } = await startSocksProxy();
    const socket = await open(port, scheme, host, to);
    expect(asked).toEqual([`${told}:${to}`]);
    expect(socket.isPaused()).toBe(true);
    const answer = once(socket, 'data');
    socket.write('hello');
    socket.resume();
    expect(String((await answer)[0])).toBe('HELLO');
  });

  it('takes the first address where a lookup gives all', async () => {
    const to = await startTarget();
    const { port, asked } = await startSocksProxy();
    const all = [{ address: '127.0.0.1', family: 4 }];
    await open(port, 'socks5://', 'a.test', to, ((_host, _options, callback) =>
      callback(null, all)) as LookupFunction);
    expect(asked).toEqual([`127.0.0.1:${to}`]);
  });

  it('tells that a name is unknown here', async () => {
    const { port } = await startSocksProxy();
    const nowhere = ((_host, _options, callback) =>
      callback(Object.assign(new Error('nowhere'), { code: 'ENOTFOUND' }), '', 0)) as LookupFunction;
    await expect(open(port, 'socks5://', 'a.test', 1, nowhere)).rejects.toMatchObject({ code: 'ENOTFOUND' });
  });

  it('has a password', async () => {
    const to = await startTarget();
    const { port } = await startSocksProxy({ credentials: 'm@e:s' });
    await open(port, 'socks5h://m%40e:s@', 'a.test', to);
    const refused = open(port, 'socks5h://me:sesame@', 'a.test', to);
    await expect(refused).rejects.toMatchObject({ code: 'WS_ERR_PROXY_REFUSED' });
    expect(inspect(await refused.catch((error) => error), { depth: 9 })).not.toContain('sesame');
  });

  it('tells a refusal', async () => {
    const { port } = await startSocksProxy({ reply: 5 });
    await expect(open(port, 'socks5h://', 'a.test', 1)).rejects.toMatchObject({
      code: 'WS_ERR_PROXY_REFUSED',
      message: expect.stringMatching(/ConnectionRefused/),
    });
  });

  it('tells when the proxy hangs up, or somebody gives up', async () => {
    const { near, far } = await socketPair();
    const proxy = readProxy({ url: 'socks5h://proxy' }, 'x');
    near.allowHalfOpen = false;
    far.once('data', () => far.end());
    const unreachable = { code: 'WS_ERR_PROXY_UNREACHABLE' };
    await expect(throughSocks(near, proxy, 'a.test', 1, undefined)).rejects.toMatchObject(unreachable);
    await expect(throughSocks(near, proxy, 'a.test', 1, undefined)).rejects.toMatchObject(unreachable);
  });
});
