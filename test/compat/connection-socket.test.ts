import { Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { fastPathAllowed } from '../../src/node/fast-path/allowed.ts';
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
import { difference } from './differences.ts';

/** What programs do with the socket underneath, which is not documented. */
describe.each(ENGINES)('_socket of $name', (engine) => {
  it('is null while a client connects', async () => {
    const { url } = await serve(engine);
    const client = new engine.WebSocket(url);
    expect(client._socket).toBeNull();
    await next(client, 'open');
    expect(client._socket).not.toBeNull();
  });

  it('is there when connection is told, and still after the close', async () => {
    const { client, server } = await openPair(engine, {
      accept: (socket) => expect(socket._socket).toBeInstanceOf(Socket),
    });
    const closed = Promise.all([closing(client), closing(server)]);
    client.close();
    await closed;
    expect(client._socket).toBeInstanceOf(Socket);
    expect(server._socket.destroyed).toBe(true);
  });

  it('knows the addresses of both ends', async () => {
    const { client, server } = await openPair(engine);
    expect(server._socket.remoteAddress).toBe('127.0.0.1');
    expect(server._socket.remotePort).toBe(client._socket.localPort);
    expect(client._socket.remotePort).toBe(server._socket.localPort);
  });

  it(difference('gone-peer-finish'), async () => {
    const { socket, peer } = await openRawPair(engine, 'server');
    const closed = next(socket._socket, 'close');
    peer.socket.end();
    await closed;
    expect(socket._socket.writableFinished).toBe(engine.name === 'ws' || !fastPathAllowed(undefined));
  });

  describe.each(ROLES)('of a %s', (role) => {
    it('passes on what is pushed into it', async () => {
      const { socket, frame } = await openRawPair(engine, role);
      const message = next(socket, 'message');
      socket._socket.push(frame(0x81, 'pushed'));
      expect(await message).toEqual([Buffer.from('pushed'), false]);
    });

    it('tells its data to others as well', async () => {
      const { socket, peer, frame } = await openRawPair(engine, role);
      const data = next(socket._socket, 'data');
      const message = next(socket, 'message');
      peer.socket.write(frame(0x81, 'hello'));
      expect((await data)[0]).toHaveLength(role === 'server' ? 11 : 7);
      await message;
    });

    it('writes what it is given', async () => {
      const { socket, peer } = await openRawPair(engine, role);
      socket._socket.write('anything');
      await peer.until((received) => received.toString() === 'anything');
      expect(socket.readyState).toBe(1);
    });

    it('writes frames and what it is given in order', async () => {
      const { socket, peer } = await openRawPair(engine, role);
      socket.ping();
      socket._socket.write('!');
      socket.ping();
      const length = role === 'server' ? 2 : 6;
      await peer.until((received) => received.length === 2 * length + 1);
      expect([peer.received[0], peer.received[length], peer.received[length + 1]]).toEqual([
        0x89, 0x21, 0x89,
      ]);
    });

    it.each(['end', 'destroy', 'resetAndDestroy'] as const)(
      'closes the connection by %s()',
      async (method) => {
        const { socket, peer } = await openRawPair(engine, role);
        const events = eventsUntilClose(socket, ['error']);
        const closed = closing(socket);
        socket._socket[method]();
        await peer.closed;
        expect(await closed).toEqual([1006, '']);
        expect(await events).toEqual(['close']);
      },
    );

    it('has no time limit', async () => {
      const { socket } = await openRawPair(engine, role);
      expect(socket._socket.timeout ?? 0).toBe(0);
    });

    it('tells drain', async () => {
      const { socket, peer } = await openRawPair(engine, role);
      peer.socket.pause();
      while (!socket._socket.writableNeedDrain) {
        socket.send(Buffer.alloc(1 << 20));
        await new Promise(setImmediate);
      }
      const drained = next(socket._socket, 'drain');
      peer.socket.resume();
      await drained;
      expect(socket.bufferedAmount).toBe(0);
    });
  });
});
