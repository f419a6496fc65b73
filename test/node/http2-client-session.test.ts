import { once } from 'node:events';
import type { ServerHttp2Stream } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { createServer, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { DialTarget } from '../../src/node/dial.ts';
import { Http2ClientSession } from '../../src/node/http2-client-session.ts';
import { makeCertificate } from '../e2e/certificate.ts';
import { request, startHttp2 } from './http2-pair.ts';

const H2 = ['h2'];
const REFUSED_STREAM = 7;
const CANCEL = 8;

function target(port: number, options: DialTarget['options'] = {}, secure = false): DialTarget {
  return { secure, host: '127.0.0.1', port, options };
}

function opened(to: DialTarget, alpn: readonly string[] = H2) {
  const log: string[] = [];
  const session = new Http2ClientSession(to, alpn, () => log.push('empty'));
  session.join();
  return { session, log };
}

describe('Http2ClientSession', () => {
  it('is open as long as it is used', async () => {
    const { port } = await startHttp2();
    const { session, log } = opened(target(port));
    expect(session.usable).toBe(true);
    const http2 = await session.ready;
    session.join();
    session.leave();
    expect([session.usable, log]).toEqual([true, []]);
    session.leave();
    expect([session.usable, log]).toEqual([false, ['empty']]);
    if (!http2.destroyed) await once(http2, 'close');
  });

  it('has as many places as the server allows', async () => {
    const { port } = await startHttp2({ settings: { enableConnectProtocol: true, maxConcurrentStreams: 2 } });
    const { session } = opened(target(port));
    await session.ready;
    expect([session.occupy(), session.occupy(), session.occupy(), session.usable]).toEqual([
      true,
      true,
      false,
      false,
    ]);
    session.vacate();
    expect(session.occupy()).toBe(true);
    session.leave();
  });

  it('is of no use where the server allows none', async () => {
    const { port } = await startHttp2({ settings: { enableConnectProtocol: true, maxConcurrentStreams: 0 } });
    const { session } = opened(target(port));
    await session.ready;
    expect(() => session.occupy()).toThrow(expect.objectContaining({ code: 'WS_ERR_HTTP2_UNSUPPORTED' }));
    session.leave();
  });

  it('takes no more once its server has refused one', async () => {
    const { port, server } = await startHttp2();
    server.on('stream', (stream, { ':path': path }) => {
      stream.on('error', () => {}).close(path === '/refused' ? REFUSED_STREAM : CANCEL);
    });
    const { session } = opened(target(port));
    const http2 = await session.ready;
    const told = [[session.refused(undefined), session.usable]];
    for (const path of ['/cancelled', '/refused']) {
      const stream = request(http2, { ':path': path });
      await new Promise((resolve) => stream.once('close', resolve));
      told.push([session.refused(stream), session.usable]);
    }
    expect(told).toEqual([
      [false, true],
      [false, true],
      [true, false],
    ]);
    session.leave();
  });

  it('knows by GOAWAY what its server has not begun with', async () => {
    const { port, server } = await startHttp2();
    const { session } = opened(target(port));
    const http2 = await session.ready;
    const begun = once(server, 'stream') as unknown as Promise<[ServerHttp2Stream]>;
    const stream = request(http2);
    const [near] = await begun;
    const goaway = once(http2, 'goaway');
    near.on('error', () => {}).session!.goaway(0, near.id!);
    await goaway;
    expect([session.refused(stream), session.refused(undefined)]).toEqual([false, true]);
    session.leave();
  });

  it('closes a socket that nobody waits for any more', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => void server.close());
    const accepted = once(server, 'connection') as Promise<[Socket]>;
    const { session } = opened(target((server.address() as AddressInfo).port));
    const [socket] = await accepted;
    session.leave();
    socket.resume();
    await once(socket, 'close');
  });

  it('fails where nobody listens', async () => {
    const { session } = opened(target(1));
    await expect(session.ready).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    expect(session.usable).toBe(false);
  });

  it('gives the socket of a server that chose HTTP/1.1 away once', async () => {
    const certificate = makeCertificate();
    const server = createTlsServer({ ...certificate, ALPNProtocols: ['http/1.1'] }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => void server.close());
    const to = target((server.address() as AddressInfo).port, { ca: certificate.cert }, true);
    const unsupported = { code: 'WS_ERR_HTTP2_UNSUPPORTED' };
    const both = opened(to, ['h2', 'http/1.1']);
    await expect(both.session.ready).rejects.toMatchObject(unsupported);
    const socket = both.session.takeSocket()!;
    expect([socket.destroyed, both.session.takeSocket(), both.session.usable]).toEqual([
      false,
      undefined,
      false,
    ]);
    both.session.leave();
    expect(socket.destroyed).toBe(false);
    socket.destroy();
    const only = opened(to);
    await expect(only.session.ready).rejects.toMatchObject(unsupported);
    only.session.leave();
  });
});
