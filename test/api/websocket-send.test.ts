import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import type { ClientOptions } from '../../src/api/options.ts';
import type { SendData } from '../../src/api/payload.ts';
import type { WebSocket } from '../../src/index.ts';
import { closeCode, nextConnection, openClient, startTestServer } from '../behaviour/engine.ts';

async function openPair(
  options: Parameters<typeof startTestServer>[0] = {},
  clientOptions: ClientOptions = {},
) {
  const server = await startTestServer(options);
  const accepted = nextConnection(server.wss, (ws) => ws);
  const client = await openClient(server.url, clientOptions);
  return { client, peer: await accepted };
}

/** The first `count` messages. */
function messages(ws: WebSocket, count: number): Promise<Array<[data: string, isBinary: boolean]>> {
  return new Promise((resolve) => {
    const got: Array<[string, boolean]> = [];
    ws.on('message', (data, isBinary) => {
      got.push([String(data), isBinary]);
      if (got.length === count) resolve(got);
    });
  });
}

function sent(send: (callback: (error?: Error) => void) => void): Promise<unknown[]> {
  return new Promise((resolve) => send((...args) => resolve(args)));
}

const unreadable = (): Blob =>
  Object.assign(new Blob(['abc']), {
    arrayBuffer: () => Promise.reject(new DOMException('The blob could not be read', 'NotReadableError')),
  });

describe('send', () => {
  it('takes a callback in any place, and calls it without an argument', async () => {
    const { client, peer } = await openPair();
    const got = messages(peer, 3);
    const calls = await Promise.all([
      sent((callback) => client.send(callback as unknown as SendData)),
      sent((callback) => client.send('second', callback)),
      sent((callback) => client.send('third', {}, callback)),
    ]);
    expect(calls).toEqual([[], [], []]);
    expect(await got).toEqual([
      ['', true],
      ['second', false],
      ['third', false],
    ]);
  });

  it.each<[string, SendData, string, boolean]>([
    ['a view of a part', new Uint8Array([48, 49, 50, 51]).subarray(1, 3), '12', true],
    ['a DataView', new DataView(new Uint8Array([48, 49]).buffer, 1), '1', true],
    ['an ArrayBuffer', new Uint8Array([48]).buffer, '0', true],
    ['an empty string', '', '', false],
    ['zero', 0, '0', false],
  ])('sends %s', async (_name, data, text, isBinary) => {
    const { client, peer } = await openPair();
    const got = messages(peer, 1);
    client.send(data);
    expect(await got).toEqual([[text, isBinary]]);
  });

  it('sends bytes as text when told to', async () => {
    const { client, peer } = await openPair();
    const got = messages(peer, 1);
    client.send(Buffer.from('bytes'), { binary: false });
    expect(await got).toEqual([['bytes', false]]);
  });

  it('throws at once for what has no bytes, also behind a Blob', async () => {
    const { client, peer } = await openPair();
    const got = messages(peer, 2);
    expect(() => client.send({} as unknown as string)).toThrow(TypeError);
    client.send(new Blob(['blob']));
    expect(() => client.send({} as unknown as string)).toThrow(TypeError);
    client.send('after');
    expect((await got).map(([data]) => data)).toEqual(['blob', 'after']);
  });

  it('delivers Blobs and what follows in order, before close()', async () => {
    const { client, peer } = await openPair();
    const got = messages(peer, 3);
    client.send(new Blob(['one']));
    client.send('two', { compress: true });
    client.send(new Blob(['three']));
    client.close(1000, 'done');
    expect(await closeCode(peer)).toBe(1000);
    expect((await got).map(([data]) => data)).toEqual(['one', 'two', 'three']);
  });

  it('fails for a Blob that cannot be read: callback, error, close', async () => {
    const { client } = await openPair();
    const log: unknown[] = [];
    client.on('error', (error) => log.push(['error', error.name]));
    client.send(unreadable(), (error) => log.push(['callback', error?.message]));
    log.push(['close', await closeCode(client)]);
    expect(log).toEqual([
      ['callback', 'The blob could not be read'],
      ['error', 'NotReadableError'],
      ['close', 1006],
    ]);
  });

  it('ignores compress without the extension', async () => {
    const { client, peer } = await openPair();
    const got = messages(peer, 1);
    client.send('plain', { compress: true });
    expect([client.extensions, await got]).toEqual(['', [['plain', false]]]);
  });
});

describe('bufferedAmount', () => {
  it('counts what waits for compression, and is 0 in the last callback', async () => {
    const { client } = await openPair({ perMessageDeflate: true }, { fastPath: false });
    expect(client.bufferedAmount).toBe(0);
    client.send('foo');
    expect(client.bufferedAmount).toBe(3);
    const last = sent((callback) => client.send('bar', callback)).then(() => client.bufferedAmount);
    expect(client.bufferedAmount).toBe(6);
    expect(await last).toBe(0);
  });

  it.each([
    ['CLOSING', 2],
    ['CLOSED', 3],
  ])('grows by what is sent in %s, and the callback gets an error later', async (name, state) => {
    const { client } = await openPair();
    const closed = closeCode(client);
    client.close();
    if (state === 3) await closed;
    const before = client.bufferedAmount;
    let synchronous = true;
    const errors = Promise.all(
      [
        (callback: (error?: Error) => void) => client.send('héé', callback),
        (callback: (error?: Error) => void) => client.send(new Blob(['1234']), callback),
        (callback: (error?: Error) => void) => client.ping(12, callback),
        (callback: (error?: Error) => void) => client.pong(callback),
      ].map((send) =>
        sent(send).then(([error]) => {
          expect(synchronous).toBe(false);
          return (error as Error).message;
        }),
      ),
    );
    client.send('x');
    synchronous = false;
    expect(client.bufferedAmount - before).toBe(5 + 4 + 2 + 0 + 1);
    expect(new Set(await errors)).toEqual(new Set([`WebSocket is not open: readyState ${state} (${name})`]));
    await closed;
  });
});

describe.each(['ping', 'pong'] as const)('%s', (name) => {
  it('takes data, mask and callback, each of which may be left out', async () => {
    const { client, peer } = await openPair();
    const got: string[] = [];
    const all = new Promise<void>((resolve) => {
      peer.on(name, (payload) => {
        got.push(String(payload));
        if (got.length === 5) resolve();
      });
    });
    client[name]();
    await sent((callback) => client[name](callback));
    await sent((callback) => client[name]('one', callback));
    await sent((callback) => client[name](2, true, callback));
    client[name](Buffer.alloc(125, 'x'), undefined);
    await all;
    expect(got).toEqual(['', '', 'one', '2', 'x'.repeat(125)]);
  });

  it('refuses more than 125 bytes, counted in UTF-8', async () => {
    const { client } = await openPair();
    for (const data of ['ü'.repeat(63), Buffer.alloc(126), new Blob(['x'.repeat(126)])]) {
      expect(() => client[name](data)).toThrow(
        new RangeError('The data size must not be greater than 125 bytes'),
      );
    }
  });
});

it('answers a ping before it tells of it, so that close() does not overtake the pong', async () => {
  const { client, peer } = await openPair();
  client.on('ping', () => client.close());
  const pong = once(peer, 'pong');
  peer.ping('hi');
  expect(String((await pong)[0])).toBe('hi');
  await closeCode(peer);
});
