import { describe, expect, it, onTestFinished } from 'vitest';
import { WebSocketError, WebSocketStream } from '../../src/web/index.ts';
import type { WebSocketStreamOptions } from '../../src/web/websocket-init.ts';
import { echo, nextConnection, startTestServer } from '../behaviour/engine.ts';
import { closePayload, frame } from '../behaviour/raw-frames.ts';
import { type RawPeer, serveRaw, upgradeResponse } from '../behaviour/raw-peer.ts';

async function serve(onPeer: (peer: RawPeer, head: string) => void): Promise<string> {
  const server = await serveRaw(onPeer);
  onTestFinished(() => server.close());
  return server.url;
}

/** A stream to a server of ours that sends everything back. */
async function openEcho(options: WebSocketStreamOptions = {}) {
  const server = await startTestServer({ handleProtocols: ([first]) => first!, perMessageDeflate: true });
  const accepted = nextConnection(server.wss, (ws) => {
    echo(ws);
    return ws;
  });
  const stream = new WebSocketStream(server.url, options);
  return { stream, ...(await stream.opened), peer: await accepted };
}

describe('a WebSocketStream', () => {
  it('passes messages both ways', async () => {
    const { stream, readable, writable, protocol, extensions } = await openEcho({ protocols: ['chat'] });
    expect([protocol, extensions]).toEqual(['chat', 'permessage-deflate']);
    const writer = writable.getWriter();
    const reader = readable.getReader();
    for (const message of ['hello', new Uint8Array([1, 2, 3]), '', new Uint8Array(100_000)]) {
      await writer.write(message);
      expect((await reader.read()).value).toEqual(message);
    }
    stream.close({ closeCode: 3000, reason: 'done' });
    expect(await stream.closed).toEqual({ closeCode: 3000, reason: 'done' });
    expect((await reader.read()).done).toBe(true);
  });

  it('can be piped', async () => {
    const { readable, writable, stream } = await openEcho();
    const words = new ReadableStream({
      start(controller) {
        for (const word of ['a', 'b', 'c']) controller.enqueue(word);
        controller.close();
      },
    });
    void words.pipeTo(writable, { preventClose: true });
    const got: unknown[] = [];
    for await (const word of readable) {
      got.push(word);
      if (got.length === 3) break;
    }
    expect(got).toEqual(['a', 'b', 'c']);
    // Leaving the loop cancels the readable, and that closes the connection.
    expect(await stream.closed).toEqual({ closeCode: 1005, reason: '' });
  });

  it('reads no further than its reader', async () => {
    const { readable, peer, stream } = await openEcho();
    const sent: number[] = [];
    for (let i = 0; i < 64; i++) peer.send(Buffer.alloc(2 ** 20, i), () => sent.push(i));
    const reader = readable.getReader();
    await reader.read();
    // More than the buffers of two sockets of this system take.
    expect(peer.bufferedAmount).toBeGreaterThan(16 * 2 ** 20);
    for (let i = 1; i < 64; i++) expect((await reader.read()).value![0]).toBe(i);
    expect(sent).toHaveLength(64);
    stream.close();
    await stream.closed;
  });

  it('is closed in spite of messages that nobody read', async () => {
    const { stream, peer } = await openEcho();
    for (let i = 0; i < 10; i++) peer.send('unread');
    stream.close({ closeCode: 4000 });
    expect(await stream.closed).toEqual({ closeCode: 4000, reason: '' });
  });

  it('refuses to write once the connection is closing', async () => {
    const { stream, writable } = await openEcho();
    stream.close();
    await expect(writable.getWriter().write('late')).rejects.toMatchObject({ name: 'InvalidStateError' });
    expect(await stream.closed).toEqual({ closeCode: 1005, reason: '' });
  });

  it('takes the options of a WebSocket', async () => {
    const heads: string[] = [];
    const url = await serve((peer, head) => {
      heads.push(head);
      peer.socket.write(upgradeResponse(head));
      peer.socket.write(frame(0x81, 'too long', false));
    });
    const options = { headers: { 'X-Token': 'abc' }, perMessageDeflate: false, maxPayload: 5 };
    const stream = new WebSocketStream(url, options);
    await stream.opened;
    await expect(stream.closed).rejects.toMatchObject({ closeCode: 1006 });
    expect(heads[0]).toContain('X-Token: abc');
    expect(heads[0]).not.toContain('Sec-WebSocket-Extensions');
  });

  it('fails with the connection', async () => {
    const url = await serve((peer, head) => {
      peer.socket.write(upgradeResponse(head));
      peer.socket.end(frame(0x81, 'one', false));
    });
    const stream = new WebSocketStream(url);
    const { readable } = await stream.opened;
    const reader = readable.getReader();
    expect((await reader.read()).value).toBe('one');
    const error = await reader.read().catch((reason) => reason);
    expect(error).toBeInstanceOf(WebSocketError);
    expect(error.closeCode).toBe(1006);
    await expect(stream.closed).rejects.toBe(error);
  });

  it('is not clean with something unwritten', async () => {
    const url = await serve((peer, head) => {
      peer.socket.write(upgradeResponse(head));
      peer.socket.write(frame(0x88, closePayload(4567), false));
      peer.socket.pause();
      peer.socket.on('close', () => {});
      setImmediate(() => peer.socket.end());
    });
    const stream = new WebSocketStream(url);
    const { writable } = await stream.opened;
    const writing = writable.getWriter().write(new Uint8Array(64 * 2 ** 20));
    writing.catch(() => {});
    const error = await stream.closed.catch((reason) => reason);
    expect(error).toBeInstanceOf(WebSocketError);
    await expect(writing).rejects.toBe(error);
  });

  it('tells a connection that was not established', async () => {
    const url = await serve((peer) => peer.socket.end('HTTP/1.1 403 Forbidden\r\n\r\n'));
    const stream = new WebSocketStream(url);
    await expect(stream.opened).rejects.toBeInstanceOf(WebSocketError);
    await expect(stream.closed).rejects.toMatchObject({ name: 'WebSocketError', closeCode: null });
  });

  it.each(['http:', 'ws:'])('has its URL in full: %s', async (scheme) => {
    const stream = new WebSocketStream(`${scheme}//127.0.0.1:25`);
    expect(stream.url).toBe('ws://127.0.0.1:25/');
    await expect(stream.opened).rejects.toBeInstanceOf(WebSocketError);
  });
});

