import { Agent, ClientRequest as HttpClientRequest, type RequestOptions } from 'node:http';
import { connect } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { HttpAttempt, type HttpAttemptEvents } from '../../src/node/http-attempt.ts';
import { serveRaw, upgradeResponse } from '../behaviour/raw-peer.ts';

function attempt(port: number, options: RequestOptions, events: Partial<HttpAttemptEvents> = {}) {
  return new Promise<unknown[]>((resolve) => {
    const { httpRequest } = new HttpAttempt(
      {
        target: { secure: false, host: '127.0.0.1', port, options: options as object },
        upgrade: { target: '/a', host: 'a', version: 13, subprotocols: [], headers: { Two: ['1', '2'] } },
        deflate: undefined,
        handshakeTimeout: 0,
      },
      {
        websocket: {},
        wantsUnexpectedResponse: () => false,
        onUnexpectedResponse: () => {},
        onUpgrade: () => {},
        onOpened: ({ socket }) => {
          socket.destroy();
          resolve(['opened']);
        },
        onFailed: (error) => resolve(['failed', error.message]),
        ...(events.onRedirect && { onRedirect: (location) => resolve(['redirect', location]) }),
      },
    );
    expect(httpRequest).toBeInstanceOf(HttpClientRequest);
    expect(httpRequest.getHeader('sec-websocket-version')).toBe(13);
    expect(httpRequest.getHeader('two')).toEqual(['1', '2']);
    expect(httpRequest.getHeader('host')).toBe(options.setHost === false ? undefined : `127.0.0.1:${port}`);
    httpRequest.end();
  });
}

async function serve(answer?: string): Promise<number> {
  const server = await serveRaw((peer, head) => peer.socket.end(answer ?? upgradeResponse(head)));
  onTestFinished(() => server.close());
  return Number(new URL(server.url).port);
}

describe('HttpAttempt', () => {
  it('opens without an agent, with one, and over a socket of the caller', async () => {
    const port = await serve();
    expect(await attempt(port, {})).toEqual(['opened']);
    expect(await attempt(port, { setHost: false })).toEqual(['opened']);
    expect(await attempt(port, { agent: new Agent({ keepAlive: true }) })).toEqual(['opened']);
    const createConnection = () => connect(port, '127.0.0.1');
    expect(await attempt(1, { createConnection })).toEqual(['opened']);
  });

  it('tells of a redirect where it is asked to, and else of the status', async () => {
    const port = await serve('HTTP/1.1 307 Elsewhere\r\nLocation: /b\r\nContent-Length: 0\r\n\r\n');
    expect(await attempt(port, {})).toEqual(['failed', 'Unexpected server response: 307']);
    expect(await attempt(port, {}, { onRedirect: () => {} })).toEqual(['redirect', '/b']);
  });

  it('takes no redirect without a Location', async () => {
    const port = await serve('HTTP/1.1 304 Same\r\n\r\n');
    const outcome = await attempt(port, {}, { onRedirect: () => {} });
    expect(outcome).toEqual(['failed', 'Unexpected server response: 304']);
  });

  it('refuses bad headers, and leaves nothing running', () => {
    const request = {
      target: { secure: false, host: '127.0.0.1', port: 1, options: {} },
      upgrade: { target: '/', host: 'a', version: 13, subprotocols: [], headers: { A: 'b\n' } },
      deflate: undefined,
      handshakeTimeout: 100_000,
    } as const;
    expect(() => new HttpAttempt(request, {} as HttpAttemptEvents)).toThrow(
      expect.objectContaining({ code: 'ERR_INVALID_CHAR' }),
    );
  });
});
