import { once } from 'node:events';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { serializeFrame } from '../../src/core/index.ts';
import { WebSocket } from '../../src/index.ts';
import { socketPair } from '../node/socket-pair.ts';

const allocate = (length: number): Uint8Array => new Uint8Array(length);

const frame = fc.record({
  firstByte: fc.constantFrom(0x82, 0x02, 0x80, 0x89, 0x8a, 0x88, 0xf1),
  payload: fc.uint8Array({ maxLength: 300, size: 'max' }),
  key: fc.nat(0xffffffff),
});

/** What the peer writes at a time, and what is done to the socket before. */
const step = fc.record({
  length: fc.integer({ min: 1, max: 2000 }),
  before: fc.constantFrom('nothing', 'listen', 'unlisten', 'pause', 'pause the socket'),
});

interface Session {
  readonly stream: Buffer;
  readonly steps: ReadonlyArray<{ length: number; before: string }>;
}

const session: fc.Arbitrary<Session> = fc
  .record({
    frames: fc.array(frame, { maxLength: 12 }),
    steps: fc.array(step, { maxLength: 12 }),
  })
  .map(({ frames, steps }) => ({
    stream: Buffer.concat(
      frames.map(({ firstByte, payload, key }) => {
        const limit = firstByte >= 0x88 && firstByte < 0xf0 ? 125 : payload.length;
        return serializeFrame(firstByte, payload.subarray(0, limit), key, allocate);
      }),
    ),
    steps,
  }));

/** Plays a session to the peer's end; returns what was told, and what the peer got. */
async function play({ stream, steps }: Session, fastPath: boolean): Promise<unknown[]> {
  const { near, far } = await socketPair();
  const ws = new WebSocket(null);
  const log: unknown[] = [];
  const listener = (): void => {};
  ws.on('message', (data, isBinary) => {
    log.push(['message', String(data), isBinary]);
    ws.send(data, { binary: isBinary });
  });
  ws.on('ping', (data) => log.push(['ping', String(data)]));
  ws.on('pong', (data) => log.push(['pong', String(data)]));
  ws.on('error', (error) => log.push(['error', error.message]));
  ws.on('close', (code, reason) => log.push(['close', code, String(reason)]));
  ws.setSocket(near, Buffer.alloc(0), { fastPath });
  const replies: Buffer[] = [];
  far.on('data', (chunk) => replies.push(chunk));
  const ended = once(far, 'end');

  let position = 0;
  for (const { length, before } of [...steps, { length: stream.length, before: 'nothing' }]) {
    const piece = stream.subarray(position, position + length);
    position += piece.length;
    if (before === 'listen') near.on('data', listener);
    if (before === 'unlisten') near.off('data', listener);
    if (before === 'pause') ws.pause();
    if (before === 'pause the socket') near.pause();
    if (piece.length > 0) await new Promise((resolve) => far.write(piece, resolve));
    if (before.startsWith('pause')) await new Promise(setImmediate);
    ws.resume();
  }
  far.end();
  await ended;
  if (ws.readyState !== WebSocket.CLOSED) await once(ws, 'close');
  return [log, Buffer.concat(replies).toString('hex')];
}

it('tells the same with Node’s internals and without', async () => {
  await fc.assert(
    fc.asyncProperty(session, async (given) => {
      expect(await play(given, true)).toEqual(await play(given, false));
    }),
    { numRuns: 300 },
  );
});