describe('a signal', () => {
  const reason = new Error('no longer');

  it('that was aborted before keeps from connecting', async () => {
    const stream = new WebSocketStream('ws://127.0.0.1:1/', { signal: AbortSignal.abort(reason) });
    await expect(stream.opened).rejects.toBe(reason);
    await expect(stream.closed).rejects.toBe(reason);
    stream.close();
  });

  it('gives up the opening handshake', async () => {
    const controller = new AbortController();
    const url = await serve(() => controller.abort(reason));
    const stream = new WebSocketStream(url, { signal: controller.signal });
    await expect(stream.opened).rejects.toBe(reason);
    await expect(stream.closed).rejects.toBe(reason);
  });

  it('has no effect once the connection is open', async () => {
    const controller = new AbortController();
    const { stream, readable, writable } = await openEcho({ signal: controller.signal });
    controller.abort();
    await writable.getWriter().write('still here');
    expect((await readable.getReader().read()).value).toBe('still here');
    stream.close();
    await stream.closed;
  });
});

describe('arguments', () => {
  it.each([
    ['no URL', () => new (WebSocketStream as unknown as new () => unknown)(), TypeError],
    ['a URL that is none', () => new WebSocketStream('nothing:'), DOMException],
    ['options that are none', () => new WebSocketStream('ws://127.0.0.1:25/', true as never), TypeError],
    [
      'protocols that are no list',
      () => new WebSocketStream('ws://127.0.0.1:25/', { protocols: 'x' }),
      TypeError,
    ],
    [
      'a signal that is none',
      () => new WebSocketStream('ws://127.0.0.1:25/', { signal: {} as never }),
      TypeError,
    ],
    [
      'a protocol twice',
      () => new WebSocketStream('ws://127.0.0.1:25/', { protocols: ['x', 'x'] }),
      DOMException,
    ],
  ])('refuse %s', (_name, create, error) => {
    expect(create).toThrow(error);
  });

  it('of close() are checked', async () => {
    const { stream } = await openEcho();
    expect(() => stream.close(true as never)).toThrow(TypeError);
    expect(() => stream.close({ closeCode: 1001 })).toThrow(DOMException);
    stream.close();
    stream.close();
    await stream.closed;
  });
});
