import { once } from 'node:events';
import { createServer } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { HTTP2_LIMITS } from '../../src/node/http2-limits.ts';
import { ACK, GOAWAY, h2Frame, SETTINGS } from '../behaviour/http2-peer.ts';
import { attackServer } from '../security/http2-attacker.ts';

/** The type of the frame with which a server answers SETTINGS with so many entries. */
async function answerTo(entries: number): Promise<number> {
  const server = createServer(HTTP2_LIMITS);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const attacker = await attackServer((server.address() as AddressInfo).port);
  const isAck = ({ type, flags }: { type: number; flags: number }) => type === SETTINGS && flags === ACK;
  await attacker.until(isAck);
  attacker.frames.length = 0;
  // MAX_CONCURRENT_STREAMS, again and again (RFC 9113 §6.5.2).
  const entry = Buffer.from([0, 3, 0, 0, 0, 100]);
  attacker.socket.write(h2Frame(SETTINGS, 0, 0, Buffer.concat(Array(entries).fill(entry))));
  return (await attacker.until((frame) => isAck(frame) || frame.type === GOAWAY)).type;
}

it('ends sessions of peers that have more to set than there is', async () => {
  expect(await answerTo(HTTP2_LIMITS.maxSettings)).toBe(SETTINGS);
  expect(await answerTo(HTTP2_LIMITS.maxSettings + 1)).toBe(GOAWAY);
});
