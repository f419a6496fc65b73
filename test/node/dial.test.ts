import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { ResponseHead } from '../../src/handshake/http-head.ts';
import { Dialler, type DialTarget } from '../../src/node/dial.ts';

async function listen(onSocket: (socket: Socket) => void): Promise<number> {
  const server = createServer(onSocket).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

function dial(
  port: number,
  options: DialTarget['options'] = {},
): Promise<{ head: ResponseHead; rest: Buffer }> {
  return new Promise((resolve, reject) => {
    const dialler = new Dialler(
      { secure: false, host: '127.0.0.1', port, options },
      {
        onConnect: () => dialler.request('GET / HTTP/1.1\r\n\r\n'),
        onResponse: (head, rest) => {
          dialler.socket.destroy();
          resolve({ head, rest });
        },
        onError: reject,
      },
    );
  });
}

describe('Dialler', () => {
  it('gives the head of the response, and what came behind it', async () => {
    const port = await listen((socket) => socket.end('HTTP/1.1 101 Go\r\nA: b\r\n\r\nrest'));
    const { head, rest } = await dial(port);
    expect(head).toMatchObject({ statusCode: 101, statusMessage: 'Go', rawHeaders: ['A', 'b'] });
    expect(String(rest)).toBe('rest');
  });

  it('passes over interim responses, in one piece or in many', async () => {
    const text = `HTTP/1.1 100 Continue\r\n\r\n${'HTTP/1.1 102 Wait\r\nA: b\r\n\r\n'.repeat(1000)}HTTP/1.1 101 Go\r\n\r\nrest`;
    const whole = await listen((socket) => socket.end(text));
    expect(await dial(whole)).toMatchObject({ head: { statusCode: 101 }, rest: Buffer.from('rest') });
    const split = await listen((socket) => {
      socket.setNoDelay(true);
      for (let i = 0; i < text.length; i += 13) socket.write(text.slice(i, i + 13));
    });
    expect((await dial(split)).head).toMatchObject({ statusCode: 101, rawHeaders: [] });
  });

  it('tells when nobody listens', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    server.close();
    await once(server, 'close');
    await expect(dial(port)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  it('tells what Node refuses to open', async () => {
    const options = { localAddress: 'nowhere' } as DialTarget['options'];
    await expect(dial(1, options)).rejects.toMatchObject({ code: 'ERR_INVALID_IP_ADDRESS' });
  });

  it('tells when the peer hangs up', async () => {
    const port = await listen((socket) => socket.end('HTTP/1.1 101'));
    await expect(dial(port)).rejects.toMatchObject({ message: 'socket hang up', code: 'ECONNRESET' });
  });

  it('tells garbage in the words of node:http', async () => {
    const port = await listen((socket) => socket.end('garbage'));
    await expect(dial(port)).rejects.toMatchObject({ code: 'HPE_INVALID_CONSTANT' });
  });

  it('says nothing after it was given up', async () => {
    const port = await listen((socket) => socket.resume());
    const dialler = new Dialler(
      { secure: false, host: '127.0.0.1', port, options: {} },
      {
        onConnect: () => expect.unreachable(),
        onResponse: () => expect.unreachable(),
        onError: () => expect.unreachable(),
      },
    );
    const closed = once(dialler.socket, 'close');
    dialler.abort();
    await closed;
  });
});
