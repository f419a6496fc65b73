import { describe, expect, it } from 'vitest';
import {
  type CompatSocket,
  ENGINES,
  eventsUntilClose,
  next,
  openPair,
  openRawPair,
  ROLES,
  serve,
} from './connection-pair.ts';

const DEFLATE = { perMessageDeflate: { threshold: 0 } };

/** What 'message' tells, in a form that can be compared. */
async function told([data, isBinary]: unknown[]): Promise<unknown[]> {
  if (data instanceof Blob) return ['Blob', await data.text(), isBinary];
  if (data instanceof ArrayBuffer) return ['ArrayBuffer', Buffer.from(data).toString(), isBinary];
  if (Array.isArray(data))
    return ['Array', data.map((part) => [part.constructor.name, String(part)]), isBinary];
  return [data!.constructor.name, String(data), isBinary];
}

/** Collects what 'message' tells until `count` came. */
function messages(socket: CompatSocket, count: number): Promise<string[]> {
  const seen: string[] = [];
  return new Promise((resolve) => {
    socket.on('message', (data) => {
      seen.push(String(data));
      if (seen.length === count) resolve(seen);
    });
  });
}

describe.each(ENGINES)('$name', (engine) => {
  describe.each([
    ['nodebuffer', 'Buffer', 'hello'],
    ['arraybuffer', 'ArrayBuffer', 'hello'],
    ['fragments', 'Array', [['Buffer', 'hello']]],
    ['blob', 'Blob', 'hello'],
  ])('a message with %s', (type, className, content) => {
    it.each([false, true])('is of that type when it is binary (compressed: %s)', async (compress) => {
      const options = compress ? { server: DEFLATE, client: DEFLATE } : {};
      const { client, server } = await openPair(engine, options);
      client.binaryType = type;
      const message = next(client, 'message');
      server.send(Buffer.from('hello'));
      expect(await told(await message)).toEqual([className, content, true]);
    });

    it.each([false, true])('is a Buffer when it is text (compressed: %s)', async (compress) => {
      const options = compress ? { server: DEFLATE, client: DEFLATE } : {};
      const { client, server } = await openPair(engine, options);
      client.binaryType = type;
      const message = next(client, 'message');
      server.send('grüße');
      expect(await told(await message)).toEqual(['Buffer', 'grüße', false]);
    });

    it('is whole when it came in fragments', async () => {
      const { socket, peer, frame } = await openRawPair(engine, 'server');
      socket.binaryType = type;
      const message = next(socket, 'message');
      peer.socket.write(
        Buffer.concat([frame(0x02, 'he'), frame(0x00, 'l'), frame(0x89, 'ping'), frame(0x80, 'lo')]),
      );
      const parts = ['he', 'l', 'lo'].map((part) => ['Buffer', part]);
      expect(await told(await message)).toEqual([className, type === 'fragments' ? parts : content, true]);
    });

    it.each([['empty', type === 'fragments' ? [] : '']])(
      'is %s when its fragments are',
      async (_empty, nothing) => {
        const { socket, peer, frame } = await openRawPair(engine, 'server');
        socket.binaryType = type;
        const message = next(socket, 'message');
        peer.socket.write(Buffer.concat([frame(0x02), frame(0x00), frame(0x80)]));
        expect(await told(await message)).toEqual([className, nothing, true]);
      },
    );
  });

  describe('an empty message', () => {
    it.each([
      ['text', ''],
      ['binary', Buffer.alloc(0)],
    ])('of %s is a Buffer without bytes', async (kind, data) => {
      const { client, server } = await openPair(engine);
      const message = next(server, 'message');
      client.send(data);
      expect(await message).toEqual([Buffer.alloc(0), kind === 'binary']);
    });

    it.each([
      ['text', ''],
      ['binary', Buffer.alloc(0)],
    ])('of %s is so when it was compressed', async (kind, data) => {
      const { client, server } = await openPair(engine, { server: DEFLATE, client: DEFLATE });
      const message = next(server, 'message');
      client.send(data, { compress: true });
      expect(await message).toEqual([Buffer.alloc(0), kind === 'binary']);
    });
  });

  describe('fragments', () => {
    it('leave out those without bytes', async () => {
      const { socket, peer, frame } = await openRawPair(engine, 'server');
      socket.binaryType = 'fragments';
      const message = next(socket, 'message');
      peer.socket.write(Buffer.concat([frame(0x02, 'a'), frame(0x00), frame(0x00, 'b'), frame(0x80)]));
      expect(await told(await message)).toEqual([
        'Array',
        [
          ['Buffer', 'a'],
          ['Buffer', 'b'],
        ],
        true,
      ]);
    });

    it('are kept apart when they were compressed', async () => {
      const { client, server } = await openPair(engine, { server: DEFLATE, client: DEFLATE });
      server.binaryType = 'fragments';
      const message = next(server, 'message');
      client.send(Buffer.from('foo'), { fin: false });
      client.send(Buffer.from('bar'), { fin: true });
      const [data, isBinary] = await message;
      expect(isBinary).toBe(true);
      expect(Buffer.concat(data as Buffer[]).toString()).toBe('foobar');
    });
  });

  it.each(ROLES)('tells messages in the order in which they came, as %s', async (role) => {
    const { socket, peer, frame } = await openRawPair(engine, role);
    const seen = messages(socket, 200);
    const texts = Array.from({ length: 200 }, (_, i) => `${i}`);
    peer.socket.write(Buffer.concat(texts.map((text) => frame(0x81, text))));
    expect(await seen).toEqual(texts);
  });

  it.each(ROLES)('reads a message however it is cut, as %s', async (role) => {
    const { socket, peer, frame } = await openRawPair(engine, role);
    const seen = messages(socket, 1);
    for (const byte of frame(0x82, 'x'.repeat(300))) peer.socket.write(Buffer.from([byte]));
    expect(await seen).toEqual(['x'.repeat(300)]);
  });

  it('tells a message that came with the response, to listeners added on open', async () => {
    const { wss, url } = await serve(engine);
    wss.on('connection', (server) => server.send('early'));
    const client = new engine.WebSocket(url);
    const text = new Promise((resolve) => {
      client.on('open', () => client.on('message', (data) => resolve(String(data))));
    });
    expect(await text).toBe('early');
  });

  it('hands over data that are the listener’s own', async () => {
    const { socket, peer, frame } = await openRawPair(engine, 'server');
    const kept: Buffer[] = [];
    const all = new Promise<void>((resolve) => {
      socket.on('message', (data: Buffer) => {
        kept.push(data);
        if (kept.length === 3) resolve();
      });
    });
    peer.socket.write(Buffer.concat(['a', 'b', 'c'].map((text) => frame(0x82, text))));
    await all;
    kept[0]!.fill('x');
    expect(kept.map(String)).toEqual(['x', 'b', 'c']);
  });

  describe.each(['ping', 'pong'] as const)('%s', (name) => {
    const opcode = name === 'ping' ? 0x89 : 0x8a;

    it.each(ROLES)('tells the payload as a Buffer, as %s', async (role) => {
      const { socket, peer, frame } = await openRawPair(engine, role);
      const event = next(socket, name);
      peer.socket.write(frame(opcode, 'hello'));
      expect(await event).toEqual([Buffer.from('hello')]);
    });

    it('tells a Buffer without bytes where there is no payload', async () => {
      const { client, server } = await openPair(engine);
      const event = next(server, name);
      client[name]();
      const [payload, ...rest] = await event;
      expect(Buffer.isBuffer(payload)).toBe(true);
      expect([payload, rest]).toEqual([Buffer.alloc(0), []]);
    });
  });

  describe('the answer to a ping', () => {
    it.each(ROLES)('has its payload, as %s', async (role) => {
      const { peer, frame } = await openRawPair(engine, role);
      peer.socket.write(Buffer.concat([frame(0x89, 'hello'), frame(0x89)]));
      const length = role === 'client' ? 11 + 6 : 7 + 2;
      await peer.until(({ length: got }) => got >= length);
      expect(peer.received[0]).toBe(0x8a);
      expect(peer.received.length).toBe(length);
    });

    it('is told to the sender', async () => {
      const { client } = await openPair(engine);
      const pong = next(client, 'pong');
      client.ping('are you there?');
      expect(await pong).toEqual([Buffer.from('are you there?')]);
    });

    it('is on its way before the ping is told', async () => {
      const { socket, peer, frame } = await openRawPair(engine, 'server');
      socket.on('ping', () => socket.close(1001));
      peer.socket.write(frame(0x89, 'a'));
      await peer.until(({ length }) => length >= 7);
      expect(peer.received).toEqual(Buffer.from([0x8a, 0x01, 0x61, 0x88, 0x02, 0x03, 0xe9]));
    });

    it('is not sent by itself with autoPong: false', async () => {
      const { client, server } = await openPair(engine, { server: { autoPong: false } });
      const pongs: string[] = [];
      client.on('pong', (data) => pongs.push(String(data)));
      const pings = new Promise<void>((resolve) => {
        server.on('ping', (data) => {
          if (String(data) !== 'two') return;
          server.pong('by hand');
          resolve();
        });
      });
      client.ping('one');
      client.ping('two');
      await pings;
      await next(client, 'pong');
      expect(pongs).toEqual(['by hand']);
    });

    it('is not sent by a client with autoPong: false', async () => {
      const { client, server } = await openPair(engine, { client: { autoPong: false } });
      const events = eventsUntilClose(server, ['pong']);
      client.on('ping', () => client.close());
      server.ping('one');
      expect(await events).toEqual(['close']);
    });
  });
});
