import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { WebSocket } from '../../src/index.ts';
import { closeCode, ending, nextConnection, openClient, startTestServer } from '../behaviour/engine.ts';

async function openPair() {
  const server = await startTestServer({ perMessageDeflate: true });
  const accepted = nextConnection(server.wss, (ws) => ws);
  const client = await openClient(server.url);
  return { client, peer: await accepted };
}

describe('close', () => {
  it('without a code gives both sides 1005', async () => {
    const { client, peer } = await openPair();
    const ends = Promise.all([ending(client), ending(peer)]);
    client.close();
    expect(await ends).toEqual([[['close', 1005, '']], [['close', 1005, '']]]);
  });

  it.each([1000, 1001, 1003, 1007, 1013, 1014, 3000, 4999])('sends %i, from a server too', async (code) => {
    const { client, peer } = await openPair();
    const ends = Promise.all([ending(client), ending(peer)]);
    peer.close(code, Buffer.from('why'));
    expect(await ends).toEqual([[['close', code, 'why']], [['close', code, 'why']]]);
  });

  it('refuses bad arguments before anything changes, also behind a Blob', async () => {
    const { client, peer } = await openPair();
    client.send(new Blob(['blob']));
    expect(() => client.close(1006)).toThrow(TypeError);
    expect(() => client.close(1000, 'x'.repeat(124))).toThrow(RangeError);
    expect(client.readyState).toBe(WebSocket.OPEN);
    const message = once(peer, 'message');
    client.send('still open');
    expect(String((await message)[0])).toBe('blob');
    const end = ending(peer);
    client.close(1000);
    expect(await end).toEqual([['close', 1000, '']]);
  });

  it('has no effect a second time, whatever its arguments', async () => {
    const { client, peer } = await openPair();
    const end = ending(peer);
    client.close(4001);
    client.close(999);
    client.close(4002);
    expect(await end).toEqual([['close', 4001, '']]);
    client.close(999);
  });

  it('by both at once closes both with the code of the other', async () => {
    const { client, peer } = await openPair();
    const ends = Promise.all([closeCode(client), closeCode(peer)]);
    client.close(4001);
    peer.close(4002);
    expect(await ends).toEqual([4002, 4001]);
  });

  it('ends a connection that is paused', async () => {
    const { client, peer } = await openPair();
    const end = ending(client);
    peer.close(4000);
    client.pause();
    client.resume();
    expect(await end).toEqual([['close', 4000, '']]);
  });
});

describe('terminate', () => {
  it('calls back what was being compressed with an error, before close', async () => {
    const { client } = await openPair();
    const log: unknown[] = [];
    client.send(Buffer.alloc(100_000), (error) => log.push([error?.message, client.readyState]));
    const closed = closeCode(client);
    client.terminate();
    expect(client.readyState).toBe(WebSocket.CLOSING);
    expect(await closed).toBe(1006);
    expect(log).toEqual([['The socket was closed while data was being compressed', 2]]);
  });

  it('while paused leaves isPaused as it was', async () => {
    const { client } = await openPair();
    client.pause();
    const closed = closeCode(client);
    client.terminate();
    await closed;
    client.resume();
    expect(client.isPaused).toBe(true);
  });

  it('emits close once, also when it is called with close and in its listener', async () => {
    const { client, peer } = await openPair();
    let count = 0;
    client.on('close', () => {
      count++;
      client.terminate();
      client.close();
    });
    const closed = Promise.all([closeCode(client), closeCode(peer)]);
    client.close();
    client.terminate();
    client.terminate();
    await closed;
    expect(count).toBe(1);
  });
});

describe('pause', () => {
  it('has no effect before there is a connection, and after', async () => {
    const server = await startTestServer();
    const client = new WebSocket(server.url);
    client.pause();
    expect(client.isPaused).toBe(false);
    await once(client, 'open');
    const closed = closeCode(client);
    client.terminate();
    await closed;
    client.pause();
    expect(client.isPaused).toBe(false);
  });
});
