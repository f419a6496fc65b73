import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type TLSSocket } from 'node:tls';
import { describe, expect, it, onTestFinished } from 'vitest';
import { connectEvent, openSocket, type SocketTarget, secured } from '../../src/node/open-socket.ts';
import { makeCertificate } from '../e2e/certificate.ts';

const certificate = makeCertificate();
/** What node:tls throws for. */
const BAD = { ca: 'x', cert: 'no certificate' };

async function portOf(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

function target(port: number, options: SocketTarget['options'] = {}, secure = false): SocketTarget {
  return { secure, host: '127.0.0.1', port, options };
}

async function connected(socket: Socket, to: SocketTarget): Promise<Socket> {
  onTestFinished(() => void socket.destroy());
  await once(socket, connectEvent(to));
  return socket;
}

describe('openSocket', () => {
  it('connects, over TLS by http/1.1 unless another protocol is asked for', async () => {
    const plain = target(await portOf(createServer((socket) => socket.resume())));
    expect((await connected(openSocket(plain), plain)).remotePort).toBe(plain.port);
    const tls = createTlsServer({ ...certificate, ALPNProtocols: ['h2', 'http/1.1'] });
    const safe = target(await portOf(tls), { ca: certificate.cert }, true);
    expect(((await connected(openSocket(safe), safe)) as TLSSocket).alpnProtocol).toBe('http/1.1');
    expect(((await connected(openSocket(safe, ['h2']), safe)) as TLSSocket).alpnProtocol).toBe('h2');
  });

  it('tells by an event what Node refuses to open', async () => {
    const [error] = await once(openSocket(target(1, BAD, true)), 'error');
    expect(error).toBeInstanceOf(Error);
  });
});

describe('secured', () => {
  it('begins TLS over a way that is there', async () => {
    const way = target(await portOf(createTlsServer(certificate)));
    const to = target(0, { ca: certificate.cert }, true);
    const socket = await connected(secured(to, await connected(openSocket(way), way)), to);
    expect((socket as TLSSocket).authorized).toBe(true);
  });

  it('gives the way up where Node refuses to', async () => {
    const way = target(await portOf(createServer((socket) => socket.resume())));
    const socket = await connected(openSocket(way), way);
    const [error] = await once(secured(target(0, BAD, true), socket), 'error');
    expect([error instanceof Error, socket.destroyed]).toEqual([true, true]);
  });
});
