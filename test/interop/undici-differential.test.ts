import assert from 'node:assert/strict';
import fc from 'fast-check';
import { WebSocket as UndiciWebSocket } from 'undici';
import { describe, expect, it } from 'vitest';
import { WebSocket } from '../../src/web/index.ts';
import { faults } from '../behaviour/faults.ts';
import { closePayload, frame, parseFrames, type RawFrame } from '../behaviour/raw-frames.ts';
import { serveRaw, upgradeResponse } from '../behaviour/raw-peer.ts';
import { frameStream } from '../property/frame-stream.ts';
import { ours } from '../property/receiver-verdict.ts';

/** What a client of the WHATWG standard made of a server's bytes. */
interface Verdict {
  /** Messages and pongs sent, as hexadecimal digits. */
  readonly messages: readonly string[];
  readonly pongs: readonly string[];
  readonly failed: boolean;
  readonly end: readonly [code: number, reason: string, wasClean: boolean];
  /** The code of its Close frame, if it sent one: undici adds reasons of its own to faults, and echoes none. */
  readonly closeCode: number | undefined;
}

type Client = typeof WebSocket | typeof UndiciWebSocket;

/** Has a client connect to a server that sends `bytes`, ends its stream and reads until the client's ends. */
async function verdict(Class: Client, bytes: Uint8Array, deflate = false): Promise<Verdict> {
  let received: Promise<Buffer>;
  const headers = deflate ? { 'Sec-WebSocket-Extensions': 'permessage-deflate' } : undefined;
  const server = await serveRaw(
    (peer, head) => {
      received = peer.closed.then(() => peer.received);
      peer.socket.write(upgradeResponse(head, headers));
      peer.socket.end(bytes);
    },
    { allowHalfOpen: true },
  );
  const ws = new Class(server.url) as WebSocket;
  ws.binaryType = 'arraybuffer';
  const messages: string[] = [];
  let failed = false;
  const end = await new Promise<Verdict['end']>((resolve) => {
    ws.onmessage = ({ data }) => messages.push(toHex(data as string | ArrayBuffer));
    ws.onerror = () => {
      failed = true;
    };
    ws.onclose = ({ code, reason, wasClean }) => resolve([code, reason, wasClean]);
  });
  const frames = parseFrames(await received!);
  await server.close();
  const payloads = (opcode: number) =>
    frames.filter((each) => each.opcode === opcode).map(({ payload }) => payload.toString('hex'));
  return { messages, pongs: payloads(10), failed, end, closeCode: closeCodeIn(frames) };
}

/** The code of the first Close frame, 1005 for one without. */
function closeCodeIn(frames: readonly RawFrame[]): number | undefined {
  const close = frames.find(({ opcode }) => opcode === 8);
  return close && (close.payload.length === 0 ? 1005 : close.payload.readUInt16BE(0));
}

function toHex(data: string | ArrayBuffer): string {
  return typeof data === 'string'
    ? `text ${Buffer.from(data).toString('hex')}`
    : Buffer.from(data).toString('hex');
}

interface Difference {
  /** The error's code here. */
  readonly ours: string;
  readonly reason: string;
  /** What shows that the difference is there, and whether it is on a connection with permessage-deflate. */
  readonly example: Buffer;
  readonly deflate: boolean;
  /** What undici makes of it, beside what is equal. */
  readonly theirs: Partial<Verdict>;
}

const DIFFERENCES: readonly Difference[] = [
  {
    ours: 'WS_ERR_NON_MINIMAL_PAYLOAD_LENGTH',
    reason: 'RFC 6455 §5.2 wants the shortest form of a length; undici takes any',
    example: Buffer.from([0x82, 126, 0, 1, 0xaa]),
    deflate: false,
    theirs: { messages: ['aa'], closeCode: undefined },
  },
  {
    ours: 'WS_ERR_INVALID_UTF8',
    reason:
      'fails at the first bad byte; undici looks at a text once it is whole, if no other fault comes first',
    example: Buffer.concat([f(0x01, Buffer.of(0xff)), f(0x89, 'p'), f(0x83)]),
    deflate: false,
    theirs: { pongs: ['70'], closeCode: 1002 },
  },
  {
    ours: 'WS_ERR_UNEXPECTED_RSV_1',
    reason:
      'RFC 7692 §6.1: RSV1 is for the first frame of a message; with permessage-deflate undici takes it anywhere',
    example: f(0xc9),
    deflate: true,
    theirs: { pongs: [''], closeCode: undefined },
  },
];

const SESSIONS: ReadonlyArray<readonly [name: string, ...frames: Buffer[]]> = [
  ['nothing'],
  ['a Close frame', f(0x88, closePayload(1000, 'bye'))],
  ['a Close frame without a code', f(0x88)],
  ['a code of the application', f(0x81, 'x'), f(0x88, closePayload(4999, '€'.repeat(41)))],
  [
    'text and binary',
    f(0x81, '€'),
    f(0x82, Buffer.alloc(300, 1)),
    f(0x81),
    f(0x82),
    f(0x88, closePayload(1001)),
  ],
  ['fragments around a ping', f(0x01, 'x'), f(0x89, 'p'), f(0x00), f(0x80, 'y'), f(0x88, closePayload(1000))],
  ['a character in two fragments', f(0x01, Buffer.of(0xe2, 0x82)), f(0x80, Buffer.of(0xac))],
  ['a pong that nobody asked for', f(0x8a, 'p'), f(0x81, 'x')],
  ['an end within a header', f(0x81, 'x'), Buffer.of(0x82)],
  ['an end within a payload', f(0x81, 'x'), f(0x82, 'payload').subarray(0, 5)],
  ['an end within a message', f(0x81, 'x'), f(0x01, 'y')],
  ['messages behind a Close frame', f(0x88, closePayload(1000)), f(0x81, 'x')],
];

