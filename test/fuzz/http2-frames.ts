import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import fc from 'fast-check';
import { WebSocket, WebSocketServer } from '../../src/index.ts';
import {
  ACK,
  CONNECT_FIELDS,
  CONTINUATION,
  DATA,
  END_HEADERS,
  END_STREAM,
  fieldBlock,
  GOAWAY,
  HEADERS,
  Http2Attacker,
  h2Frame,
  PING,
  PUSH_PROMISE,
  RST_STREAM,
  SETTINGS,
  WINDOW_UPDATE,
} from '../behaviour/http2-peer.ts';
import { frame } from '../behaviour/raw-frames.ts';
import { hex } from '../core/recorder.ts';
import { cut } from '../property/frame-stream.ts';
import type { Target } from './target.ts';

interface Input {
  /** Which of ours the frames are for. */
  readonly end: 'server' | 'client';
  readonly bytes: string;
  readonly sizes: readonly number[];
}

const PRIORITY = 2;
const PADDED = 0x8;
const UNKNOWN = 0x20;
/** How long a session, or a WebSocket, may take to end. */
const MAX_MS = 10_000;

const stream = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(1, 1, 1, 3, 5) },
  { weight: 1, arbitrary: fc.constantFrom(0, 2, 7, 0x7fff_ffff) },
);
const flags = fc.oneof(
  { weight: 6, arbitrary: fc.constant(0) },
  { weight: 1, arbitrary: fc.constantFrom(END_STREAM, PADDED, 0x20, ACK | END_HEADERS, 0xff) },
);
const numbers = fc.constantFrom(0, 1, 8, 0xffff, 0x7fff_ffff, 0xffff_ffff);

/** What changes a request that is right, or a response. */
const changes = fc.constantFrom<Record<string, string>>(
  ...[{}, {}, {}, { ':path': '*' }, { ':scheme': 'x' }, { ':protocol': 'x' }, { ':method': 'GET' }],
  ...[{ connection: 'close' }, { te: 'gzip' }, { 'sec-websocket-version': '7' }, { 'X-Upper': 'a' }],
  ...[
    { 'sec-websocket-extensions': 'permessage-deflate' },
    { ':unknown': '' },
    { 'x-long': 'x'.repeat(9000) },
  ],
);
const status = fc.constantFrom(...['200', '200', '200', '200', '204', '101', '404', '302', '99', 'x', '']);

/** WebSocket frames, in the DATA frames that carry them. */
const webSocketBytes = (masked: boolean) =>
  fc
    .array(
      fc.tuple(
        fc.constantFrom(0x81, 0x82, 0x01, 0x80, 0x89, 0x8a, 0x88, 0xc1, 0x83),
        fc.constantFrom('', 'hello', '\x03\xe8', 'x'.repeat(1000)),
      ),
      { maxLength: 3 },
    )
    .map((all) => Buffer.concat(all.map(([first, text]) => frame(first, text, masked))));

/** A header block, in one frame or in two. */
const head = (block: fc.Arbitrary<Buffer>) =>
  fc
    .tuple(block, stream, flags, fc.option(fc.nat(60), { nil: undefined, freq: 4 }))
    .map(([bytes, id, flag, at]) =>
      at === undefined
        ? h2Frame(HEADERS, END_HEADERS | flag, id, bytes)
        : Buffer.concat([
            h2Frame(HEADERS, flag & ~END_HEADERS, id, bytes.subarray(0, at)),
            h2Frame(CONTINUATION, END_HEADERS, id, bytes.subarray(at)),
          ]),
    );

const uint32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
};

/** What either end may send beside heads. */
const others = (masked: boolean) => [
  {
    weight: 8,
    arbitrary: fc
      .tuple(webSocketBytes(masked), stream, flags)
      .map(([bytes, id, flag]) => h2Frame(DATA, flag, id, bytes)),
  },
  {
    weight: 4,
    arbitrary: fc
      .tuple(fc.constantFrom(RST_STREAM, WINDOW_UPDATE), stream, numbers)
      .map(([type, id, value]) => h2Frame(type, 0, id, uint32(value))),
  },
  {
    weight: 3,
    arbitrary: fc
      .array(fc.tuple(fc.constantFrom(1, 2, 3, 4, 5, 6, 8, 99), numbers), { maxLength: 3 })
      .map((entries) => Buffer.concat(entries.map(([id, value]) => Buffer.from([0, id, ...uint32(value)]))))
      .map((payload) => h2Frame(SETTINGS, 0, 0, payload)),
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(
        fc.constantFrom(PING, GOAWAY, SETTINGS, PUSH_PROMISE, PRIORITY, CONTINUATION, UNKNOWN),
        flags,
        stream,
        fc.uint8Array({ maxLength: 12 }),
      )
      .map(([type, flag, id, payload]) => h2Frame(type, flag, id, payload)),
  },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      h2Frame(PING, 0, 0, Buffer.alloc(8)),
      h2Frame(SETTINGS, ACK, 0),
      h2Frame(GOAWAY, 0, 0, Buffer.alloc(8)),
    ),
  },
];

const framesFor = (end: Input['end']) => {
  const block =
    end === 'server'
      ? changes.map((changed) => fieldBlock({ ...CONNECT_FIELDS, ...changed }))
      : fc.tuple(status, changes).map(([code, changed]) => fieldBlock({ ':status': code, ...changed }));
  return fc.tuple(
    // Most begin with what opens a WebSocket.
    fc
      .boolean()
      .map((opens) => (opens ? h2Frame(HEADERS, END_HEADERS, 1, usualBlock(end)) : Buffer.alloc(0))),
    fc.array(fc.oneof({ weight: 4, arbitrary: head(block) }, ...others(end === 'server')), { maxLength: 8 }),
  );
};

