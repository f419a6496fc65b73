import { createRequire } from 'node:module';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Protocol, type Role, serializeFrame } from '../../src/core/index.ts';
import { hex, RecordedEvents, RecordedTransport } from '../core/recorder.ts';

/** What of ws's Receiver is used here; its published types leave it out. */
interface WsReceiver {
  write(chunk: Buffer): void;
  on(name: string, listener: (...args: never[]) => void): void;
}
const { Receiver } = createRequire(import.meta.url)('ws') as {
  Receiver: new (options: object) => WsReceiver;
};

const MAX_PAYLOAD = 200;

/**
 * Where Hawser differs from ws on purpose. `ours` is the error's code here; `theirs` is what ws says of the same bytes:
 * an error's code, or `undefined` when it finds none (yet).
 */
const DIFFERENCES = [
  {
    ours: 'WS_ERR_NON_MINIMAL_PAYLOAD_LENGTH',
    theirs: () => true,
    reason:
      'RFC 6455 §5.2: "the minimal number of bytes MUST be used to encode the length"; ws takes any form',
  },
  {
    ours: 'WS_ERR_INVALID_UTF8',
    theirs: () => true,
    reason:
      'fails at the first bad byte; ws looks at text when the message is whole, if no other fault comes before',
  },
  {
    ours: 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH',
    theirs: (code: string | undefined) => code === undefined || code === 'WS_ERR_EXPECTED_MASK',
    reason: 'refused from the length alone; ws asks for the rest of the header first',
  },
  {
    ours: 'WS_ERR_EXPECTED_MASK',
    theirs: (code: string | undefined) => code === undefined || code.startsWith('WS_ERR_'),
    reason: 'refused at the second byte; ws reads the extended length first',
  },
  {
    ours: 'WS_ERR_UNEXPECTED_MASK',
    theirs: (code: string | undefined) => code === undefined || code.startsWith('WS_ERR_'),
    reason: 'refused at the second byte; ws reads the extended length first',
  },
  {
    ours: 'WS_ERR_UNSUPPORTED_DATA_PAYLOAD_LENGTH',
    theirs: (code: string | undefined) => code === undefined,
    reason: 'refused at the length’s first byte that tells; ws waits for all of it',
  },
  ...(
    [
      'WS_ERR_UNEXPECTED_RSV_2_3',
      'WS_ERR_UNEXPECTED_RSV_1',
      'WS_ERR_INVALID_OPCODE',
      'WS_ERR_EXPECTED_FIN',
    ] as const
  ).map((code) => ({
    ours: code,
    theirs: (other: string | undefined) => other === undefined,
    reason: 'refused at the first byte, which may be the last of the stream; ws waits for the second',
  })),
  {
    ours: undefined,
    theirs: (code: string | undefined) => code === undefined,
    reason: 'no fault',
  },
] as const;

type Log = unknown[][];

function ours(role: Role, chunks: Buffer[]): { log: Log; error: string | undefined } {
  const events = new RecordedEvents();
  const options = {
    maxPayload: MAX_PAYLOAD,
    checkUtf8: true,
    autoPong: false,
    generateMaskingKey: () => 0,
    allocate: (length: number) => new Uint8Array(length),
  };
  const protocol = new Protocol(role, options, new RecordedTransport(), events);
  for (const chunk of chunks) protocol.receive(Uint8Array.from(chunk));
  return verdict(events.log);
}

async function theirs(role: Role, chunks: Buffer[]): Promise<{ log: Log; error: string | undefined }> {
  const log: Log = [];
  const receiver = new Receiver({ isServer: role === 'server', maxPayload: MAX_PAYLOAD });
  receiver.on('message', (data: Buffer, isBinary: boolean) => log.push(['message', hex(data), isBinary]));
  receiver.on('ping', (payload: Buffer) => log.push(['ping', hex(payload)]));
  receiver.on('pong', (payload: Buffer) => log.push(['pong', hex(payload)]));
  let concluded = false;
  receiver.on('conclude', (code: number, reason: Buffer) => {
    concluded = true;
    log.push(['close', code, hex(reason)]);
  });
  let error: string | undefined;
  receiver.on('error', (fault: Error & { code: string }) => {
    error = fault.code;
  });
  // After a Close frame ws takes the receiver off the socket.
  for (const chunk of chunks) if (!concluded) receiver.write(Buffer.from(chunk));
  // A Writable tells its error, and takes what was written meanwhile, in later ticks.
  await new Promise((resolve) => setImmediate(resolve));
  return { log, error };
}

function verdict(log: Log): { log: Log; error: string | undefined } {
  const error = log.find(([name]) => name === 'error')?.[1] as string | undefined;
  return { log: log.filter(([name]) => name !== 'error'), error };
}

const frame = fc.record({
  firstByte: fc.oneof(
    { weight: 5, arbitrary: fc.constantFrom(0x81, 0x82, 0x01, 0x02, 0x00, 0x80, 0x89, 0x8a, 0x88) },
    { weight: 1, arbitrary: fc.nat(255) },
  ),
  payload: fc.oneof(
    fc.string({ unit: 'binary', maxLength: 40 }).map((text) => new TextEncoder().encode(text)),
    fc.uint8Array({ maxLength: 150 }),
    fc.constant(new Uint8Array([0x03, 0xe8])),
  ),
  masked: fc.boolean(),
});

const stream = fc
  .tuple(
    fc.constantFrom<Role>('client', 'server'),
    fc.array(frame, { minLength: 1, maxLength: 6 }),
    fc.array(fc.tuple(fc.nat(400), fc.nat(255)), { maxLength: 2 }),
    fc.integer({ min: 1, max: 64 }),
    fc.boolean(),
  )
  .map(([role, frames, mutations, size, lawfulMask]) => {
    const bytes = Buffer.concat(
      frames.map(({ firstByte, payload, masked }) => {
        const key = (lawfulMask ? role === 'server' : masked) ? 0x12345678 : undefined;
        return serializeFrame(firstByte, payload, key, (length) => new Uint8Array(length));
      }),
    );
    for (const [at, byte] of mutations) if (at < bytes.length) bytes[at] = byte;
    const chunks: Buffer[] = [];
    for (let start = 0; start < bytes.length; start += size) chunks.push(bytes.subarray(start, start + size));
    return { role, chunks };
  });

it('gives the verdict of ws on random and mutated streams, but for the differences that are listed', async () => {
  await fc.assert(
    fc.asyncProperty(stream, async ({ role, chunks }) => {
      const mine = ours(role, chunks);
      const other = await theirs(role, chunks);
      if (mine.error === other.error && mine.error !== 'WS_ERR_INVALID_UTF8') {
        expect(mine.log).toEqual(other.log);
        return;
      }
      const listed = DIFFERENCES.find((difference) => difference.ours === mine.error);
      expect(listed?.theirs(other.error), `${mine.error} here, ${other.error} in ws`).toBe(true);
      // Up to the fault both have told the same.
      expect(other.log.slice(0, mine.log.length)).toEqual(mine.log);
    }),
    { numRuns: 3000 },
  );
}, 60_000);
