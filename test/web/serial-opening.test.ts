import dns from 'node:dns';
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { type ProxyServer, readProxy } from '../../src/node/proxy/proxy-server.ts';
import { SerialOpening } from '../../src/web/serial-opening.ts';
import { startHttpProxy } from '../behaviour/proxies.ts';
import {
  connectRaw,
  type RawPeer,
  type RawServer,
  serveRaw,
  upgradeResponse,
} from '../behaviour/raw-peer.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

async function serve(onPeer: (peer: RawPeer, head: string) => void): Promise<number> {
  const server: RawServer = await serveRaw(onPeer);
  onTestFinished(() => server.close());
  return Number(new URL(server.url).port);
}

/** Opens, and resolves with what was told. */
function open(port: number, host = '127.0.0.1', path = '/', proxy?: ProxyServer) {
  let opening: SerialOpening | undefined;
  const told = new Promise<unknown>((resolve) => {
    const request = {
      target: { secure: false, host, port, options: {}, proxy },
      upgrade: { target: path, host, version: 13 as const, subprotocols: [] },
      deflate: {},
      handshakeTimeout: 0,
    };
    opening = new SerialOpening(request, {
      websocket: {},
      onOpened: ({ socket }, extensions) => {
        socket.destroy();
        resolve(['opened', extensions]);
      },
      onFailed: (error) => resolve(['failed', error.message]),
    });
  });
  return { told, opening: opening! };
}

/** A server that writes down the requests, and answers each when the test lets it. */
async function holdingServer() {
  const requests: string[] = [];
  const answers: Array<(text?: string) => void> = [];
  const waiting: Array<() => void> = [];
  const port = await serve((peer, head) => {
    requests.push(head.slice(4, head.indexOf(' HTTP')));
    answers.push((text = upgradeResponse(head)) => peer.socket.end(text));
    waiting.shift()?.();
  });
  return {
    port,
    requests,
    answers,
    next: () => new Promise<void>((resolve) => waiting.push(resolve)),
  };
}

/** A whole exchange with the server: what was under way before has arrived when it ends. */
async function roundTrip(port: number): Promise<void> {
  const peer = await connectRaw(port);
  peer.socket.write('GET /trip HTTP/1.1\r\n\r\n');
  await peer.takeHead();
  await peer.closed;
}

