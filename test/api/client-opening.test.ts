import type { ClientRequest } from 'node:http';
import { describe, expect, it, onTestFinished } from 'vitest';
import { ClientOpening, type OpeningEvents } from '../../src/api/client-opening.ts';
import type { ClientOptions } from '../../src/api/options.ts';
import { serveRaw, upgradeResponse } from '../behaviour/raw-peer.ts';

interface Course {
  readonly log: unknown[];
  readonly opening: ClientOpening;
}

/** Opens and logs, until it is open or has failed. */
function open(address: string, options: ClientOptions, events: Partial<OpeningEvents> = {}): Promise<Course> {
  const log: unknown[] = [];
  return new Promise((resolve) => {
    const opening: ClientOpening = new ClientOpening(address, undefined, options, {
      onUrl: (url) => log.push(['url', new URL(url).pathname]),
      wantsUnexpectedResponse: () => false,
      onUnexpectedResponse: () => {},
      wantsRedirect: () => false,
      onRedirect: (url) => log.push(['redirect', new URL(url).pathname]),
      finishRequest: (request: ClientRequest) => {
        log.push('http');
        request.end();
      },
      websocket: {},
      onUpgrade: () => {},
      onOpened: ({ socket }) => {
        socket.destroy();
        log.push('opened');
        resolve({ log, opening });
      },
      onFailed: (error) => {
        log.push([error.name, error.message]);
        resolve({ log, opening });
      },
      ...events,
    });
  });
}

/** A server that redirects /1 to /2 and so on, up to /4, which it upgrades. */
async function serveRedirects(location = (step: number): string => `/${step}`): Promise<string> {
  const server = await serveRaw((peer, head) => {
    const step = Number(/^GET \/(\d)/.exec(head)![1]);
    if (step === 4) peer.socket.end(upgradeResponse(head));
    else
      peer.socket.end(`HTTP/1.1 302 Found\r\nLocation: ${location(step + 1)}\r\nContent-Length: 0\r\n\r\n`);
  });
  onTestFinished(() => server.close());
  return server.url.replace(/\/$/, '');
}

describe('ClientOpening', () => {
  it('dials by itself, and through node:http where an option asks for that', async () => {
    const url = `${await serveRedirects()}/4`;
    expect((await open(url, {})).log).toEqual([['url', '/4'], 'opened']);
    for (const options of [{ setHost: false }, { followRedirects: true }, { maxHeaderSize: 10_000 }]) {
      expect((await open(url, options)).log).toEqual([['url', '/4'], 'http', 'opened']);
    }
  });

  it('follows redirects when told to', async () => {
    const url = await serveRedirects();
    expect((await open(`${url}/3`, {})).log.at(-1)).toEqual(['Error', 'Unexpected server response: 302']);
    expect((await open(`${url}/2`, { followRedirects: true })).log).toEqual([
      ['url', '/2'],
      'http',
      ['url', '/3'],
      ['redirect', '/3'],
      'http',
      ['url', '/4'],
      ['redirect', '/4'],
      'http',
      'opened',
    ]);
  });

  it('follows as many as it is allowed to', async () => {
    const url = await serveRedirects();
    const { log } = await open(`${url}/1`, { followRedirects: true, maxRedirects: 2 });
    expect(log.at(-1)).toEqual(['Error', 'Maximum redirects exceeded']);
  });

  it.each([
    ['ws://', 'Invalid URL: ws://'],
    ['ftp://a', 'The URL\'s protocol must be one of "ws:", "wss:", "http:", "https:", or "ws+unix:"'],
    ['/2#fragment', 'The URL contains a fragment identifier'],
  ])('fails on the Location %s', async (location, message) => {
    const url = await serveRedirects(() => location);
    const { log } = await open(`${url}/1`, { followRedirects: true });
    expect(log.at(-1)).toEqual(['SyntaxError', message]);
  });

  it('sends nothing more once it was aborted in a redirect', async () => {
    const url = await serveRedirects();
    const log: unknown[] = [];
    await new Promise<void>((resolve) => {
      const opening: ClientOpening = new ClientOpening(
        `${url}/3`,
        undefined,
        { followRedirects: true },
        {
          onUrl: () => {},
          wantsUnexpectedResponse: () => false,
          onUnexpectedResponse: () => {},
          wantsRedirect: () => true,
          onRedirect: (_, request) => {
            request.on('close', resolve);
            opening.abort();
          },
          finishRequest: (request) => {
            log.push('http');
            request.end();
          },
          websocket: {},
          onUpgrade: () => log.push('upgrade'),
          onOpened: () => log.push('opened'),
          onFailed: () => log.push('failed'),
        },
      );
    });
    expect(log).toEqual(['http']);
  });

  it.each([0, 7, 14])('refuses version %i', (protocolVersion) => {
    expect(() => new ClientOpening('ws://a', undefined, { protocolVersion }, {} as OpeningEvents)).toThrow(
      new RangeError(`Unsupported protocol version: ${protocolVersion} (supported versions: 8, 13)`),
    );
  });
});
