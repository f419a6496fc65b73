import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { Http2Socket } from '../../src/node/http2-socket.ts';
import { streamPair } from './http2-pair.ts';

const CANCEL = 8;

/** A socket on a stream that was answered, and the other end of it. */
async function open() {
  const { near, far } = await streamPair();
  const socket = new Http2Socket(near);
  socket.on('error', () => {});
  near.respond({ ':status': 200 });
  await once(far, 'response');
  return { socket, far };
}

describe('Http2Socket', () => {
  it('writes and reads', async () => {
    const { socket, far } = await open();
    socket.cork();
    for (const text of ['a', 'b', 'c']) socket.write(text);
    socket.uncork();
    let got = '';
    while (got.length < 3) got += (await once(far, 'data'))[0];
    expect(got).toBe('abc');
    far.write('d');
    expect(String((await once(socket, 'data'))[0])).toBe('d');
    far.destroy();
  });

  it('ends as the stream does: both ways, with no reset (RFC 8441 §5)', async () => {
    const { socket, far } = await open();
    socket.resume();
    socket.end('last');
    let got = '';
    far.on('data', (chunk) => {
      got += chunk;
    });
    await once(far, 'end');
    far.end();
    await Promise.all([once(socket, 'close'), once(far, 'close')]);
    expect([got, far.rstCode, socket.stream.rstCode]).toEqual(['last', 0, 0]);
  });

  it('reads to the end of a stream that the peer ended first', async () => {
    const { socket, far } = await open();
    far.end('all of it');
    far.resume();
    socket.end();
    await once(far, 'close');
    let got = '';
    for await (const chunk of socket) got += chunk;
    expect([got, far.rstCode]).toEqual(['all of it', 0]);
  });

  it('is a reset with CANCEL when it is destroyed before (RFC 8441 §5), behind what was written', async () => {
    const { socket, far } = await open();
    let got = '';
    far.on('data', (chunk) => {
      got += chunk;
    });
    socket.write('before');
    socket.destroy();
    await Promise.all([once(socket, 'close'), once(far, 'close')]);
    expect([got, far.rstCode]).toEqual(['before', CANCEL]);
  });

  it('closes when it is reset, or its session is gone', async () => {
    const reset = await open();
    reset.far.close(CANCEL);
    await once(reset.socket, 'close');
    const gone = await open();
    gone.far.session!.destroy();
    await once(gone.socket, 'close');
    const late = await open();
    const { stream } = late.socket;
    stream.destroy();
    await once(stream, 'close');
    await once(new Http2Socket(stream), 'close');
  });

  it('takes no more than fits when nobody reads, and calls back when what is written has gone', async () => {
    const { socket, far } = await open();
    far.pause();
    let written = false;
    const wrote = new Promise<void>((resolve) => {
      socket.write(Buffer.alloc(1024 * 1024), () => {
        written = true;
        resolve();
      });
    });
    far.write(Buffer.alloc(1024 * 1024));
    await new Promise((resolve) => far.session!.ping(resolve));
    expect([written, socket.readableLength <= 65_536]).toEqual([false, true]);
    far.resume();
    await wrote;
    let got = 0;
    for await (const chunk of socket) {
      got += chunk.length;
      if (got === 1024 * 1024) break;
    }
    expect(socket.destroyed).toBe(true);
  });

  it('does not answer a request by itself: that would accept it', async () => {
    for (const texts of [['HTTP/1.1 400 Bad Request\r\n\r\n'], ['HTTP/1.1 400', ' Bad Request\r\n\r\n']]) {
      const { near, far } = await streamPair();
      const socket = new Http2Socket(near);
      const error = once(socket, 'error');
      socket.cork();
      for (const text of texts) socket.write(text);
      socket.uncork();
      expect(String((await error)[0])).toMatch(/stream\.respond/);
      let answered = false;
      far.on('response', () => {
        answered = true;
      });
      await once(far, 'close');
      expect([answered, far.rstCode]).toEqual([false, CANCEL]);
    }
  });

  it('tells of the connection that the session is on, as long as there is one', async () => {
    const { socket, far } = await open();
    const { remoteAddress, remoteFamily, localAddress, encrypted, authorized } = socket;
    expect([remoteAddress, remoteFamily, localAddress]).toEqual(['127.0.0.1', 'IPv4', '127.0.0.1']);
    expect([encrypted, authorized, socket.getPeerCertificate()]).toEqual([false, false, undefined]);
    expect([socket.remotePort, socket.localPort].every((port) => port! > 0)).toBe(true);
    expect(socket.setNoDelay().setKeepAlive()).toBe(socket);
    const timeout = once(socket, 'timeout');
    socket.setTimeout(1, () => {});
    await timeout;
    far.session!.destroy();
    await once(socket, 'close');
    expect([socket.remoteAddress, socket.encrypted]).toEqual([undefined, false]);
  });
});