describe('SerialOpening', () => {
  it('tells which extensions the server accepted', async () => {
    const port = await serve((peer, head) => {
      peer.socket.write(upgradeResponse(head, { 'Sec-WebSocket-Extensions': 'permessage-deflate; x=1' }));
    });
    expect(await open(port).told).toEqual(['failed', 'Invalid Sec-WebSocket-Extensions header']);
    const header = 'permessage-deflate;server_no_context_takeover';
    const other = await serve((peer, head) => {
      peer.socket.write(upgradeResponse(head, { 'Sec-WebSocket-Extensions': header }));
    });
    expect(await open(other).told).toEqual(['opened', header]);
  });

  it('waits for one that is under way to the same address, by whatever name', async () => {
    const { port, requests, answers, next } = await holdingServer();
    let arrived = next();
    const first = open(port, '127.0.0.1', '/first');
    await arrived;
    const second = open(port, '127.0.0.1', '/second');
    const third = open(port, 'localhost', '/third');
    arrived = next();
    const trip = roundTrip(port);
    await arrived;
    answers[1]!('HTTP/1.1 204 No\r\n\r\n');
    await trip;
    expect(requests).toEqual(['/first', '/trip']);
    arrived = next();
    answers[0]!();
    expect(await first.told).toEqual(['opened', '']);
    await arrived;
    expect(requests.slice(2)).toEqual(['/second']);
    arrived = next();
    answers[2]!('HTTP/1.1 500 No\r\n\r\n');
    expect(await second.told).toEqual(['failed', 'Unexpected server response: 500']);
    await arrived;
    answers[3]!();
    expect(await third.told).toEqual(['opened', '']);
    expect(requests.slice(3)).toEqual(['/third']);
  });

  it('does not wait for another port', async () => {
    const [a, b] = [await holdingServer(), await holdingServer()];
    const arrived = [a.next(), b.next()];
    const openings = [open(a.port), open(b.port)];
    await Promise.all(arrived);
    b.answers[0]!();
    a.answers[0]!();
    expect(await Promise.all(openings.map(({ told }) => told))).toEqual([
      ['opened', ''],
      ['opened', ''],
    ]);
  });

  it('gives its turn to the next when it is given up, and never asks when given up in line', async () => {
    const { port, requests, answers, next } = await holdingServer();
    let arrived = next();
    const first = open(port, '127.0.0.1', '/first');
    await arrived;
    arrived = next();
    const second = open(port, '127.0.0.1', '/second');
    const third = open(port, '127.0.0.1', '/third');
    second.opening.abort();
    first.opening.abort();
    await arrived;
    answers[1]!();
    expect(await third.told).toEqual(['opened', '']);
    expect(requests).toEqual(['/first', '/third']);
  });

  it('asks for the addresses once, and dials these', async () => {
    const port = await serve((peer, head) => peer.socket.write(upgradeResponse(head)));
    const lookup = vi.spyOn(dns, 'lookup').mockImplementation(((
      _host: string,
      _options: unknown,
      callback: (error: null, addresses: unknown[]) => void,
    ) => {
      setImmediate(callback, null, [{ address: '127.0.0.1', family: 4 }]);
    }) as unknown as typeof dns.lookup);
    expect(await open(port, 'name.invalid').told).toEqual(['opened', '']);
    expect(lookup).toHaveBeenCalledTimes(1);
    expect(lookup.mock.calls[0]).toEqual(['name.invalid', { all: true }, expect.any(Function)]);
  });

  it('fails where there is no address', async () => {
    vi.spyOn(dns, 'lookup').mockImplementation(((
      _host: string,
      _options: unknown,
      callback: (error: Error) => void,
    ) => {
      setImmediate(callback, new Error('ENOTFOUND'));
    }) as unknown as typeof dns.lookup);
    expect(await open(80, 'name.invalid').told).toEqual(['failed', 'ENOTFOUND']);
  });

  it('goes by names through a proxy, which finds the addresses', async () => {
    const lookup = vi.spyOn(dns, 'lookup');
    const server = await holdingServer();
    const proxy = readProxy({ url: `127.0.0.1:${(await startHttpProxy()).port}` }, 'x');
    const first = open(server.port, 'a.invalid', '/first', proxy);
    await server.next();
    const second = open(server.port, 'a.invalid', '/second', proxy);
    const other = open(server.port, 'b.invalid', '/other', proxy);
    await server.next();
    expect(server.requests).toEqual(['/first', '/other']);
    const next = server.next();
    server.answers[0]!();
    await next;
    expect(server.requests).toEqual(['/first', '/other', '/second']);
    for (const answer of server.answers.slice(1)) answer();
    for (const { told } of [first, second, other]) expect(await told).toEqual(['opened', '']);
    // That of the proxy's own address goes by another way.
    expect(lookup.mock.calls.filter(([host]) => String(host).endsWith('.invalid'))).toEqual([]);
  });

  it('fails where the options are refused', async () => {
    const port = await serve(() => {});
    const told = new Promise((resolve) => {
      new SerialOpening(
        {
          target: { secure: true, host: '127.0.0.1', port, options: { minVersion: 'none' as 'TLSv1' } },
          upgrade: { target: '/', host: 'a', version: 13, subprotocols: [] },
          deflate: undefined,
          handshakeTimeout: 0,
        },
        { websocket: {}, onOpened: () => resolve('opened'), onFailed: ({ message }) => resolve(message) },
      );
    });
    expect(await told).toMatch(/"none"/);
  });
});
