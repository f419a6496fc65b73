import { createRequire } from 'node:module';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Protocol, type Role, serializeFrame } from '../../src/core/index.ts';
import { bytes, hex, RecordedEvents, RecordedTransport } from '../core/recorder.ts';

/** What of ws's Receiver is used here; its published types leave it out. */
interface WsReceiver {
  write(chunk: Buffer): void;
  on(name: string, listener: (...args: never[]) => void): void;
}
const { Receiver } = createRequire(import.meta.url)('ws') as {
  Receiver: new (options: object) => WsReceiver;
};

const MAX_PAYLOAD = 200;

interface Difference {
  /** The error's code here. */
  readonly ours: string;
  /** What ws may say of the same bytes instead: `undefined` when it finds no fault, or none yet. */
  readonly theirs: 'anything' | undefined;
  /** What ws may tell behind what was told here. */
  readonly toldAfter: 'anything' | 'no message' | 'nothing';
  readonly reason: string;
  /** From a server, told whole: shows that the difference is there. */
  readonly example: string;
  readonly ofExample: string | undefined;
}

const FIRST_BYTE = {
  theirs: undefined,
  toldAfter: 'nothing',
  reason: 'refused at the first byte, which may be the last so far; ws waits for the second',
  ofExample: undefined,
} as const;

/** Where Hawser differs from ws on purpose; in all else they have to agree. */
const DIFFERENCES: readonly Difference[] = [
  {
    ours: 'WS_ERR_NON_MINIMAL_PAYLOAD_LENGTH',
    theirs: 'anything',
    toldAfter: 'anything',
    reason:
      'RFC 6455 §5.2: "the minimal number of bytes MUST be used to encode the length"; ws takes any form',
    example: '82 7e 00 01 aa',
    ofExample: undefined,
  },
  {
    ours: 'WS_ERR_INVALID_UTF8',
    theirs: 'anything',
    toldAfter: 'no message',
    reason: 'fails at the first bad byte; ws looks at a text once it is whole, if no other fault comes first',
    example: '01 01 ff 89 00 83 00',
    ofExample: 'WS_ERR_INVALID_OPCODE',
  },
  {
    ours: 'WS_ERR_UNSUPPORTED_DATA_PAYLOAD_LENGTH',
    theirs: undefined,
    toldAfter: 'nothing',
    reason: 'refused at the byte of the length that tells; ws waits for all eight',
    example: '82 7f 80',
    ofExample: undefined,
  },
  { ours: 'WS_ERR_UNEXPECTED_RSV_2_3', example: 'a1', ...FIRST_BYTE },
  { ours: 'WS_ERR_UNEXPECTED_RSV_1', example: 'c1', ...FIRST_BYTE },
  { ours: 'WS_ERR_INVALID_OPCODE', example: '83', ...FIRST_BYTE },
  { ours: 'WS_ERR_EXPECTED_FIN', example: '09', ...FIRST_BYTE },
];

interface Verdict {
  /** What was told, without the error. */
  readonly told: unknown[][];
  readonly error: string | undefined;
  /** The close code that answers the error. */
  readonly closeCode: number | undefined;
}

function ours(role: Role, chunks: readonly Uint8Array[]): Verdict {
  const events = new RecordedEvents();
  const transport = new RecordedTransport();
  const options = {
    maxPayload: MAX_PAYLOAD,
    checkUtf8: true,
    autoPong: false,
    generateMaskingKey: () => 0,
    allocate: (length: number) => new Uint8Array(length),
  };
  const protocol = new Protocol(role, options, transport, events);
  transport.flush = () => protocol.flush();
  for (const chunk of chunks) protocol.receive(Uint8Array.from(chunk));
  const error = events.log.find(([name]) => name === 'error')?.[1] as string | undefined;
  return {
    told: events.log.filter(([name]) => name !== 'error'),
    error,
    // The Close frame is all that is written, and its code comes last.
    closeCode: error === undefined ? undefined : Number.parseInt(transport.written.slice(-4), 16),
  };
}

async function theirs(role: Role, chunks: readonly Uint8Array[]): Promise<Verdict> {
  const told: unknown[][] = [];
  const receiver = new Receiver({ isServer: role === 'server', maxPayload: MAX_PAYLOAD });
  receiver.on('message', (data: Buffer, isBinary: boolean) => told.push(['message', hex(data), isBinary]));
  receiver.on('ping', (payload: Buffer) => told.push(['ping', hex(payload)]));
  receiver.on('pong', (payload: Buffer) => told.push(['pong', hex(payload)]));
  let concluded = false;
  receiver.on('conclude', (code: number, reason: Buffer) => {
    concluded = true;
    told.push(['close', code, hex(reason)]);
  });
  let fault: (Error & { code: string }) | undefined;
  receiver.on('error', (error: Error & { code: string }) => {
    fault = error;
  });
  // After a Close frame ws takes the receiver off the socket.
  for (const chunk of chunks) if (!concluded) receiver.write(Buffer.from(chunk));
  // A Writable tells its error, and takes what was written meanwhile, in later ticks.
  await new Promise((resolve) => setImmediate(resolve));
  return { told, error: fault?.code, closeCode: fault && statusCodeOf(fault) };
}

/** ws keeps the close code under a symbol of its own. */
function statusCodeOf(error: Error): number {
  const key = Object.getOwnPropertySymbols(error).find(({ description }) => description === 'status-code')!;
  return (error as unknown as Record<symbol, number>)[key]!;
}

