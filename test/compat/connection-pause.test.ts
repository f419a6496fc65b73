import { describe, expect, it } from 'vitest';
import { closePayload } from '../behaviour/raw-frames.ts';
import {
  closing,
  ENGINES,
  eventsUntilClose,
  next,
  openPair,
  openRawPair,
  ROLES,
  serve,
} from './connection-pair.ts';

/** Lets whatever can happen by itself happen: the peer's bytes have made the way there and back. */
async function roundTrip(engine: (typeof ENGINES)[number]): Promise<void> {
  const { client } = await openPair(engine);
  const pong = next(client, 'pong');
  client.ping();
  await pong;
}

describe.each(ENGINES)('$name', (engine) => {
  it('is not paused at first', async () => {
    const { client, server } = await openPair(engine);
    expect([client.isPaused, server.isPaused]).toEqual([false, false]);
  });

  it.each(ROLES)('pause() and resume() say so, and reach the socket: %s', async (role) => {
    const { socket } = await openRawPair(engine, role);
    socket.pause();
    expect([socket.isPaused, socket._socket.isPaused()]).toEqual([true, true]);
    socket.pause();
    expect(socket.isPaused).toBe(true);
    socket.resume();
    expect([socket.isPaused, socket._socket.isPaused()]).toEqual([false, false]);
    socket.resume();
    expect(socket.isPaused).toBe(false);
  });

  it.each(ROLES)('tells nothing while paused, and all of it afterwards: %s', async (role) => {
    const { socket, peer, frame } = await openRawPair(engine, role);
    const seen: unknown[] = [];
    const done = new Promise<void>((resolve) => {
      socket.on('message', (data) => {
        seen.push([String(data), socket.isPaused]);
        if (String(data) === 'last') resolve();
      });
    });
    socket.pause();
    peer.socket.write(Buffer.concat([frame(0x81, 'first'), frame(0x81, 'last')]));
    await roundTrip(engine);
    expect(seen).toEqual([]);
    socket.resume();
    await done;
    expect(seen).toEqual([
      ['first', false],
      ['last', false],
    ]);
  });

  it('still tells what was read already when a listener pauses', async () => {
    const { socket, peer, frame } = await openRawPair(engine, 'server');
    const seen: string[] = [];
    const both = new Promise<void>((resolve) => {
      socket.on('message', (data) => {
        seen.push(String(data));
        socket.pause();
        if (seen.length === 2) resolve();
      });
    });
    peer.socket.write(Buffer.concat([frame(0x81, 'a'), frame(0x81, 'b')]));
    await both;
    expect(seen).toEqual(['a', 'b']);
    expect(socket.isPaused).toBe(true);
    socket.terminate();
  });

  it('goes on sending while paused', async () => {
    const { client, server } = await openPair(engine);
    client.pause();
    const message = next(server, 'message');
    client.send('hello');
    expect(await message).toEqual([Buffer.from('hello'), false]);
  });

  it.each(['pause', 'resume'] as const)('%s() has no effect while connecting', async (method) => {
    const { url } = await serve(engine);
    const client = new engine.WebSocket(url);
    client[method]();
    expect(client.isPaused).toBe(false);
    await next(client, 'open');
    expect(client.isPaused).toBe(false);
  });

  it('pause() has no effect when closed', async () => {
    const { client } = await openPair(engine);
    const closed = closing(client);
    client.close();
    await closed;
    client.pause();
    expect(client.isPaused).toBe(false);
  });

  it('resume() has no effect when closed: what was terminated while paused stays so', async () => {
    const { client } = await openPair(engine);
    const closed = closing(client);
    client.pause();
    client.terminate();
    expect(await closed).toEqual([1006, '']);
    client.resume();
    expect(client.isPaused).toBe(true);
  });

  it('both work in CLOSING', async () => {
    const { socket, peer, frame } = await openRawPair(engine, 'client');
    const seen: unknown[] = [];
    socket.on('message', (data) => seen.push([String(data), socket.isPaused]));
    const closed = closing(socket);
    socket.close(1000);
    socket.pause();
    expect(socket.isPaused).toBe(true);
    peer.socket.write(Buffer.concat([frame(0x81, 'late'), frame(0x88, closePayload(1000))]));
    await roundTrip(engine);
    expect(seen).toEqual([]);
    socket.resume();
    expect(socket.isPaused).toBe(false);
    expect(await closed).toEqual([1000, '']);
    expect(seen).toEqual([['late', false]]);
  });

  it('can pause in open, before anything is read', async () => {
    const { wss, url } = await serve(engine);
    wss.on('connection', (server) => server.send('early'));
    const client = new engine.WebSocket(url);
    const seen: unknown[] = [];
    client.on('message', (data) => seen.push([String(data), client.isPaused]));
    client.on('open', () => client.pause());
    await next(client, 'open');
    await roundTrip(engine);
    expect(seen).toEqual([]);
    const message = next(client, 'message');
    client.resume();
    await message;
    expect(seen).toEqual([['early', false]]);
  });

  describe('a socket that is paused', () => {
    it('tells on its end what it still had', async () => {
      const { socket, peer, frame } = await openRawPair(engine, 'server');
      const events = eventsUntilClose(socket, ['message', 'error']);
      socket.pause();
      peer.socket.write(frame(0x81, 'late'));
      await roundTrip(engine);
      socket._socket.destroy();
      expect(await events).toEqual(['message', 'close']);
    });

    it('tells on its end the close frame that it still had', async () => {
      const { socket, peer, frame } = await openRawPair(engine, 'server');
      const closed = closing(socket);
      socket.pause();
      peer.socket.write(Buffer.concat([frame(0x81, 'late'), frame(0x88, closePayload(4000, 'bye'))]));
      await roundTrip(engine);
      socket.terminate();
      expect(await closed).toEqual([4000, 'bye']);
    });

    it('tells a fault that it still had', async () => {
      const { socket, peer, frame } = await openRawPair(engine, 'server');
      const events = eventsUntilClose(socket, ['message', 'error']);
      socket.pause();
      peer.socket.write(frame(0x85));
      await roundTrip(engine);
      socket.terminate();
      expect(await events).toEqual(['error', 'close']);
    });
  });

  it.each(['fault', 'close frame'])('a %s resumes a socket that a listener has paused', async (what) => {
    const { socket, peer, frame } = await openRawPair(engine, 'server', { allowHalfOpen: true });
    socket.on('error', () => {});
    socket.on('message', () => socket.pause());
    const closed = closing(socket);
    peer.socket.write(
      Buffer.concat([frame(0x81, 'a'), what === 'fault' ? frame(0x85) : frame(0x88, closePayload(1000))]),
    );
    await peer.until(({ length }) => length > 0);
    // What a paused socket has unread would hide the end of the stream.
    peer.socket.end(frame(0x81, 'more'));
    expect(await closed).toEqual(what === 'fault' ? [1006, ''] : [1000, '']);
    // It reads again, but nobody has called resume().
    expect(socket.isPaused).toBe(true);
  });

  it('stays paused when what was being inflated is told', async () => {
    const { socket, peer, frame } = await openRawPair(engine, 'server', {
      settings: { perMessageDeflate: true },
      headers: { 'Sec-WebSocket-Extensions': 'permessage-deflate' },
    });
    const seen: unknown[] = [];
    socket.on('message', (data) => {
      seen.push([String(data), socket.isPaused]);
      if (seen.length === 1) socket.pause();
    });
    const first = next(socket, 'message');
    peer.socket.write(frame(0xc1, Buffer.from('f248cdc9c90700', 'hex')));
    await first;
    peer.socket.write(frame(0x81, 'late'));
    await roundTrip(engine);
    expect(seen).toEqual([['Hello', false]]);
    const second = next(socket, 'message');
    socket.resume();
    await second;
    expect(seen[1]).toEqual(['late', false]);
  });
});
