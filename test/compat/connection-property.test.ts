import { constants, deflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { closePayload, parseFrames } from '../behaviour/raw-frames.ts';
import {
  type CompatSocket,
  ENGINES,
  type Engine,
  openPair,
  openRawPair,
  type Role,
} from './connection-pair.ts';

const EVENTS = ['message', 'ping', 'pong', 'error', 'close'] as const;

/** One call, with arguments that can be made anew for each implementation. */
type Call = (socket: CompatSocket, callback: (error?: Error) => void) => void;

/** What a socket tells, in a form that can be compared; resolves on 'close'. */
function told(socket: CompatSocket): Promise<unknown[]> {
  const log: unknown[] = [];
  return new Promise((resolve) => {
    for (const name of EVENTS) {
      socket.on(name, (...args: unknown[]) => {
        log.push([name, ...args.map(comparable)]);
        if (name === 'close') resolve(log);
      });
    }
  });
}

function comparable(value: unknown): unknown {
  if (value instanceof Error) return [value.name, value.message, (value as { code?: unknown }).code];
  if (Buffer.isBuffer(value)) return value.length > 40 ? `${value.length} bytes` : value.toString('latin1');
  return value;
}

const text = fc.oneof(fc.string({ unit: 'grapheme', maxLength: 20 }), fc.constant('long '.repeat(3000)));
const data = text.chain((value) =>
  fc.constantFrom<() => unknown>(
    () => value,
    () => Buffer.from(value),
    () => new Blob([value]),
    () => value.length,
  ),
);
const short = fc.string({ unit: 'grapheme', maxLength: 10 });

const call: fc.Arbitrary<Call> = fc
  .oneof(
    { arbitrary: fc.tuple(data, fc.boolean(), fc.boolean(), fc.option(fc.boolean())), weight: 5 },
    { arbitrary: short, weight: 1 },
  )
  .map((given) => {
    if (typeof given === 'string') return (socket, callback) => socket.ping(given, undefined, callback);
    const [make, fin, compress, binary] = given;
    const options = { fin, compress, ...(binary !== null && { binary }) };
    return (socket, callback) => socket.send(make(), options, callback);
  });

const ending = fc.constantFrom<unknown[]>([], [1000], [4000, 'some reason'], [1001, 'ü']);

/** Calls all in one go, and ends the last message, so that it is delivered as well. */
async function play(engine: Engine, calls: readonly Call[], end: unknown[], deflate: object | false) {
  const settings = { perMessageDeflate: deflate };
  const { client, server } = await openPair(engine, { server: settings, client: settings });
  const logs = Promise.all([told(client), told(server)]);
  const callbacks: unknown[] = [];
  for (const [i, run] of calls.entries()) run(client, (error) => callbacks.push([i, error?.message]));
  client.send('the end', { fin: true });
  client.close(...end);
  return { logs: await logs, callbacks };
}

it('whatever is sent, both tell the same at both ends, and call back in the same order', async () => {
  const deflate = fc.constantFrom<object | false>(
    false,
    {},
    { threshold: 0, serverNoContextTakeover: true, clientNoContextTakeover: true },
  );
  await fc.assert(
    fc.asyncProperty(fc.array(call, { maxLength: 12 }), ending, deflate, async (calls, end, settings) => {
      const [expected, actual] = await Promise.all(
        ENGINES.map((engine) => play(engine, calls, end, settings)),
      );
      expect(actual).toEqual(expected);
    }),
    { numRuns: 60 },
  );
});

const payload = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 20 }).map((value) => Buffer.from(value)),
  fc.uint8Array({ maxLength: 20 }).map((value) => Buffer.from(value)),
  fc.constant(Buffer.alloc(130, 'x')),
  fc.constantFrom(closePayload(1000), closePayload(4000, 'bye'), closePayload(1005), closePayload(999)),
);

const COMPRESSED = 0x40;

/** Frames as they may come, most of them well formed. One inflates fragments as they come: none is compressed here. */
const frames = fc.array(
  fc.tuple(
    fc.oneof(
      { arbitrary: fc.constantFrom(0x81, 0x82, 0x89, 0x8a, 0x01, 0x02, 0x00, 0x80), weight: 12 },
      { arbitrary: fc.constantFrom(0xc1, 0xc2), weight: 3 },
      { arbitrary: fc.constantFrom(0x88, 0x09, 0x83, 0x8f, 0x91, 0xc0), weight: 1 },
    ),
    payload,
  ),
  { maxLength: 10 },
);

/** What a listener does in the event of that number. */
const reaction = fc.tuple(
  fc.integer({ min: 1, max: 6 }),
  fc.constantFrom<(socket: CompatSocket) => void>(
    () => {},
    (socket) => socket.close(1001),
    (socket) => socket.terminate(),
    (socket) => socket.send('reaction'),
    (socket) => socket.ping('reaction'),
    (socket) => {
      socket.pause();
      setImmediate(() => socket.resume());
    },
  ),
);

interface Given {
  readonly frames: ReadonlyArray<[number, Buffer]>;
  readonly deflate: boolean;
  readonly reaction: readonly [number, (socket: CompatSocket) => void];
}

/** What the socket tells of the frames, and what its peer gets. */
async function receive(engine: Engine, role: Role, given: Given) {
  const { socket, peer, frame } = await openRawPair(engine, role, {
    // Text that is not UTF-8 is found sooner by one: a deliberate difference.
    settings: { maxPayload: 200, perMessageDeflate: given.deflate, skipUTF8Validation: true },
    ...(given.deflate && { headers: { 'Sec-WebSocket-Extensions': 'permessage-deflate' } }),
  });
  const log = told(socket);
  const [at, react] = given.reaction;
  let events = 0;
  for (const name of ['message', 'ping', 'pong']) {
    socket.on(name, () => {
      if (++events === at) react(socket);
    });
  }
  const bytes = given.frames.map(([first, payload]) =>
    frame(first, given.deflate && first & COMPRESSED ? deflated(payload) : payload),
  );
  peer.socket.write(Buffer.concat([...bytes, frame(0x88)]));
  // It ends the stream behind the answer only: an end that comes meanwhile is a race of its own.
  const closeFrame = (received: Buffer) => parseFrames(received).some(({ opcode }) => opcode === 8);
  await peer.until(closeFrame).catch(() => 'terminated');
  peer.socket.end();
  const logged = await log;
  await peer.closed;
  const answers = parseFrames(peer.received).map(({ opcode, payload }) => [opcode, comparable(payload)]);
  return { events: logged, answers };
}

function deflated(payload: Buffer): Buffer {
  return deflateRawSync(payload, { finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, -4);
}

it.each<Role>(['client', 'server'])('whatever comes, both tell and answer the same, as %s', async (role) => {
  await fc.assert(
    fc.asyncProperty(fc.record({ frames, deflate: fc.boolean(), reaction }), async (given) => {
      const [expected, actual] = await Promise.all(ENGINES.map((engine) => receive(engine, role, given)));
      expect(actual).toEqual(expected);
    }),
    { numRuns: 100 },
  );
});