/** Holds the two verdicts against each other and the table. */
function compare(mine: Verdict, other: Verdict): void {
  const says = `${mine.error} here, ${other.error} in ws`;
  if (mine.error === other.error) {
    expect(mine.closeCode, says).toBe(other.closeCode);
    if (mine.error !== 'WS_ERR_INVALID_UTF8') expect(mine.told).toEqual(other.told);
  }
  const listed = DIFFERENCES.find((difference) => difference.ours === mine.error);
  if (mine.error !== other.error) {
    expect(listed, says).toBeDefined();
    if (listed!.theirs === undefined) expect(other.error, says).toBeUndefined();
  }
  expect(other.told.slice(0, mine.told.length)).toEqual(mine.told);
  const toldAfter = other.told.slice(mine.told.length).map(([name]) => name);
  if (listed === undefined || listed.toldAfter === 'nothing') expect(toldAfter, says).toEqual([]);
  else if (listed.toldAfter === 'no message') expect(toldAfter, says).not.toContain('message');
}

interface Frame {
  readonly firstByte: number;
  readonly payload: Uint8Array;
  readonly masked: boolean;
}

const frame: fc.Arbitrary<Frame> = fc.record({
  firstByte: fc.oneof(
    { weight: 8, arbitrary: fc.constantFrom(0x81, 0x82, 0x01, 0x02, 0x00, 0x80, 0x89, 0x8a) },
    { weight: 1, arbitrary: fc.constant(0x88) },
    { weight: 1, arbitrary: fc.nat(255) },
  ),
  payload: fc.oneof(
    fc.string({ unit: 'binary', maxLength: 40 }).map((text) => new TextEncoder().encode(text)),
    fc.uint8Array({ maxLength: 150 }),
    fc.constantFrom(bytes('03e8'), bytes('03e8 62 79 65'), bytes('03ed'), bytes('03e8 ff'), bytes('03')),
  ),
  masked: fc.boolean(),
});

/** Headers with a length that is odd in some way. */
const header = fc.constantFrom(
  ...['7e 00 05', '7e 00 c8', '7e 00 c9', '7f 00 00 00 00 00 00 00 c8', '7f 00 00 00 00 00 01 00 00'],
  ...['7f 00 1f ff ff ff ff ff ff', '7f 00 20 00 00 00 00 00 00', '7f ff ff ff ff ff ff ff ff', '7f 80'],
);

const stream = fc
  .record({
    role: fc.constantFrom<Role>('client', 'server'),
    frames: fc.array(frame, { minLength: 1, maxLength: 6 }),
    fragmentsRightly: fc.oneof(
      { weight: 4, arbitrary: fc.constant(true) },
      { weight: 1, arbitrary: fc.boolean() },
    ),
    oddHeader: fc.option(header, { nil: undefined, freq: 4 }),
    mutations: fc.array(fc.tuple(fc.nat(600), fc.nat(255)), { maxLength: 2 }),
    sizes: fc.array(fc.integer({ min: 1, max: 64 }), { minLength: 1, maxLength: 5 }),
    masksRightly: fc.oneof(
      { weight: 4, arbitrary: fc.constant(true) },
      { weight: 1, arbitrary: fc.boolean() },
    ),
  })
  .map(({ role, frames, fragmentsRightly, oddHeader, mutations, sizes, masksRightly }) => {
    const parts = (fragmentsRightly ? inOrder(frames) : frames).map(({ firstByte, payload, masked }) => {
      const key = (masksRightly ? role === 'server' : masked) ? 0x12345678 : undefined;
      return serializeFrame(firstByte, payload, key, (length) => new Uint8Array(length));
    });
    if (oddHeader !== undefined) parts.push(withOddLength(role, oddHeader));
    const whole = Buffer.concat(parts);
    for (const [at, byte] of mutations) if (at < whole.length) whole[at] = byte;
    return { role, chunks: cut(whole, sizes) };
  });

/** Makes a frame a continuation, or not, as the one before it asks for. */
function inOrder(frames: readonly Frame[]): Frame[] {
  let fragmented = false;
  return frames.map((each) => {
    const opcode = each.firstByte & 0x0f;
    if (opcode > 2) return each;
    const begins = opcode === 0 ? 1 : opcode;
    const firstByte = (each.firstByte & 0xf0) | (fragmented ? 0 : begins);
    fragmented = (firstByte & 0x80) === 0;
    return { ...each, firstByte };
  });
}

function withOddLength(role: Role, length: string): Uint8Array {
  const odd = Uint8Array.from([0x82, ...bytes(length), ...new Uint8Array(210)]);
  if (role === 'server') odd[1]! |= 0x80;
  return odd;
}

function cut(whole: Uint8Array, sizes: readonly number[]): Uint8Array[] {
  const chunks: Uint8Array[] = [];
  for (let start = 0, i = 0; start < whole.length; i++) {
    const size = sizes[i % sizes.length]!;
    chunks.push(whole.subarray(start, start + size));
    start += size;
  }
  return chunks;
}

it('gives the verdict of ws on random and mutated streams, but for the differences that are listed', async () => {
  await fc.assert(
    fc.asyncProperty(stream, async ({ role, chunks }) => {
      compare(ours(role, chunks), await theirs(role, chunks));
    }),
    { numRuns: 3000 },
  );
}, 60_000);

it.each(DIFFERENCES)('differs from ws: $ours, $reason', async ({ ours: code, example, ofExample }) => {
  const chunks = [bytes(example)];
  const [mine, other] = [ours('client', chunks), await theirs('client', chunks)];
  expect([mine.error, other.error]).toEqual([code, ofExample]);
  compare(mine, other);
});