function usualBlock(end: Input['end']): Buffer {
  return fieldBlock(end === 'server' ? CONNECT_FIELDS : { ':status': '200' });
}

/**
 * Sessions of HTTP/2 with frames that are right, nearly right or wrong: nothing throws, each WebSocket that opens closes once,
 * the session ends with its connection, and a server goes on to serve others.
 */
export const http2Frames: Target<Input> = {
  name: 'http2-frames',
  inputs: fc.constantFrom<Input['end']>('server', 'client').chain((end) =>
    fc
      .record({
        frames: framesFor(end),
        spoilt: fc.array(fc.tuple(fc.nat(300), fc.nat(255)), { maxLength: 2 }),
        isSpoilt: fc.constantFrom(false, false, true),
        sizes: fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 1, maxLength: 3 }),
      })
      .map(({ frames: [first, rest], spoilt, isSpoilt, sizes }) => {
        const bytes = Buffer.concat([first, ...rest]);
        if (isSpoilt) for (const [at, byte] of spoilt) if (at < bytes.length) bytes[at] = byte;
        return { end, bytes: hex(bytes), sizes };
      }),
  ),
  async check({ end, bytes, sizes }) {
    const uncaught: unknown[] = [];
    const note = (error: unknown): void => void uncaught.push(error);
    process.on('uncaughtException', note);
    try {
      const chunks = cut(Uint8Array.from(Buffer.from(bytes, 'hex')), sizes);
      await (end === 'server' ? checkServer(chunks) : checkClient(chunks));
      await new Promise((resolve) => setImmediate(resolve));
    } finally {
      process.off('uncaughtException', note);
    }
    assert.deepEqual(uncaught, []);
  },
};

async function checkServer(chunks: readonly Uint8Array[]): Promise<void> {
  const wss = new WebSocketServer({ port: 0, host: '127.0.0.1', http2: true });
  const closes = new Map<WebSocket, number>();
  wss.on('connection', (ws) => {
    closes.set(ws, 0);
    ws.on('error', () => {});
    ws.on('message', (data, isBinary) => ws.send(data, { binary: isBinary }));
    ws.on('close', () => closes.set(ws, closes.get(ws)! + 1));
  });
  await once(wss, 'listening');
  const { port } = wss.address() as AddressInfo;
  const attacker = new Http2Attacker(connect(port, '127.0.0.1'), false);
  const isGivenUp = await attack(attacker, chunks);
  if (isGivenUp) for (const ws of closes.keys()) ws.terminate();
  await inTime(talk(`ws://127.0.0.1:${port}/`), 'It serves nobody else');
  await until(() => [...closes.values()].every((count) => count > 0), 'A WebSocket does not close');
  assert.ok([...closes.values()].every((count) => count === 1));
  assert.equal(wss.clients.size, 0);
  await inTime(new Promise((resolve) => wss.close(resolve)), 'The server does not close');
}

async function checkClient(chunks: readonly Uint8Array[]): Promise<void> {
  const server = createServer();
  server.on('connection', async (socket) => {
    const attacker = new Http2Attacker(socket, true);
    // What is refused comes once more, on a session that ends with the WebSocket (RFC 9113 §8.7).
    const request = await attacker.until(({ type }) => type === HEADERS).catch(() => undefined);
    if (request !== undefined && (await attack(attacker, chunks))) ws.terminate();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const ws = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}/`, { http2: true });
  const told: string[] = [];
  for (const name of ['open', 'error', 'close'] as const) ws.on(name, () => told.push(name));
  await until(() => told.includes('close'), 'The WebSocket does not close');
  assert.match(told.join(), /^(open,)?(error,)?close$/);
  await inTime(new Promise((resolve) => server.close(resolve)), 'The listener does not close');
}

/**
 * Sends all, and then ends; returns whether the other end said GOAWAY: Node 20 hears nothing from then on, not even that the
 * connection ends, until it is silent for too long.
 */
async function attack(attacker: Http2Attacker, chunks: readonly Uint8Array[]): Promise<boolean> {
  const { socket } = attacker;
  socket.setNoDelay(true);
  for (const chunk of chunks) {
    if (socket.destroyed) break;
    socket.write(chunk);
    await new Promise((resolve) => setImmediate(resolve));
  }
  socket.end();
  await inTime(attacker.givenUp(), 'The session does not end');
  socket.destroy();
  return attacker.frames.some(({ type }) => type === GOAWAY);
}

async function talk(url: string): Promise<void> {
  const ws = new WebSocket(url, { http2: true });
  await once(ws, 'open');
  const echoed = once(ws, 'message');
  ws.send('hello');
  assert.equal(String((await echoed)[0]), 'hello');
  const closed = once(ws, 'close');
  ws.close();
  await closed;
}

async function until(done: () => boolean, otherwise: string): Promise<void> {
  const begun = performance.now();
  while (!done()) {
    assert.ok(performance.now() - begun < MAX_MS, otherwise);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

async function inTime<T>(work: Promise<T>, otherwise: string): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new assert.AssertionError({ message: otherwise })), MAX_MS);
  });
  try {
    await Promise.race([work, tooLate]);
  } finally {
    clearTimeout(timer);
  }
}
