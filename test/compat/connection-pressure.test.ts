import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { frame, parseFrames } from '../behaviour/raw-frames.ts';
import { upgradeRaw } from '../behaviour/raw-peer.ts';
import { type CompatSocket, ENGINES, type Engine, serve } from './connection-pair.ts';
import { difference } from './differences.ts';

const MESSAGE = Buffer.alloc(1024 * 1024);

async function openRaw(engine: Engine, options: object = {}) {
  const { wss, url } = await serve(engine, options);
  const accepted = once(wss, 'connection');
  const peer = await upgradeRaw(Number(new URL(url).port));
  const [server] = (await accepted) as [CompatSocket];
  return { peer, server };
}

describe.each(ENGINES)('$name', (engine) => {
  it(difference('early-messages'), async () => {
    const { peer, server } = await openRaw(engine);
    const pinged = once(server, 'ping');
    peer.socket.write(Buffer.concat([frame(0x81, 'early', true), frame(0x89, '', true)]));
    await pinged;
    const message = once(server, 'message');
    peer.socket.write(frame(0x81, 'late', true));
    const [data] = await message;
    expect(String(data)).toBe(engine.name === 'ws' ? 'late' : 'early');
  });

  it(difference('slow-peer'), async () => {
    // An option of Hawser's, so that the test need not send 128 MiB.
    const { peer, server } = await openRaw(engine, { maxBufferedBytes: MESSAGE.length });
    peer.socket.pause();
    server.on('error', () => {});
    for (let i = 0; i < 16; i++) server.send(MESSAGE);
    await new Promise((resolve) => setImmediate(resolve));
    expect(server.readyState).toBe(engine.name === 'ws' ? server.OPEN : server.CLOSING);
  });

  it(difference('control-before-waiting'), async () => {
    const { peer, server } = await openRaw(engine);
    peer.socket.pause();
    for (let i = 0; i < 16; i++) server.send(MESSAGE);
    server.ping();
    server.close(1000);
    peer.socket.write(frame(0x88, Buffer.from([0x03, 0xe8]), true));
    peer.socket.resume();
    await peer.closed;
    const opcodes = parseFrames(peer.received).map(({ opcode }) => opcode);
    expect(opcodes).toHaveLength(18);
    if (engine.name === 'ws') expect(opcodes.indexOf(9)).toBe(16);
    else expect(opcodes.indexOf(9)).toBeLessThan(16);
  });
});
