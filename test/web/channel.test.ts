import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { constants, inflateRawSync } from 'node:zlib';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Channel, type ChannelEnd } from '../../src/web/channel.ts';
import { readSecondArgument } from '../../src/web/websocket-init.ts';
import { startHttpProxy } from '../behaviour/proxies.ts';
import { closePayload, frame, parseFrames } from '../behaviour/raw-frames.ts';
import { type RawPeer, serveRaw, upgradeResponse } from '../behaviour/raw-peer.ts';

const TEXT = 0x81;
const CLOSE = 0x88;

async function serve(onPeer: (peer: RawPeer, head: string) => void): Promise<URL> {
  const server = await serveRaw(onPeer);
  onTestFinished(() => server.close());
  return new URL(server.url);
}

/** Opens a channel and writes down what it tells; `during` is called with each event. */
function open(url: URL, during: (event: string, channel: Channel) => void = () => {}, init: object = {}) {
  const log: unknown[] = [];
  const closed = new Promise<ChannelEnd>((resolve) => {
    const tell = (event: string, ...rest: unknown[]) => {
      log.push([event, ...rest]);
      during(event, channel);
    };
    const channel: Channel = new Channel(url, readSecondArgument(init), {
      websocket: {},
      onEstablished: (...args) => tell('established', ...args),
      onMessage: (data, isBinary) => tell('message', String(data), isBinary),
      onClosing: () => tell('closing'),
      onTransmitted: (bytes) => tell('transmitted', bytes),
      onClosed: (end) => {
        log.push('closed');
        resolve(end);
      },
    });
  });
  return { log, closed };
}

const FAILED = { failed: true, code: 1006, reason: '' };

