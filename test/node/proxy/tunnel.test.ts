import { once } from 'node:events';
import { createServer, type LookupFunction, type Socket } from 'node:net';
import type { ConnectionOptions } from 'node:tls';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { slabBytes } from '../../../src/node/fast-path/slab.ts';
import { borrowing, readIntoSlab } from '../../../src/node/fast-path/slab-reading.ts';
import type { ProxySettings } from '../../../src/node/proxy/proxy-server.ts';
import { readProxy } from '../../../src/node/proxy/proxy-server.ts';
import { Tunnel } from '../../../src/node/proxy/tunnel.ts';
import { startHttpProxy, startSocksProxy, startTarget } from '../../behaviour/proxies.ts';
import { type Certificate, makeCertificate } from '../../e2e/certificate.ts';

let certificate: Certificate;
beforeAll(() => {
  certificate = makeCertificate();
});

function open(settings: ProxySettings, port: number, options: ConnectionOptions = {}): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const proxy = readProxy(settings, 'x');
    new Tunnel(
      proxy,
      { host: 'a.test', port, options },
      {
        onOpen: (socket) => {
          onTestFinished(() => void socket.destroy());
          resolve(socket);
        },
        onError: reject,
      },
    );
  });
}

async function expectTalk(socket: Socket): Promise<void> {
  socket.resume();
  const answer = once(socket, 'data');
  socket.write('hello');
  expect(String((await answer)[0])).toBe('HELLO');
}

describe('Tunnel', () => {
  it('leads through an HTTP proxy, over TLS or not, and through SOCKS', async () => {
    const to = await startTarget();
    const http = await startHttpProxy();
    await expectTalk(await open({ url: `127.0.0.1:${http.port}` }, to));
    expect(http.asked).toEqual([`CONNECT a.test:${to} HTTP/1.1\r\nHost: a.test:${to}\r\n\r\n`]);
    const https = await startHttpProxy({ tls: certificate });
    const tls = { ca: certificate.cert };
    await expectTalk(await open({ url: `https://127.0.0.1:${https.port}`, tls }, to));
    await expectTalk(await open({ url: `https://localhost:${https.port}`, tls }, to));
    const socks = await startSocksProxy();
    await expectTalk(await open({ url: `socks5h://127.0.0.1:${socks.port}` }, to));
  });

  it('is a plain socket, which the fast path takes as one without a proxy', async () => {
    const to = await startTarget();
    const http = await startHttpProxy();
    const socks = await startSocksProxy();
    for (const url of [`http://127.0.0.1:${http.port}`, `socks5h://127.0.0.1:${socks.port}`]) {
      const socket = await open({ url }, to);
      expect(readIntoSlab(socket)).toBe(true);
      const lent = new Promise<boolean>((resolve) => {
        socket.on(
          'data',
          borrowing((chunk: Uint8Array) => resolve(chunk === slabBytes())),
        );
      });
      socket.resume();
      socket.write('hello');
      expect(await lent).toBe(true);
    }
  });

  it('verifies the proxy by options of its own alone', async () => {
    const { port, asked } = await startHttpProxy({ tls: certificate });
    const forTarget = { ca: certificate.cert, rejectUnauthorized: false, servername: 'localhost' };
    await expect(open({ url: `https://127.0.0.1:${port}` }, 1, forTarget)).rejects.toMatchObject({
      code: 'WS_ERR_PROXY_UNREACHABLE',
      cause: { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' },
    });
    const otherName = {
      url: `https://127.0.0.1:${port}`,
      tls: { ca: certificate.cert, servername: 'b.test' },
    };
    await expect(open(otherName, 1)).rejects.toMatchObject({
      cause: { code: 'ERR_TLS_CERT_ALTNAME_INVALID' },
    });
    expect(asked).toEqual([]);
  });

  it('finds the proxy, of several addresses, by what the client was told', async () => {
    const { port } = await startHttpProxy();
    const addresses = ['127.0.0.9', '127.0.0.1'].map((address) => ({ address, family: 4 }));
    const names: string[] = [];
    const lookup = ((host, _options, callback) => {
      names.push(host);
      callback(null, addresses);
    }) as LookupFunction;
    const options = { lookup, autoSelectFamily: true } as ConnectionOptions;
    await expectTalk(await open({ url: `http://proxy.test:${port}` }, await startTarget(), options));
    expect(names).toEqual(['proxy.test']);
  });

  it('tells when there is no proxy', async () => {
    await expect(open({ url: 'http://127.0.0.1:1' }, 1)).rejects.toMatchObject({
      code: 'WS_ERR_PROXY_UNREACHABLE',
      cause: { code: 'ECONNREFUSED' },
    });
  });

  it('tells what Node refuses to open', async () => {
    const options = { localAddress: 'nowhere' } as ConnectionOptions;
    await expect(open({ url: 'http://127.0.0.1:1' }, 1, options)).rejects.toMatchObject({
      cause: { code: 'ERR_INVALID_IP_ADDRESS' },
    });
  });

  it('opens nothing with bad headers', () => {
    const proxy = readProxy({ url: 'http://127.0.0.1:1', headers: { A: 'b\n' } }, 'x');
    const events = { onOpen: () => expect.unreachable(), onError: () => expect.unreachable() };
    expect(() => new Tunnel(proxy, { host: 'a', port: 1, options: {} }, events)).toThrow(
      expect.objectContaining({ code: 'ERR_INVALID_CHAR' }),
    );
  });

  it('closes the connection when the proxy refuses', async () => {
    const closed: Array<Promise<unknown>> = [];
    const { port } = await startHttpProxy({
      answer: (socket, _head, open) => {
        closed.push(once(socket, 'close'));
        open('HTTP/1.1 403 Forbidden\r\n\r\n');
      },
    });
    await expect(open({ url: `127.0.0.1:${port}` }, 1)).rejects.toMatchObject({ statusCode: 403 });
    await closed[0];
  });

  it.each(['http', 'https', 'socks5h'])('says nothing after it was given up: %s', async (scheme) => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => void server.close());
    const { port } = server.address() as { port: number };
    const connection = once(server, 'connection') as Promise<[Socket]>;
    const unreachable = () => expect.unreachable();
    const proxy = readProxy({ url: `${scheme}://127.0.0.1:${port}` }, 'x');
    const tunnel = new Tunnel(
      proxy,
      { host: 'a', port: 1, options: {} },
      { onOpen: unreachable, onError: unreachable },
    );
    const [socket] = await connection;
    socket.on('error', () => {});
    // It has been asked for something.
    await once(socket, 'data');
    const closed = once(socket, 'close');
    tunnel.abort();
    await closed;
  });
});
