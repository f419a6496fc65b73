import { once } from 'node:events';
import { Agent, type CloseEvent, type MessageEvent, WebSocket as UndiciWebSocket } from 'undici';
import { describe, expect, it, onTestFinished } from 'vitest';
import { closing, hawser, type Peer, type ServerUnderTest, serve, serveOnPort } from './pairing.ts';
import { agreedParameters, bytesOf, SIZES, textOf } from './payloads.ts';

interface Pair {
  readonly client: UndiciWebSocket;
  readonly server: Peer;
}

/** undici offers `client_max_window_bits`, and sends without compression. */
const DEFLATE = [
  { name: 'off', server: false, agreed: undefined },
  { name: 'on', server: { threshold: 0 }, agreed: [] },
  {
    name: 'no context takeover',
    server: { serverNoContextTakeover: true, threshold: 0 },
    agreed: ['server_no_context_takeover'],
  },
  {
    name: 'a client window of 9 bits',
    server: { clientMaxWindowBits: 9, threshold: 0 },
    agreed: ['client_max_window_bits=9'],
  },
] as const;

describe.each(DEFLATE)('undici’s client with our server, permessage-deflate $name', ({ server, agreed }) => {
  it('passes messages of every length both ways', async () => {
    const target = await serve(hawser, { perMessageDeflate: server });
    const pair = await openPair(target);
    expect(agreedParameters(target.responseLines)).toEqual(agreed);
    for (const size of [...SIZES, ...SIZES]) {
      const atServer = once(pair.server, 'message');
      pair.client.send(textOf(size));
      const [text, isBinary] = await atServer;
      expect(isBinary).toBe(false);
      expect(Buffer.from(textOf(size)).equals(text)).toBe(true);
      const bytesAtServer = once(pair.server, 'message');
      pair.client.send(Uint8Array.from(bytesOf(size)));
      const [bytes, bytesAreBinary] = await bytesAtServer;
      expect(bytesAreBinary).toBe(true);
      expect(bytesOf(size).equals(bytes)).toBe(true);

      const atClient = nextMessage(pair.client);
      pair.server.send(textOf(size));
      expect((await atClient) === textOf(size)).toBe(true);
      const bytesAtClient = nextMessage(pair.client);
      pair.server.send(bytesOf(size));
      expect(bytesOf(size).equals(Buffer.from((await bytesAtClient) as ArrayBuffer))).toBe(true);
    }
  });

  it('takes messages in fragments, with a ping between', async () => {
    const { client, server: peer } = await openPair(await serve(hawser, { perMessageDeflate: server }));
    const pong = once(peer, 'pong');
    const message = nextMessage(client);
    peer.send('one, ', { fin: false });
    peer.send('', { fin: false });
    peer.ping('between');
    peer.send('two €', { fin: true });
    expect(await message).toBe('one, two €');
    expect(String((await pong)[0])).toBe('between');
  });
});

describe('undici’s client with our server', () => {
  it.each([
    [undefined, undefined, 1005, ''],
    [1000, 'done', 1000, 'done'],
    [3000, '€'.repeat(41), 3000, '€'.repeat(41)],
    [4999, '', 4999, ''],
  ])('closes with code %s and reason %s from either end', async (code, reason, toldCode, toldReason) => {
    const target = await serve(hawser);
    for (const closer of ['client', 'server'] as const) {
      const pair = await openPair(target);
      const ends = Promise.all([closed(pair.client), closing(pair.server)]);
      if (closer === 'server') pair.server.close(code, reason);
      else if (code === undefined) pair.client.close();
      else pair.client.close(code, reason);
      const [clientEnd, serverEnd] = await ends;
      expect([clientEnd.code, clientEnd.reason, clientEnd.wasClean]).toEqual([toldCode, toldReason, true]);
      // undici answers a Close frame with its code alone.
      expect(serverEnd).toEqual([toldCode, closer === 'client' ? toldReason : '']);
    }
    expect(target.wss.clients.size).toBe(0);
  });

  it('sees an unclean end with 1006', async () => {
    const { client, server } = await openPair(await serve(hawser));
    const end = closed(client);
    server.terminate();
    const { code, wasClean } = await end;
    expect([code, wasClean]).toEqual([1006, false]);
  });

  it('agrees on a subprotocol', async () => {
    const target = await serve(hawser, { handleProtocols: () => 'chat.v2' });
    const { client, server } = await openPair(target, ['chat.v1', 'chat.v2']);
    expect([client.protocol, server.protocol]).toEqual(['chat.v2', 'chat.v2']);
  });

  it.each([
    ['an https server', () => serve(hawser, { secure: true, perMessageDeflate: true })],
    ['the server on a port, with TLS', () => serveOnPort({ secure: true, perMessageDeflate: true })],
    ['the server on a port', () => serveOnPort({ perMessageDeflate: true })],
  ])('talks to %s', async (_name, start) => {
    const { client, server } = await openPair(await start());
    server.on('message', (data: Buffer, isBinary: boolean) => server.send(data, { binary: isBinary }));
    const message = nextMessage(client);
    client.send(Uint8Array.from(bytesOf(2 ** 20)));
    expect(bytesOf(2 ** 20).equals(Buffer.from((await message) as ArrayBuffer))).toBe(true);
  });
});

async function openPair({ url, wss }: ServerUnderTest, protocols: string[] = []): Promise<Pair> {
  const dispatcher = new Agent({ connect: { rejectUnauthorized: false } });
  onTestFinished(() => dispatcher.destroy());
  const accepted = once(wss, 'connection');
  const client = new UndiciWebSocket(url, { protocols, dispatcher });
  client.binaryType = 'arraybuffer';
  await new Promise((resolve, reject) => {
    client.addEventListener('open', resolve, { once: true });
    client.addEventListener('error', (event) => reject(event.error), { once: true });
  });
  const [server] = await accepted;
  return { client, server: server as Peer };
}

function nextMessage(client: UndiciWebSocket): Promise<unknown> {
  return new Promise((resolve) => {
    client.addEventListener('message', (event: MessageEvent) => resolve(event.data), { once: true });
  });
}

function closed(client: UndiciWebSocket): Promise<CloseEvent> {
  return new Promise((resolve) => client.addEventListener('close', resolve, { once: true }));
}
