import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { sendStream } from '../../src/api/send-stream.ts';
import { WebSocket } from '../../src/api/websocket.ts';
import { closeCodeOf, openPair } from './open-pair.ts';

describe('sendStream', () => {
  it('sends one message, before those that come after', async () => {
    const { client, server } = await openPair();
    const got: unknown[] = [];
    server.on('message', (data, isBinary) => got.push([String(data), isBinary]));
    const sent = client.sendStream(['on', 'e ', 'message']);
    client.send('next');
    await sent;
    client.close();
    await once(server, 'close');
    expect(got).toEqual([
      ['one message', false],
      ['next', false],
    ]);
  });

  it('refuses when the connection is not open, and lets go of the source', async () => {
    let returned = false;
    const source = (async function* () {
      try {
        yield 'a';
        yield 'b';
      } finally {
        returned = true;
      }
    })();
    await source.next();
    await expect(sendStream(new WebSocket(null), undefined, source, {})).rejects.toThrow('not open');
    expect(returned).toBe(true);
    const { client } = await openPair();
    const signal = AbortSignal.abort('before');
    await expect(client.sendStream(['a'], { signal })).rejects.toMatchObject({ cause: 'before' });
    await expect(client.sendStream(1 as never)).rejects.toThrow(TypeError);
    expect(client.readyState).toBe(client.OPEN);
  });

  it('ends the connection with 1011 when the source fails in the middle', async () => {
    const { client, server } = await openPair();
    const closed = closeCodeOf(server);
    const error = new Error('disk');
    const source = async function* () {
      yield 'first';
      throw error;
    };
    await expect(client.sendStream(source())).rejects.toBe(error);
    expect(await closed).toBe(1011);
  });

  it('is given up by its signal: alone while it waits, with the connection when it has begun', async () => {
    const { client, server } = await openPair();
    const got: string[] = [];
    server.on('message', (data) => got.push(String(data)));
    const controllers = [new AbortController(), new AbortController()];
    let begun = (): void => {};
    const hasBegun = new Promise<void>((resolve) => {
      begun = resolve;
    });
    const endless = async function* () {
      yield 'first';
      begun();
      await new Promise<never>(() => {});
    };
    const first = client.sendStream(endless(), { signal: controllers[0]!.signal });
    const second = client.sendStream(['never'], { signal: controllers[1]!.signal });
    await hasBegun;
    controllers[1]!.abort();
    await expect(second).rejects.toMatchObject({ name: 'AbortError' });
    expect(client.readyState).toBe(client.OPEN);
    const closed = closeCodeOf(server);
    controllers[0]!.abort();
    await expect(first).rejects.toMatchObject({ name: 'AbortError' });
    expect([await closed, got]).toEqual([1011, []]);
  });

  it('rejects when the peer is gone, which nobody has to handle', async () => {
    const { client, server } = await openPair();
    const endless = async function* () {
      for (;;) yield Buffer.alloc(65_536);
    };
    const sent = client.sendStream(endless());
    await once(server._socket!, 'data');
    server.terminate();
    await closeCodeOf(client);
    await expect(sent).rejects.toThrow();
  });
});
