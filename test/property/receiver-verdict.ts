import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { Protocol, type Role } from '../../src/core/index.ts';
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
export const DIFFERENCES: readonly Difference[] = [
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

/** What a receiver made of a stream. */
export interface Verdict {
  /** What was told, without the error. */
  readonly told: unknown[][];
  readonly error: string | undefined;
  /** The close code that answers the error. */
  readonly closeCode: number | undefined;
}

/** What a Protocol of ours tells of a stream. */
export function ours(role: Role, chunks: readonly Uint8Array[], maxPayload = MAX_PAYLOAD): Verdict {
  const events = new RecordedEvents();
  const transport = new RecordedTransport();
  const options = {
    maxPayload,
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

/** What the Receiver of ws tells of it. */
export async function theirs(role: Role, chunks: readonly Uint8Array[]): Promise<Verdict> {
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
export function compare(mine: Verdict, other: Verdict): void {
  const says = `${mine.error} here, ${other.error} in ws`;
  if (mine.error === other.error) {
    assert.equal(mine.closeCode, other.closeCode, says);
    if (mine.error !== 'WS_ERR_INVALID_UTF8') assert.deepEqual(mine.told, other.told);
  }
  const listed = DIFFERENCES.find((difference) => difference.ours === mine.error);
  if (mine.error !== other.error) {
    assert.ok(listed !== undefined, says);
    if (listed!.theirs === undefined) assert.equal(other.error, undefined, says);
  }
  assert.deepEqual(other.told.slice(0, mine.told.length), mine.told);
  const toldAfter = other.told.slice(mine.told.length).map(([name]) => name);
  if (listed === undefined || listed.toldAfter === 'nothing') assert.deepEqual(toldAfter, [], says);
  else if (listed.toldAfter === 'no message') assert.ok(!toldAfter.includes('message'), says);
}
