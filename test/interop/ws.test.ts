import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { closing, hawser, openPair, type Peer, serve, serveOnPort, ws } from './pairing.ts';
import { agreedParameters, bytesOf, DEFLATE_CASES, SIZES, textOf } from './payloads.ts';

describe.each([
  { name: 'ws’s client with our server', clients: ws, servers: hawser },
  { name: 'our client with ws’s server', clients: hawser, servers: ws },
])('$name', ({ clients, servers }) => {
  describe.each(DEFLATE_CASES)('permessage-deflate $name', ({ server, client, agreed }) => {
    it('passes messages of every length both ways', async () => {
      const target = await serve(servers, { perMessageDeflate: server });
      const pair = await openPair(target, clients, { perMessageDeflate: client });
      expect(agreedParameters(target.responseLines)).toEqual(agreed);
      expect(pair.client.extensions).toBe(agreed === undefined ? '' : 'permessage-deflate');
      for (const [from, to] of [
        [pair.client, pair.server],
        [pair.server, pair.client],
      ] as const) {
        const received = collect(to, SIZES.length * 4);
        // Twice, so that the second finds the context of the first, where one is kept.
        for (const size of [...SIZES, ...SIZES]) {
          from.send(textOf(size));
          from.send(bytesOf(size));
        }
        const messages = await received;
        [...SIZES, ...SIZES].forEach((size, i) => {
          expect(messages[i * 2]![1]).toBe(false);
          expect(messages[i * 2]![0].equals(Buffer.from(textOf(size)))).toBe(true);
          expect(messages[i * 2 + 1]![1]).toBe(true);
          expect(messages[i * 2 + 1]![0].equals(bytesOf(size))).toBe(true);
        });
      }
    });

    it('passes messages in fragments, with control frames between', async () => {
      const target = await serve(servers, { perMessageDeflate: server });
      const pair = await openPair(target, clients, { perMessageDeflate: client });
      for (const [from, to] of [
        [pair.client, pair.server],
        [pair.server, pair.client],
      ] as const) {
        const received = collect(to, 3);
        const pong = once(from, 'pong');
        from.send('one, ', { fin: false });
        from.send('', { fin: false });
        from.ping('between');
        from.send('two €', { fin: true });
        from.send(bytesOf(70_000), { fin: false });
        from.send(bytesOf(200), { fin: true });
        from.send('whole');
        const [text, binary, last] = await received;
        expect(text).toEqual([Buffer.from('one, two €'), false]);
        expect(binary![0].equals(Buffer.concat([bytesOf(70_000), bytesOf(200)]))).toBe(true);
        expect(last).toEqual([Buffer.from('whole'), false]);
        expect(String((await pong)[0])).toBe('between');
      }
    });
  });

  it('answers pings with their payload', async () => {
    const pair = await openPair(await serve(servers), clients);
    for (const [from, to] of [
      [pair.client, pair.server],
      [pair.server, pair.client],
    ] as const) {
      const ping = once(to, 'ping');
      const pong = once(from, 'pong');
      from.ping(bytesOf(125));
      expect(bytesOf(125).equals((await ping)[0])).toBe(true);
      expect(bytesOf(125).equals((await pong)[0])).toBe(true);
    }
  });

  it.each([
    [undefined, undefined, 1005, ''],
    [1000, undefined, 1000, ''],
    [1001, 'going away', 1001, 'going away'],
    [1008, '€'.repeat(41), 1008, '€'.repeat(41)],
    [3000, 'three', 3000, 'three'],
    [4999, '', 4999, ''],
  ])('closes with code %s and reason %s from either end', async (code, reason, toldCode, toldReason) => {
    const target = await serve(servers);
    for (const closer of ['client', 'server'] as const) {
      const { client, server } = await openPair(target, clients);
      const ends = Promise.all([closing(client), closing(server)]);
      (closer === 'client' ? client : server).close(code, reason);
      expect(await ends).toEqual([
        [toldCode, toldReason],
        [toldCode, toldReason],
      ]);
    }
    expect(target.wss.clients.size).toBe(0);
  });

  it('ends with 1006 when either end is terminated', async () => {
    const target = await serve(servers);
    for (const who of ['client', 'server'] as const) {
      const { client, server } = await openPair(target, clients);
      const ends = Promise.all([closing(client), closing(server)]);
      (who === 'client' ? client : server).terminate();
      expect(await ends).toEqual([
        [1006, ''],
        [1006, ''],
      ]);
    }
  });

  it('agrees on a subprotocol', async () => {
    const target = await serve(servers, {
      handleProtocols: (offered) => (offered.has('chat.v2') ? 'chat.v2' : false),
    });
    const chosen = await openPair(target, clients, { protocols: ['chat.v1', 'chat.v2'] });
    expect([chosen.client.protocol, chosen.server.protocol]).toEqual(['chat.v2', 'chat.v2']);
    const first = await openPair(await serve(servers), clients, { protocols: ['a', 'b'] });
    expect([first.client.protocol, first.server.protocol]).toEqual(['a', 'a']);
    const none = await openPair(target, clients);
    expect([none.client.protocol, none.server.protocol]).toEqual(['', '']);
  });

  it('talks over TLS', async () => {
    const target = await serve(servers, { secure: true, perMessageDeflate: true });
    await expectTalk(await openPair(target, clients));
  });
});

describe('ws’s client with our server on a port of its own', () => {
  it.each([false, true])('talks, TLS: %s', async (secure) => {
    const target = await serveOnPort({ secure, perMessageDeflate: { threshold: 0 } });
    const pair = await openPair(target, ws, { perMessageDeflate: { threshold: 0 }, protocols: ['chat'] });
    expect(agreedParameters(target.responseLines)).toEqual([]);
    expect(pair.client.protocol).toBe('chat');
    await expectTalk(pair);
  });
});

/** Talks both ways, and closes. */
async function expectTalk({ client, server }: { client: Peer; server: Peer }): Promise<void> {
  for (const [from, to] of [
    [client, server],
    [server, client],
  ] as const) {
    const received = collect(to, 2);
    from.send(textOf(65_536));
    from.send(bytesOf(2 ** 20));
    const [text, binary] = await received;
    expect(text![0].equals(Buffer.from(textOf(65_536)))).toBe(true);
    expect(binary![0].equals(bytesOf(2 ** 20))).toBe(true);
  }
  const ends = Promise.all([closing(client), closing(server)]);
  client.close(1000, 'done');
  expect(await ends).toEqual([
    [1000, 'done'],
    [1000, 'done'],
  ]);
}

/** Waits for `count` messages, and stops listening. */
function collect(peer: Peer, count: number): Promise<[data: Buffer, isBinary: boolean][]> {
  return new Promise((resolve) => {
    const messages: [Buffer, boolean][] = [];
    const listener = (data: Buffer, isBinary: boolean): void => {
      messages.push([data, isBinary]);
      if (messages.length < count) return;
      peer.off('message', listener);
      resolve(messages);
    };
    peer.on('message', listener);
  });
}