describe('a channel', () => {
  it('tells what happens, in order', async () => {
    const url = await serve((peer, head) => {
      const messages = [frame(TEXT, 'a', false), frame(0x82, 'b', false)];
      peer.socket.end(
        Buffer.concat([
          Buffer.from(upgradeResponse(head, { 'Sec-WebSocket-Protocol': 'x' })),
          ...messages,
          frame(CLOSE, closePayload(3000, 'ré'), false),
        ]),
      );
    });
    const { log, closed } = open(url, undefined, ['x']);
    expect(await closed).toEqual({ failed: false, code: 3000, reason: 'ré' });
    expect(log).toEqual([
      ['established', 'x', ''],
      ['message', 'a', false],
      ['message', 'b', true],
      ['closing'],
      'closed',
    ]);
  });

  it('lets the promise reactions of one event come before the next', async () => {
    const url = await serve((peer, head) => {
      const messages = ['a', 'b'].map((text) => frame(TEXT, text, false));
      peer.socket.end(
        Buffer.concat([Buffer.from(upgradeResponse(head)), ...messages, frame(CLOSE, '', false)]),
      );
    });
    const seen: string[] = [];
    const { closed } = open(url, async (event) => {
      seen.push(event);
      for (let hop = 0; hop < 5; hop++) await undefined;
      seen.push(`after ${event}`);
    });
    await closed;
    const events = ['established', 'message', 'message', 'closing'];
    expect(seen).toEqual(events.flatMap((event) => [event, `after ${event}`]));
  });

  it('tells what went out once for a turn, later than the call', async () => {
    const url = await serve((peer, head) => {
      peer.socket.write(upgradeResponse(head));
    });
    const sent: unknown[] = [];
    const { log, closed } = open(url, async (event, channel) => {
      if (event === 'transmitted') channel.fail();
      if (event !== 'established') return;
      channel.send(Buffer.from('abc'), true);
      channel.send(Buffer.from('de'), true);
      for (let hop = 0; hop < 5; hop++) await undefined;
      sent.push(...log);
    });
    expect(await closed).toEqual(FAILED);
    expect(sent).toEqual([['established', '', '']]);
    expect(log).toEqual([['established', '', ''], ['transmitted', 5], 'closed']);
  });

  it.each([
    ['the server closes without a Close frame', Buffer.alloc(0)],
    ['a frame is wrong', frame(0x83, 'x', false)],
  ])('fails when %s, after what came before', async (_name, bytes) => {
    const url = await serve((peer, head) => {
      peer.socket.end(Buffer.concat([Buffer.from(upgradeResponse(head)), frame(TEXT, 'a', false), bytes]));
    });
    const { log, closed } = open(url);
    expect(await closed).toEqual(FAILED);
    expect(log.slice(0, 2)).toEqual([
      ['established', '', ''],
      ['message', 'a', false],
    ]);
  });

  it('tells a failure without waiting for the peer, and tells the peer why', async () => {
    let server: RawPeer | undefined;
    const url = await serve((peer, head) => {
      server = peer;
      peer.socket.write(Buffer.concat([Buffer.from(upgradeResponse(head)), frame(0x83, 'x', false)]));
    });
    const { closed } = open(url);
    // The server's end is open: it goes with the test.
    expect(await closed).toEqual(FAILED);
    await server!.until((received) => parseFrames(received).length === 1);
    expect(parseFrames(server!.received)).toMatchObject([{ opcode: 8, payload: closePayload(1002) }]);
  });

  it('has the default limits: a flood of pongs fails it', async () => {
    const url = await serve((peer, head) => {
      const flood = Array<Buffer>(2_000).fill(frame(0x8a, '', false));
      peer.socket.write(Buffer.concat([Buffer.from(upgradeResponse(head)), ...flood]));
    });
    expect(await open(url).closed).toEqual(FAILED);
  });

  it('leaves a peer that goes on after a failure', async () => {
    let left: Promise<void> | undefined;
    const floodAfterFault = (peer: RawPeer, head: string) => {
      left = peer.closed;
      peer.socket.write(upgradeResponse(head));
      const flood = () => {
        while (peer.socket.writable && peer.socket.write(frame(0x83, 'x'.repeat(1000), false)));
      };
      peer.socket.on('drain', flood);
      flood();
    };
    const server = await serveRaw(floodAfterFault, { allowHalfOpen: true });
    onTestFinished(() => server.close());
    expect(await open(new URL(server.url)).closed).toEqual(FAILED);
    await left;
  });

  it('sends nothing after the closing handshake began', async () => {
    let server: RawPeer | undefined;
    const url = await serve((peer, head) => {
      server = peer;
      peer.socket.write(upgradeResponse(head));
    });
    const { closed } = open(url, (event, channel) => {
      if (event !== 'established') return;
      channel.send(new Blob(['blob']), false);
      channel.send(Buffer.from('text'), true);
      channel.close(1000, Buffer.from('bye'));
      channel.send(Buffer.from('late'), true);
      channel.send(new Blob(['late']), false);
      void server!
        .until((received) => parseFrames(received).length >= 3)
        .then(() => server!.socket.end(frame(CLOSE, closePayload(1000), false)));
    });
    expect(await closed).toEqual({ failed: false, code: 1000, reason: '' });
    expect(parseFrames(server!.received).map(({ opcode, payload }) => [opcode, String(payload)])).toEqual([
      [2, 'blob'],
      [1, 'text'],
      [8, String(closePayload(1000, 'bye'))],
    ]);
  });

  it.each([
    ['behind a Blob', {}],
    ['when compressed', { 'Sec-WebSocket-Extensions': 'permessage-deflate; client_no_context_takeover' }],
  ])('gives the memory back at once, also %s', async (_name, headers: Record<string, string>) => {
    let server: RawPeer | undefined;
    const url = await serve((peer, head) => {
      server = peer;
      peer.socket.write(upgradeResponse(head, headers));
    });
    const bytes = Buffer.alloc(4096, 'a');
    const { closed } = open(url, (event, channel) => {
      if (event !== 'established') return;
      channel.send(new Blob(['']), false);
      channel.send(bytes, false);
      bytes.fill('b');
      void server!.until((received) => parseFrames(received).length === 2).then(() => channel.fail());
    });
    await closed;
    const { payload } = parseFrames(server!.received)[1]!;
    const received =
      'Sec-WebSocket-Extensions' in headers
        ? inflateRawSync(Buffer.concat([payload, Buffer.from([0, 0, 255, 255])]), {
            finishFlush: constants.Z_SYNC_FLUSH,
          })
        : payload;
    expect(String(received)).toBe('a'.repeat(4096));
  });

  it('fails when a Blob can not be read', async () => {
    const url = await serve((peer, head) => {
      peer.socket.write(upgradeResponse(head));
    });
    const blob = new Blob(['x']);
    blob.arrayBuffer = () => Promise.reject(new Error('gone'));
    const { log, closed } = open(url, (event, channel) => {
      if (event === 'established') channel.send(blob, false);
    });
    expect(await closed).toEqual(FAILED);
    expect(log.filter((entry) => entry === 'closed')).toHaveLength(1);
  });

  it('does not connect to a bad port, and tells so later', async () => {
    const { log, closed } = open(new URL('ws://127.0.0.1:25'));
    expect(log).toEqual([]);
    expect(await closed).toEqual(FAILED);
  });

  it('sends what the URL and the settings ask for', async () => {
    const heads: string[] = [];
    const url = await serve((peer, head) => {
      heads.push(head);
      peer.socket.end();
    });
    url.username = 'u';
    url.pathname = '/p';
    url.search = '?q';
    const init = { protocols: ['a', 'b'], headers: { 'X-A': '1', Host: 'h' }, perMessageDeflate: false };
    expect(await open(url, undefined, init).closed).toEqual(FAILED);
    expect(heads[0]).toMatch(/^GET \/p\?q HTTP\/1.1\r\n/);
    for (const line of ['X-A: 1', 'Host: h', 'Authorization: Basic dTo=', 'Sec-WebSocket-Protocol: a,b']) {
      expect(heads[0]).toContain(`${line}\r\n`);
    }
    expect(heads[0]).not.toMatch(/^(Origin|Sec-WebSocket-Extensions):/m);
  });

  it('goes through a proxy', async () => {
    const heads: string[] = [];
    const url = await serve((peer, head) => {
      heads.push(head);
      peer.socket.end();
    });
    const { port, asked } = await startHttpProxy();
    url.hostname = 'name.invalid';
    const proxy = `http://me:secret@127.0.0.1:${port}`;
    expect(await open(url, undefined, { proxy }).closed).toEqual(FAILED);
    expect(asked[0]).toMatch(new RegExp(`^CONNECT name\\.invalid:${url.port} HTTP/1\\.1\r\n`));
    expect(heads).toHaveLength(1);
    expect(heads[0]).not.toMatch(/authorization/i);
  });

  it('refuses a header that can not be sent, and what is no proxy, at once', () => {
    const settings = readSecondArgument({ headers: { 'X-A': 'a\r\nX-B: b' } });
    const events = {
      websocket: {},
      onEstablished: () => {},
      onMessage: () => {},
      onClosing: () => {},
      onTransmitted: () => {},
      onClosed: () => {},
    };
    expect(() => new Channel(new URL('ws://127.0.0.1:25'), settings, events)).toThrow(TypeError);
    const proxied = readSecondArgument({ proxy: 'ftp://a' });
    expect(() => new Channel(new URL('ws://127.0.0.1:25'), proxied, events)).toThrow(
      expect.objectContaining({ name: 'SyntaxError', code: 'WS_ERR_INVALID_PROXY' }),
    );
  });

  it('gives a handshake up after its time', async () => {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => {
      server.close();
    });
    const url = new URL(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`);
    expect(await open(url, undefined, { handshakeTimeout: 1 }).closed).toEqual(FAILED);
  });

  it('finds a host in brackets', async () => {
    const heads: string[] = [];
    const server = await serveRaw((peer, head) => {
      heads.push(head);
      peer.socket.end();
    });
    onTestFinished(() => server.close());
    const url = new URL(server.url.replace('127.0.0.1', '[::ffff:127.0.0.1]'));
    await open(url).closed;
    expect(heads[0]).toContain(`Host: ${url.host}\r\n`);
  });
});
