import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { MessageIterator } from '../../src/api/message-iterator.ts';
import { WebSocket } from '../../src/api/websocket.ts';
import { closeCodeOf, listening, openPair } from './open-pair.ts';

async function all(messages: AsyncIterable<unknown>): Promise<unknown[]> {
  const list: unknown[] = [];
  for await (const message of messages) list.push(message);
  return list;
}

describe('an iteration over a WebSocket', () => {
  it('has text as strings, what is binary by binaryType, and ends with the connection', async () => {
    const { client, server } = await openPair();
    client.send('text');
    client.send(Buffer.from('bytes'));
    client.close(1000);
    expect(await all(server)).toEqual(['text', Buffer.from('bytes')]);
  });

  it.each(['arraybuffer', 'fragments', 'blob'] as const)('has messages as %s', async (binaryType) => {
    const { client, server } = await openPair();
    server.binaryType = binaryType;
    const messages = new MessageIterator(server, () => server._connection, 0);
    client.send(Buffer.from('one'));
    client.send(Buffer.from('two'));
    client.close();
    const expected = { arraybuffer: ArrayBuffer, fragments: Array, blob: Blob }[binaryType];
    const got = await all(messages);
    expect(got).toHaveLength(2);
    for (const message of got) expect(message).toBeInstanceOf(expected);
  });

  it('has what came before it began, also after the end', async () => {
    const { client, server } = await openPair();
    for (let i = 0; i < 10; i++) client.send(String(i));
    client.close();
    await once(client, 'close');
    if (server.readyState !== server.CLOSED) await once(server, 'close');
    expect(await all(server)).toEqual(Array.from({ length: 10 }, (_, i) => String(i)));
    expect(await all(server)).toEqual([]);
  });

  it('stops reading while more waits than may, and loses nothing', async () => {
    const { client, server } = await openPair();
    const messages = new MessageIterator(server, () => server._connection, 10_000);
    let told = 0;
    server.on('message', () => told++);
    const text = 'x'.repeat(1000);
    for (let i = 0; i < 5000; i++) client.send(text);
    await messages.next();
    // What a pong says comes behind the messages, and is not read.
    let ponged = false;
    client.once('pong', () => {
      ponged = true;
    });
    client.ping();
    while (!server._socket!.isPaused()) await once(server, 'message');
    expect(told).toBeLessThan(20);
    expect(ponged).toBe(false);
    client.close();
    expect(await all(messages)).toHaveLength(4999);
  });

  it('has what a socket brought that is closed', async () => {
    const { client, server } = await openPair();
    const messages = new MessageIterator(server, () => server._connection, 0);
    for (const text of ['one', 'two', 'three']) client.send(text);
    await messages.next();
    const closed = once(server, 'close');
    server.terminate();
    await closed;
    for (const message of await all(messages)) expect(['two', 'three']).toContain(message);
  });

  it('rejects with the error of a connection that fails, behind its messages', async () => {
    const { client, server } = await openPair();
    client.send('fine');
    client._socket!.write(Buffer.from([0xff]));
    const messages = server[Symbol.asyncIterator]();
    expect(await messages.next()).toEqual({ value: 'fine', done: false });
    await expect(messages.next()).rejects.toMatchObject({ code: 'WS_ERR_UNEXPECTED_RSV_2_3' });
    expect(await messages.next()).toEqual({ value: undefined, done: true });
  });

  it('closes with 1000 when it is left', async () => {
    const { client, server } = await openPair();
    const closed = once(client, 'close');
    for (let i = 0; i < 100; i++) client.send('more');
    for await (const message of server) if (message === 'more') break;
    expect((await closed)[0]).toBe(1000);
    expect(server.listenerCount('message')).toBe(0);
  });

  it('gives up an attempt to connect when it is left', async () => {
    const { url } = await listening();
    const client = new WebSocket(url);
    const messages = client[Symbol.asyncIterator]();
    const closed = closeCodeOf(client);
    await messages.return!();
    expect(await closed).toBe(1006);
    expect(await messages.next()).toEqual({ value: undefined, done: true });
  });

  it('is one at a time', async () => {
    const { server } = await openPair();
    server[Symbol.asyncIterator]();
    expect(() => server[Symbol.asyncIterator]()).toThrow(
      expect.objectContaining({ code: 'WS_ERR_ALREADY_ITERATED' }),
    );
    expect(() => server.messageStreams()).toThrow('iterated over already');
  });
});
