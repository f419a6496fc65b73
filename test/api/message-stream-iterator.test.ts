import { once } from 'node:events';
import { buffer, text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import type { MessageStream } from '../../src/api/message-stream.ts';
import { WebSocket } from '../../src/api/websocket.ts';
import { closeCodeOf, listening, openPair } from './open-pair.ts';

const next = async (streams: AsyncIterator<MessageStream>): Promise<MessageStream> =>
  (await streams.next()).value;

describe('messageStreams', () => {
  it.each([true, false])(
    'has every message as a stream, and ends; perMessageDeflate: %s',
    async (perMessageDeflate) => {
      const { client, server } = await openPair({ perMessageDeflate });
      const long = 'a line of text, '.repeat(20_000);
      client.send(long);
      client.send(Buffer.from([1, 2]));
      client.send('', { fin: false });
      client.send('three', { fin: true });
      client.send('');
      client.close(1000);
      const got: unknown[] = [];
      for await (const stream of server.messageStreams()) {
        got.push([stream.isBinary, (await buffer(stream)).toString('latin1')]);
      }
      expect(got).toEqual([
        [false, long],
        [true, '\u0001\u0002'],
        [false, 'three'],
        [false, ''],
      ]);
    },
  );

  it('has messages that came before, as a whole', async () => {
    const { client, server } = await openPair();
    client.send('early');
    client.send('too');
    client.close();
    await closeCodeOf(server);
    const got: string[] = [];
    for await (const stream of server.messageStreams()) got.push(await text(stream));
    expect(got).toEqual(['early', 'too']);
  });

  it('begins while connecting, and takes messages longer than maxPayload', async () => {
    const { wss, url } = await listening();
    wss.on('connection', (ws) => ws.send('longer than ten'));
    const client = new WebSocket(url, { maxPayload: 10 });
    const streams = client.messageStreams();
    expect(await text(await next(streams))).toBe('longer than ten');
    await streams.return!();
  });

  it('refuses messages longer than maxStreamedBytes', async () => {
    const { client, server } = await openPair({ maxStreamedBytes: 10 });
    const closed = closeCodeOf(client);
    const streams = server.messageStreams();
    client.send('longer than ten');
    await expect(streams.next()).rejects.toMatchObject({ code: 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH' });
    expect(await closed).toBe(1009);
  });

  it('keeps the peer waiting while a stream is not read', async () => {
    const { client, server } = await openPair();
    const streams = server.messageStreams();
    client.send(Buffer.alloc(16 << 20));
    const stream = await next(streams);
    await new Promise((resolve) => setImmediate(resolve));
    while (!server._socket!.isPaused()) await new Promise((resolve) => setImmediate(resolve));
    expect(stream.readableLength).toBeLessThan(256 << 10);
    expect(client.bufferedAmount).toBeGreaterThan(0);
    expect(await buffer(stream)).toHaveLength(16 << 20);
  });

  it('discards what is left of a message when the next one is asked for', async () => {
    const { client, server } = await openPair();
    const streams = server.messageStreams();
    client.send(Buffer.alloc(4 << 20));
    client.send('next');
    const first = await next(streams);
    expect(await text(await next(streams))).toBe('next');
    expect(first.destroyed).toBe(true);
  });

  it('breaks a stream off when the connection ends inside of its message', async () => {
    const { client, server } = await openPair();
    const streams = server.messageStreams();
    client.send('begun', { fin: false });
    const stream = await next(streams);
    const failed = once(stream, 'error').catch((error) => [error]);
    client.close();
    expect((await failed)[0]).toMatchObject({ code: 'WS_ERR_MESSAGE_CUT_OFF' });
    expect((await streams.next()).done).toBe(true);
  });

  it('breaks a stream off with the fault of the peer', async () => {
    const { client, server } = await openPair();
    const streams = server.messageStreams();
    client.send(Buffer.from([0x61]), { fin: false, binary: false });
    const stream = await next(streams);
    client.send(Buffer.from([0xff]));
    await expect(text(stream)).rejects.toMatchObject({ code: 'WS_ERR_INVALID_UTF8' });
    await expect(streams.next()).rejects.toMatchObject({ code: 'WS_ERR_INVALID_UTF8' });
  });

  it('closes with 1000 when it is left', async () => {
    const { client, server } = await openPair();
    const closed = closeCodeOf(client);
    client.send(Buffer.alloc(1 << 20));
    for await (const stream of server.messageStreams()) if (stream.isBinary) break;
    expect(await closed).toBe(1000);
  });
});
