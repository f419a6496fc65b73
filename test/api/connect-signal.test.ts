import { EventEmitter, getEventListeners, once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { endWhenAborted } from '../../src/api/connect-signal.ts';
import { WebSocket } from '../../src/api/websocket.ts';
import { closeCodeOf, openPair } from './open-pair.ts';

describe('endWhenAborted', () => {
  it.each(['open', 'close'])("forgets the signal at '%s'", (event) => {
    const { signal } = new AbortController();
    const ws = new EventEmitter();
    endWhenAborted(ws, signal, () => {});
    expect(getEventListeners(signal, 'abort')).toHaveLength(1);
    ws.emit(event);
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
    expect(ws.eventNames()).toEqual([]);
  });
});

describe('the option "signal" of a client', () => {
  /** A server that says nothing, and how many came. */
  async function silentServer() {
    const server = createServer();
    await once(server.listen(0, '127.0.0.1'), 'listening');
    onTestFinished(() => void server.close());
    return { server, url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}/` };
  }

  it('fails the attempt at once when it was aborted before, without a socket', async () => {
    const { server, url } = await silentServer();
    let came = 0;
    server.on('connection', () => came++);
    const ws = new WebSocket(url, { signal: AbortSignal.abort('before') });
    const closed = closeCodeOf(ws);
    const [error] = await once(ws, 'error');
    expect([error.name, error.code, error.cause]).toEqual(['AbortError', 'ABORT_ERR', 'before']);
    expect(await closed).toBe(1006);
    expect([came, ws._socket]).toEqual([0, null]);
  });

  it.each([
    ['dialled', {}],
    ['through node:http', { agent: undefined, maxHeaderSize: 16_384 }],
  ])('ends an attempt %s that is under way', async (_name, options) => {
    const { server, url } = await silentServer();
    const controller = new AbortController();
    const ws = new WebSocket(url, { ...options, signal: controller.signal });
    const [socket] = await once(server, 'connection');
    socket.on('error', () => {}).resume();
    const ended = Promise.all([once(socket, 'close'), closeCodeOf(ws)]);
    const reason = new Error('changed my mind');
    controller.abort(reason);
    await expect(ws.opened).rejects.toMatchObject({ name: 'AbortError', cause: reason });
    await ended;
  });

  it('has no effect on an open connection', async () => {
    const controller = new AbortController();
    const { client, server } = await openPair({}, { signal: controller.signal });
    controller.abort();
    client.send('still here');
    expect(String((await once(server, 'message'))[0])).toBe('still here');
  });
});
