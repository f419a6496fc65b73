import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import type { PerMessageDeflateOptions, ServerOptions } from 'ws';
import { upgradeRequest } from '../behaviour/raw-peer.ts';
import { openClient, SERVED, serve, upgradeLines } from './served.ts';

type Deflate = ServerOptions['perMessageDeflate'];

const OFFER = 'permessage-deflate; client_max_window_bits';

/** What a server answers to an offer: its Sec-WebSocket-Extensions, or the status of its refusal. */
async function answerTo(port: number, offer: string | undefined): Promise<string | undefined> {
  const lines = await upgradeLines(port, upgradeRequest({ 'Sec-WebSocket-Extensions': offer }));
  const name = 'Sec-WebSocket-Extensions: ';
  if (!lines[0]!.startsWith('HTTP/1.1 101 ')) return lines[0]!.split(' ')[1];
  return lines.find((line) => line.startsWith(name))?.slice(name.length);
}

describe.each(SERVED)('permessage-deflate of $name', ({ engine, mode }) => {
  it.each<[Deflate, string | undefined, string | undefined]>([
    [undefined, OFFER, undefined],
    [false, OFFER, undefined],
    [true, undefined, undefined],
    [true, 'permessage-deflate', 'permessage-deflate'],
    [true, OFFER, 'permessage-deflate'],
    [{}, OFFER, 'permessage-deflate'],
    [true, 'foo', undefined],
    [true, 'foo, bar; baz=1', undefined],
    [true, `foo, ${OFFER}, bar`, 'permessage-deflate'],
    [true, 'x-webkit-deflate-frame', undefined],
    [true, 'PERMESSAGE-DEFLATE', undefined],
    [true, 'permessage-deflate; client_max_window_bits=10', 'permessage-deflate; client_max_window_bits=10'],
    [true, 'permessage-deflate; server_max_window_bits=9', 'permessage-deflate; server_max_window_bits=9'],
    [true, 'permessage-deflate; server_max_window_bits="9"', 'permessage-deflate; server_max_window_bits=9'],
    [
      true,
      'permessage-deflate; server_no_context_takeover; client_no_context_takeover',
      'permessage-deflate; server_no_context_takeover; client_no_context_takeover',
    ],
    [
      true,
      'permessage-deflate; client_no_context_takeover; server_no_context_takeover',
      'permessage-deflate; client_no_context_takeover; server_no_context_takeover',
    ],
    [{ serverNoContextTakeover: true }, OFFER, 'permessage-deflate; server_no_context_takeover'],
    [{ clientNoContextTakeover: true }, OFFER, 'permessage-deflate; client_no_context_takeover'],
    [{ serverMaxWindowBits: 9 }, OFFER, 'permessage-deflate; server_max_window_bits=9'],
    [{ clientMaxWindowBits: 9 }, OFFER, 'permessage-deflate; client_max_window_bits=9'],
    [
      {
        serverNoContextTakeover: true,
        clientNoContextTakeover: true,
        serverMaxWindowBits: 10,
        clientMaxWindowBits: 11,
      },
      OFFER,
      'permessage-deflate; client_max_window_bits=11; server_no_context_takeover; ' +
        'client_no_context_takeover; server_max_window_bits=10',
    ],
    [
      { serverMaxWindowBits: 9 },
      'permessage-deflate; server_max_window_bits=12',
      'permessage-deflate; server_max_window_bits=9',
    ],
    [
      { clientMaxWindowBits: 9 },
      'permessage-deflate; client_max_window_bits=12',
      'permessage-deflate; client_max_window_bits=9',
    ],
    [{ clientMaxWindowBits: false as never }, OFFER, 'permessage-deflate'],
    [{ serverNoContextTakeover: false }, 'permessage-deflate; server_no_context_takeover', '400'],
    [{ serverNoContextTakeover: false }, OFFER, 'permessage-deflate'],
    [{ serverMaxWindowBits: false as never }, 'permessage-deflate; server_max_window_bits=10', '400'],
    [{ serverMaxWindowBits: 12 }, 'permessage-deflate; server_max_window_bits=10', '400'],
    [{ clientMaxWindowBits: 10 }, 'permessage-deflate', '400'],
    [{ clientMaxWindowBits: 10 }, 'permessage-deflate; client_max_window_bits=9', '400'],
    [
      { serverMaxWindowBits: 12 },
      'permessage-deflate; server_max_window_bits=10, permessage-deflate',
      'permessage-deflate; server_max_window_bits=12',
    ],
    [
      { clientMaxWindowBits: 10 },
      'permessage-deflate, permessage-deflate; client_max_window_bits=9, permessage-deflate; client_max_window_bits',
      'permessage-deflate; client_max_window_bits=10',
    ],
  ])('%j answers %j with %j', async (perMessageDeflate, offer, expected) => {
    const { port } = await serve(engine, { perMessageDeflate }, mode);
    expect(await answerTo(port, offer)).toBe(expected);
  });

  it('is negotiated by what the option is at the upgrade', async () => {
    const { wss, port, url } = await serve(engine, {}, mode);
    const answers = [await answerTo(port, OFFER)];
    for (const perMessageDeflate of [true, { serverNoContextTakeover: true }, false, undefined]) {
      wss.options.perMessageDeflate = perMessageDeflate;
      answers.push(await answerTo(port, OFFER));
    }
    expect(answers).toEqual([
      undefined,
      'permessage-deflate',
      'permessage-deflate; server_no_context_takeover',
      undefined,
      undefined,
    ]);
    wss.options.perMessageDeflate = { threshold: 0 };
    wss.on('connection', (ws) => ws.on('message', (data) => ws.send(data)));
    const client = await openClient(url);
    expect(client.extensions).toBe('permessage-deflate');
    const message = once(client, 'message');
    client.send('compressed, '.repeat(100));
    expect(String((await message)[0])).toBe('compressed, '.repeat(100));
  });

  it.each<[string, Deflate, PerMessageDeflateOptions | boolean, string]>([
    ['both', true, true, 'permessage-deflate'],
    ['the server alone', true, false, ''],
    ['the client alone', false, true, ''],
    ['both, with limits', { serverMaxWindowBits: 9, clientMaxWindowBits: 9 }, true, 'permessage-deflate'],
  ])('is in the extensions of each side where %s want it', async (_who, server, client, expected) => {
    const { wss, url } = await serve(engine, { perMessageDeflate: server }, mode);
    const connection = once(wss, 'connection');
    const ws = await openClient(url, [], { perMessageDeflate: client });
    const [socket] = await connection;
    expect([ws.extensions, socket.extensions]).toEqual([expected, expected]);
  });
});
