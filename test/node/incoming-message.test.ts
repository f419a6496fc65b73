import { once } from 'node:events';
import { createServer, IncomingMessage } from 'node:http';
import { type AddressInfo, connect, Socket } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { RequestHeadParser, ResponseHeadParser } from '../../src/handshake/http-head.ts';
import { incomingRequest, incomingResponse } from '../../src/node/incoming-message.ts';

function request(text: string, socket = new Socket()): IncomingMessage {
  const parser = new RequestHeadParser();
  parser.receive(Buffer.from(text));
  return incomingRequest(parser.head!, socket);
}

function response(text: string): IncomingMessage {
  const parser = new ResponseHeadParser();
  parser.receive(Buffer.from(text));
  return incomingResponse(parser.head!, new Socket());
}

describe('incomingRequest', () => {
  it('makes an http.IncomingMessage with the fields of the request', () => {
    const socket = new Socket();
    const message = request('GET /chat?room=1 HTTP/1.1\r\nHost: example.com\r\nX-One: a\r\n\r\n', socket);
    expect(message).toBeInstanceOf(IncomingMessage);
    expect(message.socket).toBe(socket);
    expect(message.complete).toBe(true);
    expect(message).toMatchObject({
      method: 'GET',
      url: '/chat?room=1',
      httpVersion: '1.1',
      httpVersionMajor: 1,
      httpVersionMinor: 1,
      headers: { host: 'example.com', 'x-one': 'a' },
      rawHeaders: ['Host', 'example.com', 'X-One', 'a'],
    });
  });

  it('has the upgrade, the end and the distinct headers that node:http gives such a request', async () => {
    const text = 'GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: x\r\nX: 1\r\nx: 2\r\n\r\n';
    const server = createServer().listen(0, '127.0.0.1');
    onTestFinished(() => void server.close());
    await once(server, 'listening');
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
    socket.write(text);
    const [theirs, theirSocket] = await once(server, 'upgrade');
    for (const message of [theirs, request(text)]) {
      expect(message).toMatchObject({ upgrade: true, complete: true, readable: true, readableEnded: false });
      expect(message.headersDistinct).toEqual({
        ...{ host: ['a'], connection: ['Upgrade'], upgrade: ['x'], x: ['1', '2'] },
      });
      const ended = once(message, 'end');
      message.resume();
      await ended;
    }
    theirSocket.destroy();
    await once(socket, 'close');
  });

  it('tells HTTP/1.0', () => {
    expect(request('GET / HTTP/1.0\r\n\r\n')).toMatchObject({ httpVersion: '1.0', httpVersionMinor: 0 });
  });
});

describe('incomingResponse', () => {
  it('makes an http.IncomingMessage with the fields of the response', () => {
    const message = response('HTTP/1.1 404 Not Here\r\nContent-Length: 0\r\n\r\n');
    expect(message).toBeInstanceOf(IncomingMessage);
    expect(message).toMatchObject({
      statusCode: 404,
      statusMessage: 'Not Here',
      httpVersion: '1.1',
      headers: { 'content-length': '0' },
    });
  });

  it('keeps several cookies apart', () => {
    const message = response('HTTP/1.1 101 OK\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\n\r\n');
    expect(message.headers['set-cookie']).toEqual(['a=1', 'b=2']);
  });
});
