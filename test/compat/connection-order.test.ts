import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { closePayload, parseFrames } from '../behaviour/raw-frames.ts';
import { makeCertificate } from '../e2e/certificate.ts';
import {
  type CompatSocket,
  called,
  closing,
  ENGINES,
  eventsUntilClose,
  next,
  openPair,
  openRawPair,
  ROLES,
} from './connection-pair.ts';

const DEFLATE = {
  // Hawser's fast path compresses at once: connection-deflate.test.ts has the difference.
  server: { perMessageDeflate: { threshold: 0 }, fastPath: false },
  client: { perMessageDeflate: { threshold: 0 }, fastPath: false },
};

/** What a peer tells until 'close', in one list. */
function told(socket: CompatSocket): Promise<string[]> {
  const seen: string[] = [];
  for (const name of ['message', 'ping', 'pong']) {
    socket.on(name, (data) => seen.push(`${name} ${String(data).slice(0, 20)}`));
  }
  return new Promise((resolve) => {
    socket.on('close', (code, reason) => resolve([...seen, `close ${code} ${reason}`.trim()]));
  });
}

/** A Blob that is read when the test says so. */
function slowBlob(text: string): { blob: Blob; read: () => void } {
  const blob = new Blob([text]);
  let read = (): void => {};
  const released = new Promise<void>((resolve) => {
    read = resolve;
  });
  const bytes = Buffer.from(text);
  blob.arrayBuffer = async () => {
    await released;
    return new Uint8Array(bytes).buffer;
  };
  return { blob, read };
}

