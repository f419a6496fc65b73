import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { constants, deflateRawSync } from 'node:zlib';
import { describe, expect, it, onTestFinished } from 'vitest';
import { WebSocket } from '../../src/index.ts';
import { startTestServer } from '../behaviour/engine.ts';
import { closeCodes, frame } from '../behaviour/raw-frames.ts';
import { connectRaw, serveRaw, upgradeRequest, upgradeResponse } from '../behaviour/raw-peer.ts';
import { next } from '../compat/connection-pair.ts';
import {
  attackCompressed,
  deflated,
  ended,
  fragmented,
  MIB,
  memoryInUse,
  ROLES,
  watchPeak,
  watchUncaught,
} from './attack.ts';

/** A window of 8 to 15 in every spelling but the right one, and values where there may be none. */
const BAD_PARAMETERS = [
  ...['server_max_window_bits', 'client_max_window_bits'].flatMap((name) =>
    [
      '0',
      '7',
      '16',
      '1000',
      '-8',
      '08',
      '015',
      '0x0f',
      '1e1',
      '8.0',
      '+9',
      '""',
      '"7"',
      '"16"',
      'a',
      '99999999999',
    ]
      .map((value) => `${name}=${value}`)
      .concat(`${name}=10; ${name}=10`, `${name}=`, `${name}="1`, `${name} = 10`),
  ),
  'server_no_context_takeover=1',
  'client_no_context_takeover=true',
  'server_no_context_takeover; server_no_context_takeover',
  'unknown',
  'unknown=8',
  '',
];

describe.each(ROLES)('compressed messages sent to a %s', (role) => {
  const masked = role === 'server';

  it.each([1, 50])('row 5: a bomb in %i frames is refused while it is inflated', async (count) => {
    const bomb = deflated(Buffer.alloc(64 * MIB), { level: 9 });
    expect(bomb.length).toBeLessThan(MIB / 8);
    const { socket, peer } = await attackCompressed(role, { maxPayload: MIB });
    socket.on('message', () => expect.unreachable());
    const end = ended(socket);
    const peak = watchPeak();
    peer.socket.write(fragmented(0xc2, bomb, count, masked));
    await peer.until((received) => closeCodes(received).length > 0);
    expect(peak()).toBeLessThan(6 * MIB);
    peer.socket.end();
    expect(closeCodes(peer.received)).toEqual([1009]);
    expect(await end).toEqual(['WS_ERR_UNSUPPORTED_MESSAGE_LENGTH', 1006]);
  });

  it('row 5: a bomb that is told in pieces is inflated a few MiB at a time', async () => {
    const bomb = deflated(Buffer.alloc(64 * MIB), { level: 9 });
    const { socket, peer } = await attackCompressed(role);
    const messages = (socket as unknown as WebSocket).messageStreams();
    const before = await memoryInUse();
    peer.socket.write(fragmented(0xc2, bomb, 1, masked));
    const { value: stream } = await messages.next();
    expect((await memoryInUse()) - before).toBeLessThan(9 * MIB);
    let length = 0;
    for await (const piece of stream!) length += piece.length;
    expect(length).toBe(64 * MIB);
  });

  it.each([
    ['zeros', Buffer.alloc(60_000)],
    ['noise, which deflate makes longer', randomBytes(60_000)],
    ['many zeros', Buffer.alloc(300_000)],
    ['much noise', randomBytes(300_000)],
  ])('row 5: a message of exactly the limit is taken: %s', async (_what, data) => {
    const { socket, peer } = await attackCompressed(role, { maxPayload: data.length });
    const message = next(socket, 'message');
    peer.socket.write(fragmented(0xc2, deflated(data), 8, masked));
    expect(data.equals((await message)[0] as Buffer)).toBe(true);
  });

  it('row 5: a message of one byte more than the limit is refused', async () => {
    const { socket, peer, frame } = await attackCompressed(role, { maxPayload: 60_000 });
    const end = ended(socket);
    peer.socket.write(frame(0xc2, deflated(Buffer.alloc(60_001))));
    await peer.until((received) => closeCodes(received).length > 0);
    peer.socket.end();
    expect(await end).toEqual(['WS_ERR_UNSUPPORTED_MESSAGE_LENGTH', 1006]);
  });

  it('row 35: a last block, and what is behind it, ends neither the stream nor the connection', async () => {
    const { socket, peer, frame } = await attackCompressed(role);
    const seen: string[] = [];
    socket.on('message', (data) => seen.push(String(data)));
    const texts = ['first', 'second', 'third', 'fourth'];
    const last = next(socket, 'last');
    socket.on('message', () => seen.length === texts.length && socket.emit('last'));
    // RFC 7692 §7.2.3.4: a block with BFINAL, and one octet of zeros for the next to begin at.
    const final = (text: string) => Buffer.concat([deflateRawSync(text), Buffer.of(0)]);
    const stored = Buffer.from([0, 0, 0, 0xff, 0xff]);
    const payloads = [
      final('first'),
      Buffer.concat([stored, stored, deflated('second')]),
      Buffer.concat([deflated('third', { level: 0 }), Buffer.from([0, 0, 0xff, 0xff]), stored]).subarray(
        0,
        -4,
      ),
      deflated('fourth'),
    ];
    peer.socket.write(Buffer.concat(payloads.map((payload) => frame(0xc1, payload))));
    await last;
    expect(seen).toEqual(texts);
    expect(socket.readyState).toBe(socket.OPEN);
  });

  it('row 35: what stands behind a last block is no part of the message, nor of the next', async () => {
    const { socket, peer, frame } = await attackCompressed(role);
    const seen: string[] = [];
    const both = new Promise<void>((resolve) => {
      socket.on('message', (data) => seen.push(String(data)) === 2 && resolve());
    });
    const garbage = Buffer.concat([deflateRawSync('first'), Buffer.alloc(1000, 'garbage')]);
    peer.socket.write(Buffer.concat([frame(0xc1, garbage), frame(0xc1, deflated('second'))]));
    await both;
    expect(seen).toEqual(['first', 'second']);
  });
});

