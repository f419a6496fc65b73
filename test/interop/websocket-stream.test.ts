import { once } from 'node:events';
import { WebSocketStream as UndiciStream } from 'undici';
import { describe, expect, it } from 'vitest';
import { WebSocketStream } from '../../src/web/index.ts';
import { hawser, type Peer, type ServerSettings, serve, ws } from './pairing.ts';

/** What the two classes have in common, and the tests use. */
interface Stream {
  readonly opened: Promise<{
    readable: ReadableStream<unknown>;
    writable: WritableStream<unknown>;
    protocol: string;
  }>;
  readonly closed: Promise<{ closeCode: number; reason: string }>;
  close(info?: { closeCode?: number; reason?: string }): void;
}

type StreamClass = new (url: string, options?: { protocols?: string[]; signal?: AbortSignal }) => Stream;

const CLIENTS: Readonly<Record<string, StreamClass>> = {
  'hawser/web': WebSocketStream as unknown as StreamClass,
  undici: UndiciStream as unknown as StreamClass,
};

const pairs = Object.keys(CLIENTS).flatMap((client) =>
  [hawser, ws].map((library) => ({ client, server: library === ws ? 'ws' : 'hawser', library })),
);

describe.each(pairs)('WebSocketStream of $client with a server of $server', ({ client, library }) => {
  const Client = CLIENTS[client]!;

  async function open(settings: ServerSettings = {}, options: ConstructorParameters<StreamClass>[1] = {}) {
    const { url, wss } = await serve(library, settings);
    const connection = once(wss, 'connection') as Promise<[Peer]>;
    const stream = new Client(url, options);
    // What becomes of it is not what every test is about.
    stream.closed.catch(() => {});
    const [opened, [peer]] = await Promise.all([stream.opened, connection]);
    return { stream, peer, ...opened };
  }

  it('agrees on a subprotocol and on compression', async () => {
    const { protocol, peer, stream } = await open({ perMessageDeflate: true }, { protocols: ['one', 'two'] });
    expect([protocol, peer.protocol]).toEqual(['one', 'one']);
    expect(peer.extensions).toBe('permessage-deflate');
    stream.close();
  });

  it('reads text and bytes in their order, to the end', async () => {
    const { peer, readable, stream } = await open();
    peer.send('text');
    peer.send(Buffer.from([1, 2, 3]));
    peer.send('ä'.repeat(50_000));
    peer.close(4321, 'enough');
    const messages: unknown[] = [];
    for await (const message of readable as unknown as AsyncIterable<unknown>) messages.push(message);
    expect(messages).toEqual(['text', new Uint8Array([1, 2, 3]), 'ä'.repeat(50_000)]);
    expect(await stream.closed).toMatchObject({ closeCode: 4321, reason: 'enough' });
  });

  it('writes text and bytes in their order, and closes behind them', async () => {
    const { peer, writable, stream } = await open();
    const received: unknown[] = [];
    peer.on('message', (data: Buffer, isBinary: boolean) =>
      received.push(isBinary ? data.length : data.toString()),
    );
    const closed = once(peer, 'close');
    const writer = writable.getWriter();
    for (const message of ['text', new Uint8Array(100_000), '']) await writer.write(message);
    stream.close({ closeCode: 4000, reason: 'done' });
    const [code, reason] = await closed;
    expect(received).toEqual(['text', 100_000, '']);
    expect([code, String(reason)]).toEqual([4000, 'done']);
    expect(await stream.closed).toMatchObject({ closeCode: 4000, reason: 'done' });
  });

  it('sends messages back as streams do', async () => {
    const { peer, readable, writable, stream } = await open({ perMessageDeflate: true });
    peer.on('message', (data: Buffer, isBinary: boolean) => peer.send(data, { binary: isBinary }));
    const reader = readable.getReader();
    const writer = writable.getWriter();
    for (let i = 0; i < 100; i++) {
      void writer.write(`message ${i}`);
      expect(await reader.read()).toEqual({ done: false, value: `message ${i}` });
    }
    stream.close();
  });

  it('rejects both promises when its peer is gone', async () => {
    const { peer, stream, readable } = await open();
    const read = readable.getReader().read();
    peer.terminate();
    const outcomes = await Promise.allSettled([stream.closed, read]);
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  });

  it('gives up an attempt by its signal', async () => {
    const { url } = await serve(library, {});
    const stream = new Client(url, { signal: AbortSignal.abort(new Error('changed my mind')) });
    const outcomes = await Promise.allSettled([stream.opened, stream.closed]);
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  });
});
