import { once } from 'node:events';
import { Agent, get, request as httpRequest, type IncomingMessage } from 'node:http';
import { describe, expect, it, onTestFinished } from 'vitest';
import { connectRaw, upgradeRequest } from '../behaviour/raw-peer.ts';
import { difference } from './differences.ts';
import { ENGINES } from './engines.ts';
import { attempt, openClient, serve } from './served.ts';

/** Makes an ordinary request, and reads the answer. */
async function ask(port: number, method: string, body = '', agent?: Agent) {
  const request = httpRequest({ port, host: '127.0.0.1', method, agent });
  request.end(body);
  const [response]: IncomingMessage[] = await once(request, 'response');
  let text = '';
  for await (const chunk of response!) text += chunk;
  return { statusCode: response!.statusCode, headers: response!.headers, text };
}

describe.each(ENGINES)("ordinary requests to the server of $name's own", (engine) => {
  it.each(['GET', 'POST', 'PUT', 'DELETE', 'OPTIONS'])('%s: 426 Upgrade Required', async (method) => {
    const { port } = await serve(engine);
    const { statusCode, headers, text } = await ask(port, method);
    expect([statusCode, headers['content-length'], text]).toEqual([426, '16', 'Upgrade Required']);
    expect(headers['content-type']).toMatch(/^text\/plain/);
    expect(new Date(headers.date!).toUTCString()).toBe(headers.date);
  });

  it('HEAD: the same without the body', async () => {
    const { port } = await serve(engine);
    const { statusCode, headers, text } = await ask(port, 'HEAD');
    expect([statusCode, headers['content-length'], text]).toEqual([426, '16', '']);
  });

  it(difference('plain-request'), async () => {
    const { port } = await serve(engine);
    const { headers } = await ask(port, 'GET', '', new Agent({ keepAlive: true }));
    expect([headers.upgrade, headers.connection]).toEqual(
      engine.name === 'ws' ? [undefined, 'keep-alive'] : ['websocket', 'Upgrade, close'],
    );
  });

  it('one after the other, with an agent that keeps connections', async () => {
    const { port, url } = await serve(engine);
    const agent = new Agent({ keepAlive: true });
    onTestFinished(() => agent.destroy());
    for (let i = 0; i < 3; i++) expect((await ask(port, 'GET', '', agent)).statusCode).toBe(426);
    expect(await attempt(url)).toEqual(['open', '']);
  });

  it('with a long body', async () => {
    const { port } = await serve(engine);
    const { statusCode, text } = await ask(port, 'POST', 'x'.repeat(1024 * 1024));
    expect([statusCode, text]).toEqual([426, 'Upgrade Required']);
  });

  it.each([
    ['without Upgrade', { Upgrade: undefined }],
    ['with an empty Upgrade', { Upgrade: '' }],
    ['without Connection', { Connection: undefined }],
    ['whose Connection does not name Upgrade', { Connection: 'keep-alive' }],
  ])('that are upgrades %s', async (_what, replaced) => {
    const { port } = await serve(engine);
    const peer = await connectRaw(port);
    peer.socket.write(upgradeRequest(replaced));
    expect(await peer.takeHead()).toMatch(/^HTTP\/1\.1 426 Upgrade Required\r\n/);
    peer.socket.destroy();
  });

  it(`that are no HTTP; ${difference('not-http')}`, async () => {
    const { port } = await serve(engine);
    const peer = await connectRaw(port);
    peer.socket.write('foo\r\n\r\n');
    await peer.closed;
    const answer = peer.received.toString();
    expect(answer).toMatch(/^HTTP\/1\.1 400 Bad Request\r\nConnection: close\r\n/);
    expect(answer.slice(answer.indexOf('\r\n\r\n') + 4)).toBe(
      engine.name === 'ws' ? '' : 'Parse Error: Invalid method encountered',
    );
  });

  it('that never come: the client may go', async () => {
    const { wss, port, url } = await serve(engine);
    const accepted = once(server(wss), 'connection');
    const peer = await connectRaw(port);
    const [socket] = await accepted;
    const closed = new Promise((resolve) => socket.once('close', resolve));
    peer.socket.resetAndDestroy();
    await closed;
    expect(await attempt(url)).toEqual(['open', '']);
  });

  it('that are given up in the middle', async () => {
    const { wss, port, url } = await serve(engine);
    const accepted = once(server(wss), 'connection');
    const peer = await connectRaw(port);
    peer.socket.end('GET / HTTP/1.1\r\nHost:');
    const [socket] = await accepted;
    const closed = new Promise((resolve) => socket.once('close', resolve));
    await Promise.all([closed, peer.closed]);
    expect(await attempt(url)).toEqual(['open', '']);
  });
});

function server(wss: unknown): NodeJS.EventEmitter & { listening: boolean } {
  return (wss as { _server: NodeJS.EventEmitter & { listening: boolean } })._server;
}

describe.each(ENGINES)("the server beneath, of $name's own", (engine) => {
  it(`emits what a net.Server does; ${difference('port-server')}`, async () => {
    const { wss, url } = await serve(engine);
    const beneath = server(wss);
    expect([beneath.listening, beneath.constructor.name]).toEqual([true, 'Server']);
    expect('headersTimeout' in beneath).toBe(engine.name === 'ws');
    const accepted = once(beneath, 'connection');
    const connection = once(wss, 'connection');
    await openClient(url);
    const [[socket], [, request]] = await Promise.all([accepted, connection]);
    expect(request.socket).toBe(socket);
    expect(request.socket.server).toBe(beneath);
    wss.close();
    expect(server(wss)).toBeNull();
  });

  it('gives requests what those of node:http have', async () => {
    const { wss, port } = await serve(engine);
    const connection = once(wss, 'connection');
    const peer = await connectRaw(port);
    peer.socket.write(
      upgradeRequest({ 'X-Two': 'a', 'x-two': 'b', Cookie: 'c=d' }, 'GET /chat?a=b HTTP/1.1'),
    );
    const [, request]: [unknown, IncomingMessage] = (await connection) as never;
    expect(request).toMatchObject({
      method: 'GET',
      url: '/chat?a=b',
      httpVersion: '1.1',
      httpVersionMajor: 1,
      httpVersionMinor: 1,
      complete: true,
      aborted: false,
      upgrade: true,
      readable: true,
      destroyed: false,
      trailers: {},
    });
    expect(request.headers).toEqual({
      host: 'localhost',
      upgrade: 'websocket',
      connection: 'Upgrade',
      'sec-websocket-key': expect.any(String),
      'sec-websocket-version': '13',
      'x-two': 'a, b',
      cookie: 'c=d',
    });
    expect(request.headersDistinct['x-two']).toEqual(['a', 'b']);
    expect(request.rawHeaders.slice(-6)).toEqual(['X-Two', 'a', 'x-two', 'b', 'Cookie', 'c=d']);
    expect(request.socket.remotePort).toBe(peer.socket.localPort);
    const ended = once(request, 'end');
    request.resume();
    await ended;
    peer.socket.destroy();
  });

  it('goes on when a listener of a request that was refused throws nothing', async () => {
    const { port, url } = await serve(engine);
    const request = get({ port, host: '127.0.0.1' });
    const [response] = await once(request, 'response');
    response.destroy();
    expect(await attempt(url)).toEqual(['open', '']);
  });
});
