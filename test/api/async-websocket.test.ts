import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { WebSocket } from '../../src/api/websocket.ts';
import { WebSocketServer } from '../../src/api/websocket-server.ts';
import { closeCodeOf, listening, openPair } from './open-pair.ts';

describe('opened', () => {
  it('can be replaced, as by programs that have a flag of this name', async () => {
    const { client } = await openPair();
    Object.assign(client, { opened: true });
    expect(client.opened).toBe(true);
    expect(Object.keys(client)).toContain('opened');
  });
});

describe('await using', () => {
  it('closes a client with 1000 and waits for that, whatever is unread', async () => {
    const { client, server } = await openPair();
    const code = closeCodeOf(server);
    client.pause();
    for (let i = 0; i < 100; i++) server.send('unread');
    await client[Symbol.asyncDispose]();
    expect(client.readyState).toBe(client.CLOSED);
    expect(await code).toBe(1000);
    await client[Symbol.asyncDispose]();
  });

  it('lets go of an iteration', async () => {
    const { client, server } = await openPair();
    const messages = client[Symbol.asyncIterator]();
    const text = 'x'.repeat(1 << 20);
    for (let i = 0; i < 4; i++) server.send(text);
    await messages.next();
    await client[Symbol.asyncDispose]();
    expect(client.readyState).toBe(client.CLOSED);
  });

  it('gives up a client that is connecting', async () => {
    const { url } = await listening();
    const client = new WebSocket(url);
    await client[Symbol.asyncDispose]();
    expect(client.readyState).toBe(client.CLOSED);
  });

  it('drains a server and closes it, on a port and by hand', async () => {
    const { client, wss } = await openPair();
    const code = closeCodeOf(client);
    await wss[Symbol.asyncDispose]();
    expect([await code, wss.address()]).toEqual([1001, null]);
    const byHand = new WebSocketServer({ noServer: true });
    const closed = once(byHand, 'close');
    await byHand[Symbol.asyncDispose]();
    await closed;
  });
});
