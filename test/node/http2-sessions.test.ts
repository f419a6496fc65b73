import { once } from 'node:events';
import type { IncomingHttpHeaders, ServerHttp2Stream } from 'node:http2';
import { type AddressInfo, createServer } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Http2Sessions, MAX_STREAMS_PER_SESSION } from '../../src/node/http2-sessions.ts';
import { connectFrame, DATA, END_STREAM, h2Frame } from '../behaviour/http2-peer.ts';
import { attackServer } from '../security/http2-attacker.ts';
import { openSession, request } from './http2-pair.ts';

async function start(idleTimeout = 10_000) {
  const asked: IncomingHttpHeaders[] = [];
  const streams: ServerHttp2Stream[] = [];
  const onConnect = (stream: ServerHttp2Stream, headers: IncomingHttpHeaders): void => {
    asked.push(headers);
    streams.push(stream);
    stream.respond({ ':status': 200 });
  };
  const sessions = new Http2Sessions({ idleTimeout, onConnect });
  const server = createServer((socket) => sessions.take(socket)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    sessions.close();
    server.close();
  });
  return {
    sessions,
    server,
    asked,
    streams,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
  };
}

describe('Http2Sessions', () => {
  it('tells clients what it takes, and takes it', async () => {
    const { url, asked } = await start();
    const session = await openSession(url);
    expect(session.remoteSettings).toMatchObject({
      enableConnectProtocol: true,
      maxConcurrentStreams: MAX_STREAMS_PER_SESSION,
      maxHeaderListSize: 16_384,
    });
    const stream = request(session);
    expect((await once(stream, 'response'))[0][':status']).toBe(200);
    expect(asked.map((headers) => headers[':path'])).toEqual(['/chat']);
    stream.destroy();
  });

  it.each([
    ['GET', { ':method': 'GET', ':protocol': undefined }, 405],
    ['another protocol', { ':protocol': 'connect-udp' }, 501],
  ])('refuses %s', async (_name, headers, status) => {
    const { url } = await start();
    const stream = request(await openSession(url), headers).resume();
    const closed = once(stream, 'close');
    expect((await once(stream, 'response'))[0][':status']).toBe(status);
    await closed;
    expect(stream.rstCode).toBe(0);
  });

  it('ends a session that has no stream: at first, and when the last is gone', async () => {
    const { url } = await start(20);
    const idle = await openSession(url);
    await once(idle, 'close');
    const used = await openSession(url);
    const stream = request(used);
    await once(stream, 'response');
    stream.destroy();
    await once(used, 'close');
  });

  it('lets the streams that it has go on when it closes, and ends behind the last', async () => {
    const { url, sessions } = await start();
    const session = await openSession(url);
    const stream = request(session);
    await once(stream, 'response');
    const goaway = once(session, 'goaway');
    sessions.close();
    await goaway;
    expect([stream.destroyed, session.closed]).toEqual([false, true]);
    stream.destroy();
    await once(session, 'close');
  });

  it('does not wait for a stream that has ended both ways, in a session that was given up', async () => {
    const { sessions, server, streams } = await start();
    const attacker = await attackServer((server.address() as AddressInfo).port);
    // The last frame is of a stream that nobody opened.
    const frames = [connectFrame(1), h2Frame(DATA, END_STREAM, 1), h2Frame(DATA, 0, 5)];
    attacker.socket.write(Buffer.concat(frames));
    await attacker.givenUp();
    const [stream] = streams;
    stream!.resume().end();
    while (!(stream!.readableEnded && stream!.writableFinished)) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    sessions.close();
    await attacker.closed;
  });
});
