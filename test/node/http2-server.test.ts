import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import type { OutgoingHttpHeaders } from 'node:http2';
import { describe, expect, it } from 'vitest';
import { isHttp2Server, listenForConnects } from '../../src/node/http2-server.ts';
import { openSession, request, startHttp2 } from './http2-pair.ts';

/** A server that was made without `enableConnectProtocol`; it answers WebSockets with 299. */
async function start() {
  const started = await startHttp2({});
  const asked: unknown[] = [];
  const stop = listenForConnects(started.server, (stream, headers) => {
    asked.push(headers[':path']);
    stream.respond({ ':status': 299 }, { endStream: true });
  });
  return { ...started, asked, stop };
}

async function statusOf(url: string, headers: OutgoingHttpHeaders = {}): Promise<unknown> {
  const stream = request(await openSession(url), headers);
  const [response] = await once(stream, 'response');
  stream.destroy();
  return response[':status'];
}

const WITHOUT_PROTOCOL = {
  ':protocol': undefined,
  ':scheme': undefined,
  ':path': undefined,
  ':authority': 'a:1',
};

describe('listenForConnects', () => {
  it('has a server allow extended CONNECT, and takes WebSockets', async () => {
    const { url, asked, stop, server } = await start();
    expect((await openSession(url)).remoteSettings.enableConnectProtocol).toBe(true);
    expect([await statusOf(url), asked]).toEqual([299, ['/chat']]);
    stop();
    expect(['stream', 'connect'].map((name) => server.listenerCount(name))).toEqual([0, 0]);
  });

  it('leaves the rest to the program’s own listener to requests, and CONNECT as Node has it', async () => {
    const { server, url, asked } = await start();
    server.on('request', (_request, response) => response.writeHead(202).end());
    expect(await statusOf(url, { ':method': 'GET', ':protocol': undefined })).toBe(202);
    expect(await statusOf(url, WITHOUT_PROTOCOL)).toBe(405);
    expect(await statusOf(url, { ':protocol': 'other' })).toBe(405);
    expect([await statusOf(url), asked]).toEqual([299, ['/chat']]);
  });

  it('leaves CONNECT to the program where it takes that', async () => {
    const { server, url } = await start();
    server.on('request', () => {});
    server.on('connect', (req, response) => {
      if (req.headers[':protocol'] !== 'websocket') response.writeHead(203).end();
    });
    expect(await statusOf(url, WITHOUT_PROTOCOL)).toBe(203);
    expect(await statusOf(url)).toBe(299);
  });

  it('comes after a listener that answers every stream', async () => {
    const { server, url, asked } = await start();
    server.on('stream', (stream) => stream.respond({ ':status': 404 }, { endStream: true }));
    expect([await statusOf(url), asked]).toEqual([404, []]);
  });

  it('answers once where two listen', async () => {
    const { server, url } = await start();
    listenForConnects(server, (stream) => stream.respond({ ':status': 298 }, { endStream: true }));
    server.on('request', () => {});
    expect([await statusOf(url), await statusOf(url, WITHOUT_PROTOCOL)]).toEqual([299, 405]);
  });
});

describe('isHttp2Server', () => {
  it('knows the servers of node:http2', async () => {
    const { server } = await startHttp2();
    expect([isHttp2Server(server), isHttp2Server(createHttpServer()), isHttp2Server({})]).toEqual([
      true,
      false,
      false,
    ]);
  });
});