describe('parameters of permessage-deflate', () => {
  it('row 6: a server refuses bad parameters with 400, and goes on', async () => {
    const uncaught = watchUncaught();
    const server = await startTestServer({ perMessageDeflate: true });
    for (const parameters of BAD_PARAMETERS) {
      const peer = await connectRaw(server.port);
      const extensions = `permessage-deflate; ${parameters}`;
      peer.socket.write(upgradeRequest({ 'Sec-WebSocket-Extensions': extensions }));
      expect([extensions, (await peer.takeHead()).slice(0, 12)]).toEqual([extensions, 'HTTP/1.1 400']);
    }
    const ws = new WebSocket(server.url);
    await once(ws, 'open');
    expect(ws.extensions).toContain('permessage-deflate');
    ws.terminate();
    expect(uncaught).toEqual([]);
  });

  it('row 6: a client refuses bad parameters, and lives', async () => {
    const uncaught = watchUncaught();
    let extensions = '';
    const server = await serveRaw((peer, head) => {
      peer.socket.write(upgradeResponse(head, { 'Sec-WebSocket-Extensions': extensions }));
    });
    onTestFinished(() => server.close());
    for (const parameters of BAD_PARAMETERS) {
      extensions = `permessage-deflate; ${parameters}`;
      const end = await ended(new WebSocket(server.url));
      expect([extensions, end]).toEqual([extensions, ['Invalid Sec-WebSocket-Extensions header', 1006]]);
    }
    expect(uncaught).toEqual([]);
  });

  it.each([8, 9, 15])('row 6: a window of %i bits, which is right, works both ways', async (bits) => {
    const parameters = `; server_max_window_bits=${bits}; client_max_window_bits=${bits}`;
    const server = await startTestServer({ perMessageDeflate: { threshold: 0 } });
    server.wss.on('connection', (ws) => ws.on('message', (data) => ws.send(data)));
    const peer = await connectRaw(server.port);
    peer.socket.write(upgradeRequest({ 'Sec-WebSocket-Extensions': `permessage-deflate${parameters}` }));
    expect(await peer.takeHead()).toContain(`server_max_window_bits=${bits}`);
    const window = { windowBits: Math.max(bits, 9), strategy: constants.Z_FIXED };
    peer.socket.write(frame(0xc2, deflated('abcabcabc', window), true));
    await peer.until((received) => received.length >= 2 + (received[1] ?? 0));
    // RFC 7692 §6: what cannot be compressed with the window that was agreed may go as it is.
    expect(peer.received[0]).toBe(bits === 8 ? 0x82 : 0xc2);
    peer.socket.destroy();
  });
});
