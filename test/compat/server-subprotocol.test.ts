import { IncomingMessage } from 'node:http';
import { describe, expect, it, vi } from 'vitest';
import { upgradeRequest } from '../behaviour/raw-peer.ts';
import { attempt, SERVED, serve, upgradeLines } from './served.ts';

/** The Sec-WebSocket-Protocol lines of the answer to an offer. */
async function chosen(port: number, offer: string | undefined): Promise<string[]> {
  const lines = await upgradeLines(port, upgradeRequest({ 'Sec-WebSocket-Protocol': offer }));
  expect(lines[0]).toBe('HTTP/1.1 101 Switching Protocols');
  return lines.filter((line) => /^sec-websocket-protocol/i.test(line));
}

describe.each(SERVED)('subprotocols of $name', ({ engine, mode }) => {
  it.each([
    ['none', undefined, []],
    ['one', 'foo', ['foo']],
    ['the first of several', 'foo, bar,baz', ['foo']],
    ['one of any token characters', "!#$%&'*+-.^_`|~09azAZ", ["!#$%&'*+-.^_`|~09azAZ"]],
  ])('%s', async (_what, offer, expected) => {
    const { port } = await serve(engine, {}, mode);
    expect(await chosen(port, offer)).toEqual(expected.map((name) => `Sec-WebSocket-Protocol: ${name}`));
  });

  it('are handed to handleProtocols, with the request', async () => {
    const handleProtocols = vi.fn((_offered: Set<string>, _request: IncomingMessage) => 'bar');
    const { wss, port } = await serve(engine, { handleProtocols }, mode);
    expect(await chosen(port, 'foo, bar')).toEqual(['Sec-WebSocket-Protocol: bar']);
    const [offered, request, ...more] = handleProtocols.mock.calls[0]!;
    expect([offered, more]).toEqual([new Set(['foo', 'bar']), []]);
    expect([...offered]).toEqual(['foo', 'bar']);
    expect(request).toBeInstanceOf(IncomingMessage);
    expect(handleProtocols.mock.contexts[0]).toBe(wss.options);
  });

  it('are not handed over where there are none', async () => {
    const handleProtocols = vi.fn(() => 'foo');
    const { port } = await serve(engine, { handleProtocols }, mode);
    expect(await chosen(port, undefined)).toEqual([]);
    expect(handleProtocols).not.toHaveBeenCalled();
  });

  it.each([false, '', undefined, null, 0])('are left out for %j of handleProtocols', async (value) => {
    const { wss, port, url } = await serve(engine, { handleProtocols: () => value as false }, mode);
    const protocols: string[] = [];
    wss.on('connection', (socket) => protocols.push(socket.protocol));
    expect(await chosen(port, 'foo')).toEqual([]);
    expect(await attempt(url, 'foo')).toEqual(['error', 'Server sent no subprotocol']);
    expect(protocols).toEqual(['', '']);
  });

  it('may be one that was not offered: it goes out', async () => {
    const { port, url } = await serve(engine, { handleProtocols: () => 'other' }, mode);
    expect(await chosen(port, 'foo')).toEqual(['Sec-WebSocket-Protocol: other']);
    expect(await attempt(url, 'foo')).toEqual(['error', 'Server sent an invalid subprotocol']);
  });

  it('are the same on both sides', async () => {
    const { wss, url } = await serve(engine, {}, mode);
    const protocols: string[] = [];
    wss.on('connection', (socket) => protocols.push(socket.protocol));
    expect(await attempt(url, ['foo', 'bar'])).toEqual(['open', 'foo']);
    expect(await attempt(url)).toEqual(['open', '']);
    expect(protocols).toEqual(['foo', '']);
  });

  it('are chosen by what the option is at the upgrade', async () => {
    const { wss, port } = await serve(engine, {}, mode);
    wss.options.handleProtocols = (offered) => [...offered].at(-1)!;
    expect(await chosen(port, 'foo, bar')).toEqual(['Sec-WebSocket-Protocol: bar']);
    wss.options.handleProtocols = null as never;
    expect(await chosen(port, 'foo, bar')).toEqual(['Sec-WebSocket-Protocol: foo']);
  });
});
