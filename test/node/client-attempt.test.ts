import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { ClientAttempt } from '../../src/node/client-attempt.ts';
import type { AttemptEvents } from '../../src/node/opening-handshake.ts';

async function listen(answer: (socket: Socket, request: string) => void): Promise<number> {
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', (chunk) => answer(socket, String(chunk)));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

function acceptOf(request: string): string {
  const key = /Sec-WebSocket-Key: (.*)\r\n/.exec(request)![1];
  return createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
}

function attempt(port: number, wantsResponse = false, handshakeTimeout = 0) {
  return new Promise<unknown[]>((resolve) => {
    const events: AttemptEvents = {
      wantsUnexpectedResponse: () => wantsResponse,
      onUnexpectedResponse: (_request, response) => {
        let body = '';
        response.on('data', (chunk) => {
          body += chunk;
        });
        response.on('end', () => resolve(['response', response.statusCode, body]));
      },
      websocket: {},
      onUpgrade: () => {},
      onOpened: ({ socket, subprotocol, head }) => {
        socket.destroy();
        resolve(['opened', subprotocol, String(head)]);
      },
      onFailed: (error) => resolve(['failed', error.message]),
    };
    new ClientAttempt(
      {
        target: { secure: false, host: '127.0.0.1', port, options: {} },
        upgrade: { target: '/', host: 'a', version: 13, subprotocols: ['chat'] },
        deflate: undefined,
        handshakeTimeout,
      },
      events,
    );
  });
}

function upgrade(socket: Socket, request: string): void {
  socket.write(
    'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
      `Sec-WebSocket-Protocol: chat\r\nSec-WebSocket-Accept: ${acceptOf(request)}\r\n\r\nrest`,
  );
}

const refuse = (socket: Socket): void => {
  socket.end('HTTP/1.1 401 Unauthorized\r\nContent-Length: 4\r\n\r\nwhy?');
};

describe('ClientAttempt', () => {
  it('opens, by its own dialler and over node:http', async () => {
    const port = await listen(upgrade);
    expect(await attempt(port)).toEqual(['opened', 'chat', 'rest']);
    expect(await attempt(port, true)).toEqual(['opened', 'chat', 'rest']);
  });

  it('fails on another status than 101, or hands the response over', async () => {
    const port = await listen(refuse);
    expect(await attempt(port)).toEqual(['failed', 'Unexpected server response: 401']);
    expect(await attempt(port, true)).toEqual(['response', 401, 'why?']);
  });

  it('fails on an answer to another key', async () => {
    const port = await listen((socket) => upgrade(socket, 'Sec-WebSocket-Key: other\r\n'));
    expect(await attempt(port)).toEqual(['failed', 'Invalid Sec-WebSocket-Accept header']);
  });

  it('fails when it takes too long', async () => {
    const port = await listen((socket) => socket.resume());
    expect(await attempt(port, false, 20)).toEqual(['failed', 'Opening handshake has timed out']);
  });
});