describe.each(ENGINES)('$name', (engine) => {
  describe('what is sent comes in order', () => {
    it('across Blobs and close()', async () => {
      const { client, server } = await openPair(engine);
      const events = told(server);
      client.send(new Blob(['first']));
      client.send('second');
      client.ping(new Blob(['third']));
      client.send(new Blob(['fourth']));
      client.pong('fifth');
      client.close(1000, 'bye');
      expect(await events).toEqual([
        'message first',
        'message second',
        'ping third',
        'message fourth',
        'pong fifth',
        'close 1000 bye',
      ]);
    });

    it('across compression and close()', async () => {
      const { client, server } = await openPair(engine, DEFLATE);
      const events = told(server);
      client.send('a'.repeat(100_000));
      client.ping('p');
      client.send('b', { compress: false });
      client.send(Buffer.alloc(50_000, 'c'));
      client.send(new Blob(['d']));
      client.pong('q');
      client.close(4000, 'bye');
      expect(await events).toEqual([
        `message ${'a'.repeat(20)}`,
        'ping p',
        'message b',
        `message ${'c'.repeat(20)}`,
        'message d',
        'pong q',
        'close 4000 bye',
      ]);
    });

    it('to the callbacks, too', async () => {
      const { client } = await openPair(engine, DEFLATE);
      const calls: string[] = [];
      const note = (name: string) => () => calls.push(name);
      client.send('a'.repeat(10_000), note('compressed'));
      client.ping('', true, note('ping'));
      client.send(new Blob(['b']), note('blob'));
      client.send('c', { compress: false }, note('plain'));
      client.pong('', true, note('pong'));
      client.close();
      await closing(client);
      expect(calls).toEqual(['compressed', 'ping', 'blob', 'plain', 'pong']);
    });

    it('with a Blob that takes its time', async () => {
      const { client, server } = await openPair(engine);
      const events = told(server);
      const { blob, read } = slowBlob('slow');
      client.send(blob);
      client.send(new Blob(['fast']));
      client.send('text');
      client.close();
      read();
      expect(await events).toEqual(['message slow', 'message fast', 'message text', 'close 1005']);
    });
  });

  describe.each(ROLES)('a close frame of the peer, as %s,', (role) => {
    it('is answered behind the Blobs that wait', async () => {
      const { socket, peer, frame } = await openRawPair(engine, role);
      const { blob, read } = slowBlob('slow');
      const closed = closing(socket);
      socket.send(blob);
      socket.send('behind');
      socket.ping('told that the close frame was read');
      const received = new Promise((resolve) => socket.once('message', resolve));
      peer.socket.write(Buffer.concat([frame(0x81, 'now'), frame(0x88, closePayload(1000))]));
      await received;
      read();
      await peer.until((bytes) => parseFrames(bytes).length === 4);
      expect(parseFrames(peer.received).map(({ opcode }) => opcode)).toEqual([2, 1, 9, 8]);
      peer.socket.end();
      expect(await closed).toEqual([1000, '']);
    });

    it('ends nothing that waits for its compression', async () => {
      const { client, server } = await openPair(engine, DEFLATE);
      const [sender, receiver] = role === 'client' ? [client, server] : [server, client];
      const events = told(receiver);
      // The close frame comes while these are being compressed.
      sender.send(Buffer.alloc(200_000, 'a'));
      sender.send(Buffer.alloc(200_000, 'b'));
      receiver.close(1000);
      expect(await events).toEqual([`message ${'a'.repeat(20)}`, `message ${'b'.repeat(20)}`, 'close 1000']);
    });
  });

  describe('callbacks of what waits when the socket closes', () => {
    const BLOB_ERROR = 'The socket was closed while the blob was being read';
    const DEFLATE_ERROR = 'The socket was closed while data was being compressed';

    it('get the error in order, behind a Blob', async () => {
      const { client } = await openPair(engine);
      const calls: unknown[] = [];
      const note = (name: string) => (error?: Error) => calls.push([name, error?.message, client.readyState]);
      const all = new Promise<void>((resolve) => {
        client.send(new Blob(['1']), note('blob'));
        client.send('2', note('text'));
        client.ping('3', true, note('ping'));
        client.send(new Blob(['4']), (error?: Error) => {
          note('last')(error);
          resolve();
        });
      });
      const closed = closing(client);
      client.terminate();
      await Promise.all([all, closed]);
      expect(calls.map((call) => (call as unknown[]).slice(0, 2))).toEqual([
        ['blob', BLOB_ERROR],
        ['text', BLOB_ERROR],
        ['ping', BLOB_ERROR],
        ['last', BLOB_ERROR],
      ]);
    });

    it('get it in CLOSING, before close is told, when the Blob has been read by then', async () => {
      const { client } = await openPair(engine);
      const calls: unknown[] = [];
      const note = (error?: Error) => calls.push([error?.message, client.readyState]);
      client.on('close', () => calls.push('close'));
      const { blob, read } = slowBlob('slow');
      client.send(blob, note);
      client.send('text', note);
      const closed = closing(client);
      client.terminate();
      read();
      await closed;
      expect(calls).toEqual([[BLOB_ERROR, 2], [BLOB_ERROR, 2], 'close']);
    });

    it('get it for a ping whose Blob is being read', async () => {
      const { client } = await openPair(engine);
      const error = called((callback) => client.ping(new Blob(['a']), true, callback));
      client.terminate();
      expect(await error).toEqual(new Error(BLOB_ERROR));
    });

    it('get the error of compression in order, in CLOSING, then close is told', async () => {
      const { client } = await openPair(engine, DEFLATE);
      const calls: unknown[] = [];
      const note = (name: string) => (error?: Error) => calls.push([name, error?.message, client.readyState]);
      client.on('close', () => calls.push('close'));
      client.send('hello'.repeat(1000), note('first'));
      client.send('world', note('second'));
      client.ping('p', true, note('ping'));
      const closed = closing(client);
      client.terminate();
      await closed;
      expect(calls).toEqual([
        ['first', DEFLATE_ERROR, 2],
        ['second', DEFLATE_ERROR, 2],
        ['ping', DEFLATE_ERROR, 2],
        'close',
      ]);
    });
  });

  describe('listeners and callbacks may', () => {
    it('send from the callback of a send', async () => {
      const { client, server } = await openPair(engine);
      const events = told(server);
      client.send('one', () => client.send('two', () => client.close()));
      expect(await events).toEqual(['message one', 'message two', 'close 1005']);
    });

    it('terminate from the callback of a Blob', async () => {
      const { client } = await openPair(engine);
      const events = eventsUntilClose(client, ['error']);
      client.send(new Blob(['one']), () => client.terminate());
      expect(await events).toEqual(['close']);
    });
  });

  it('5 MiB in Buffers make the round trip over TLS', async () => {
    const certificate = makeCertificate();
    const httpsServer = createServer(certificate);
    const wss = new engine.WebSocketServer({ server: httpsServer });
    wss.on('connection', (server: CompatSocket) => server.on('message', (data: Buffer) => server.send(data)));
    httpsServer.listen(0, '127.0.0.1');
    await once(httpsServer, 'listening');
    onTestFinished(async () => {
      for (const client of wss.clients) client.terminate();
      await new Promise<void>((resolve) => wss.close(() => resolve()));
      await new Promise((resolve) => httpsServer.close(resolve));
    });
    const { port } = httpsServer.address() as AddressInfo;
    const client = new engine.WebSocket(`wss://127.0.0.1:${port}/`, undefined, { rejectUnauthorized: false });
    await next(client, 'open');
    const data = randomBytes(5 << 20);
    const echo = next(client, 'message');
    client.send(data);
    const [got, isBinary] = await echo;
    expect(isBinary).toBe(true);
    expect((got as Buffer).equals(data)).toBe(true);
    const closed = closing(client);
    client.close();
    await closed;
  });
});