function f(firstByte: number, payload: string | Uint8Array = ''): Buffer {
  return frame(firstByte, payload, false);
}

/** Holds the verdicts against each other: they are the same, or the difference is listed and ours told less. */
function compare(mine: Verdict, theirs: Verdict, error: string | undefined): void {
  if (!DIFFERENCES.some(({ ours }) => ours === error)) {
    assert.deepEqual(mine, theirs);
    return;
  }
  assert.equal(mine.failed, true);
  assert.deepEqual(theirs.messages.slice(0, mine.messages.length), mine.messages);
  assert.deepEqual(theirs.pongs.slice(0, mine.pongs.length), mine.pongs);
}

/** The code of the fault in `bytes`, where no payload is too long. */
function errorIn(bytes: Uint8Array): string | undefined {
  return ours('client', [bytes], DEFAULT_MAX_PAYLOAD_BYTES).error;
}

/** Without those of deflate: undici inflates in another thread, and may see the end of the stream before the fault. */
const PLAIN_FAULTS = faults(false).filter(({ deflate }) => !deflate);

const DEFAULT_MAX_PAYLOAD_BYTES = 100 * 1024 * 1024;

describe('our WebSocket of the standard and undici’s, on the same bytes of a server', () => {
  it.each(SESSIONS)('make the same of %s', async (_name, ...frames) => {
    const bytes = Buffer.concat(frames as Buffer[]);
    const mine = await verdict(WebSocket, bytes);
    expect(mine).toEqual(await verdict(UndiciWebSocket, bytes));
    expect(errorIn(bytes)).toBe(undefined);
  });

  it.each(PLAIN_FAULTS)('make the same of $name, but for what is listed', async (fault) => {
    const [mine, theirs] = [
      await verdict(WebSocket, fault.bytes),
      await verdict(UndiciWebSocket, fault.bytes),
    ];
    compare(mine, theirs, fault.errorCode);
  });

  it.each(DIFFERENCES)('differ: $ours, $reason', async ({ example, deflate, theirs }) => {
    const mine = await verdict(WebSocket, example, deflate);
    expect(await verdict(UndiciWebSocket, example, deflate)).toEqual({ ...mine, ...theirs });
    expect(mine).toMatchObject({ failed: true, messages: [], pongs: [] });
  });

  it('make the same of random and mutated streams, but for what is listed', async () => {
    const ofServer = frameStream.filter(({ role }) => role === 'client');
    await fc.assert(
      fc.asyncProperty(ofServer, async ({ chunks }) => {
        const bytes = Buffer.concat(chunks);
        compare(await verdict(WebSocket, bytes), await verdict(UndiciWebSocket, bytes), errorIn(bytes));
      }),
      { numRuns: 150 },
    );
  });
});

describe('our WebSocket of the standard and undici’s, with the same calls', () => {
  it.each([
    ['close with nothing', (ws: WebSocket) => ws.close()],
    ['close with a code', (ws: WebSocket) => ws.close(3000)],
    ['close with a code and a reason', (ws: WebSocket) => ws.close(1000, '€')],
    [
      'messages of every kind and length',
      (ws: WebSocket) => {
        for (const length of [0, 1, 125, 126, 65_535, 65_536]) {
          ws.send('x'.repeat(length));
          ws.send(new Uint8Array(length));
        }
        // No Blob: behind one undici sends its Close frame before the messages.
        ws.send(new Uint8Array([1, 2, 3, 4]).subarray(1, 3));
        ws.send('\ud800€');
        ws.close(4999, 'bye');
      },
    ],
  ])('send the same: %s', async (_name, act) => {
    const mine = await sent(WebSocket, act);
    expect(mine).toEqual(await sent(UndiciWebSocket, act));
    expect(mine.every(({ masked }) => masked)).toBe(true);
    expect(mine.at(-1)!.opcode).toBe(8);
  });
});

/** The frames that a client sends in `act` to a server that answers its Close frame. */
async function sent(Class: Client, act: (ws: WebSocket) => void): Promise<RawFrame[]> {
  let frames: Promise<RawFrame[]>;
  const server = await serveRaw((peer, head) => {
    peer.socket.write(upgradeResponse(head));
    frames = peer
      .until((received) => parseFrames(received).at(-1)?.opcode === 8)
      .then(() => parseFrames(peer.received));
    frames.then((all) => peer.socket.end(f(0x88, all.at(-1)!.payload)));
  });
  const ws = new Class(server.url) as WebSocket;
  await new Promise((resolve) => {
    ws.onclose = resolve;
    ws.onopen = () => act(ws);
  });
  await server.close();
  return frames!;
}
