import { describe, expect, it } from 'vitest';
import { Protocol, type Transport } from '../../src/core/index.ts';
import type { WebSocket } from '../../src/index.ts';
import { closeCodes, frame } from '../behaviour/raw-frames.ts';
import { next } from '../compat/connection-pair.ts';
import {
  attack,
  attackCompressed,
  deflated,
  ended,
  fragmented,
  lookedAt,
  MIB,
  memoryInUse,
  ROLES,
  type Role,
  repeated,
  type Victim,
  write,
} from './attack.ts';

const MILLION = 1_000_000;
/** What garbage collection and the test's own buffers may leave: wrappers of a million parts are ten times that. */
const NOISE_BYTES = 8 * MIB;

const TRANSPORT: Transport = {
  destroyed: false,
  full: false,
  write: () => {},
  flushSoon: () => {},
  queued: () => {},
  pauseReading: () => {},
  resumeReading: () => {},
  end: () => {},
  destroy: () => {},
};

function protocol(role: Role, maxPayload = 100 * MIB): Protocol {
  const options = {
    maxPayload,
    checkUtf8: true,
    autoPong: true,
    generateMaskingKey: () => 0,
    allocate: (length: number) => new Uint8Array(length),
  };
  const ignore = (): void => {};
  const events = {
    onMessage: ignore,
    onPing: ignore,
    onPong: ignore,
    onClose: ignore,
    onError: (error: Error) => {
      throw error;
    },
  };
  return new Protocol(role, options, TRANSPORT, events);
}

describe.each(ROLES)('parts of messages sent to a %s', (role) => {
  const masked = role === 'server';

  it('row 1: a million one-byte fragments of a message that never ends cost little more than their bytes', async () => {
    const { peer, frame } = await attack(role);
    await write(peer, frame(0x02, 'x'));
    const flood = repeated(10_000, frame(0x00, 'x'));
    const before = await memoryInUse();
    for (let i = 0; i < 100; i++) await write(peer, flood);
    await lookedAt(peer, frame(0x89, 'p'));
    expect((await memoryInUse()) - before).toBeLessThan(2 * MILLION + NOISE_BYTES);
  });

  it('row 1: a frame that comes in a million one-byte chunks costs little more than its bytes', async () => {
    const victim = protocol(role);
    const header = Buffer.alloc(masked ? 14 : 10);
    header.set([0x82, masked ? 0xff : 0x7f]);
    header.writeBigUInt64BE(BigInt(2 * MILLION), 2);
    victim.receive(header);
    const before = await memoryInUse();
    for (let i = 0; i < MILLION; i++) victim.receive(Uint8Array.of(i));
    expect((await memoryInUse()) - before).toBeLessThan(4 * MILLION + NOISE_BYTES);
    expect(victim.open).toBe(true);
  });

  it('row 1: a message in a million fragments costs little more than its bytes also where it is told in fragments', async () => {
    const { socket, peer, frame } = await attack(role);
    socket.binaryType = 'fragments';
    const message = next(socket, 'message');
    const flood = repeated(10_000, frame(0x00, 'x'));
    const before = await memoryInUse();
    await write(peer, frame(0x02, 'x'));
    for (let i = 0; i < 100; i++) await write(peer, flood);
    await write(peer, frame(0x80, 'x'));
    const [fragments] = (await message) as [Buffer[]];
    expect((await memoryInUse()) - before).toBeLessThan(2 * MILLION + NOISE_BYTES);
    expect(Buffer.concat(fragments)).toHaveLength(MILLION + 2);
  });

  it('row 1: a million one-byte fragments of a message that is read in pieces, or not read, cost a few MiB', async () => {
    const { socket, peer, frame } = await attack(role);
    const messages = streamsOf(socket);
    await write(peer, frame(0x02, 'x'));
    const { value: stream } = await messages.next();
    const flood = repeated(MILLION, frame(0x00, 'x'));
    const before = await memoryInUse();
    peer.socket.write(flood);
    await unread(socket);
    expect((await memoryInUse()) - before).toBeLessThan(4 * MIB);
    let length = 0;
    for await (const piece of stream!) {
      length += piece.length;
      if (length === MILLION + 1) break;
    }
    expect((await memoryInUse()) - before).toBeLessThan(MIB);
  });

  it('row 2: a message in a million fragments passes, and the next one too', async () => {
    const { socket, peer, frame } = await attack(role);
    for (const count of [MILLION, 20_000]) {
      const message = next(socket, 'message');
      await write(peer, frame(0x02, 'x'));
      await write(peer, repeated(count - 2, frame(0x00, 'x')));
      await write(peer, frame(0x80, 'x'));
      expect((await message)[0]).toHaveLength(count);
    }
  });

  it('row 2: a flood of empty fragments ends the connection with 1008', async () => {
    const { socket, peer, frame } = await attack(role);
    socket.on('message', () => expect.unreachable());
    const end = ended(socket);
    const flood = [frame(0x02, 'x'), repeated(100_000, frame(0x00)), frame(0x80, 'x')];
    peer.socket.write(Buffer.concat(flood));
    await peer.until((received) => closeCodes(received).length > 0);
    peer.socket.end();
    expect(closeCodes(peer.received)).toEqual([1008]);
    expect(await end).toEqual(['WS_ERR_TOO_MANY_BUFFERED_PARTS', 1006]);
  });

  it('row 3: small messages that are kept do not keep what came with them', async () => {
    const { socket, peer, frame } = await attack(role);
    const kept: unknown[] = [];
    socket.on('message', (data: Buffer) => data.length < 100 && kept.push(data));
    const both = Buffer.concat([frame(0x82, 'small'), frame(0x82, Buffer.alloc(65_000))]);
    const before = await memoryInUse();
    for (let i = 0; i < 500; i++) await write(peer, both);
    await lookedAt(peer, frame(0x89, 'p'));
    expect(kept).toHaveLength(500);
    expect((await memoryInUse()) - before).toBeLessThan(NOISE_BYTES);
  });

  it('row 3: a subprotocol does not keep the head that it came in', async () => {
    const protocols = ['v1.subprotocol.example'];
    const open: Victim[] = [];
    const growth = async (other: string): Promise<number> => {
      const headers = { 'Sec-WebSocket-Protocol': protocols[0]!, 'X-Other': other };
      const before = await memoryInUse();
      for (let i = 0; i < 100; i++)
        open.push((await attack(role, { headers, settings: { protocols } })).socket);
      return (await memoryInUse()) - before;
    };
    const short = await growth('x');
    expect((await growth('x'.repeat(15_000))) - short).toBeLessThan(100 * 5_000);
    expect(open.every(({ protocol }) => protocol === protocols[0])).toBe(true);
  });

  it('row 3: unfinished messages do not keep the chunks that they came in', async () => {
    const whole = frame(0x82, Buffer.alloc(65_000), masked);
    const unfinished = [frame(0x02, 'small', masked), frame(0x00, 'more', masked).subarray(0, -2)];
    const before = await memoryInUse();
    const victims = Array.from({ length: 1000 }, () => {
      const victim = protocol(role);
      victim.receive(Uint8Array.from(Buffer.concat([whole, ...unfinished])));
      return victim;
    });
    expect((await memoryInUse()) - before).toBeLessThan(NOISE_BYTES);
    expect(victims.every(({ open }) => open)).toBe(true);
  });

  it('row 3: small messages that wait for a slow peer do not keep the memory that they are parts of', async () => {
    const { socket, peer } = await attack(role);
    peer.socket.pause();
    fillSocket(socket);
    const before = await memoryInUse();
    for (let i = 0; i < 1000; i++) socket.send(Buffer.alloc(65_536).subarray(0, 10));
    expect((await memoryInUse()) - before).toBeLessThan(NOISE_BYTES);
    expect(socket.bufferedAmount).toBeGreaterThan(10_000);
  });

  it('row 4: the limit is on the sum of the fragments, and shows at the header of the one too many', async () => {
    const { socket, peer, frame } = await attack(role, { settings: { maxPayload: 1000 } });
    const end = ended(socket);
    const header = frame(0x80, Buffer.alloc(101)).subarray(0, masked ? 6 : 2);
    peer.socket.write(Buffer.concat([frame(0x02), repeated(9, frame(0x00, Buffer.alloc(100))), header]));
    await peer.until((received) => closeCodes(received).length > 0);
    peer.socket.end();
    expect(closeCodes(peer.received)).toEqual([1009]);
    expect(await end).toEqual(['WS_ERR_UNSUPPORTED_MESSAGE_LENGTH', 1006]);
  });

  it('row 4: the sum counts for compressed fragments too, before and after inflating', async () => {
    const noise = Buffer.from(Array.from({ length: 3000 }, (_, i) => (i * i * 7919) >> 5));
    const payloads = [deflated(noise).subarray(0, 2000), deflated(Buffer.alloc(1001))];
    for (const payload of payloads) {
      const { socket, peer } = await attackCompressed(role, { maxPayload: 1000 });
      const end = ended(socket);
      peer.socket.write(fragmented(0x42, payload, 8, masked));
      await peer.until((received) => closeCodes(received).length > 0);
      peer.socket.end();
      expect(closeCodes(peer.received)).toEqual([1009]);
      expect(await end).toEqual(['WS_ERR_UNSUPPORTED_MESSAGE_LENGTH', 1006]);
    }
  });

  it('row 4: what is told in pieces is held to maxStreamedBytes, over all fragments, before and after inflating', async () => {
    const settings = { maxStreamedBytes: 1000 };
    const plain = [frame(0x02, '', masked), repeated(11, frame(0x00, Buffer.alloc(100), masked))];
    const bomb = fragmented(0x42, deflated(Buffer.alloc(1001)), 8, masked);
    for (const attacked of [attack(role, { settings }), attackCompressed(role, settings)]) {
      const { socket, peer } = await attacked;
      const received = lengths(streamsOf(socket));
      peer.socket.write(socket.extensions === '' ? Buffer.concat(plain) : bomb);
      await peer.until((received) => closeCodes(received).length > 0);
      peer.socket.end();
      expect(closeCodes(peer.received)).toEqual([1009]);
      await expect(received).rejects.toMatchObject({ code: 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH' });
    }
  });

  it('row 4: nothing of a message without end is held that is told in pieces, read or not', async () => {
    const { socket, peer, frame } = await attack(role, { settings: { maxPayload: 1000 } });
    const messages = streamsOf(socket);
    await write(peer, frame(0x02, 'x'));
    const { value: stream } = await messages.next();
    const flood = repeated(256, frame(0x00, Buffer.alloc(65_000)));
    const before = await memoryInUse();
    peer.socket.write(flood);
    await unread(socket);
    expect((await memoryInUse()) - before).toBeLessThan(MIB);
    let length = 0;
    for await (const piece of stream!) {
      length += piece.length;
      if (length === 256 * 65_000 + 1) break;
    }
    expect((await memoryInUse()) - before).toBeLessThan(MIB);
  });

  it('row 8: a frame that promises 100 MiB and brings one byte costs next to nothing', async () => {
    const { socket, peer, frame } = await attack(role);
    const header = Buffer.alloc(masked ? 14 : 10);
    header.set([0x82, masked ? 0xff : 0x7f]);
    header.writeBigUInt64BE(BigInt(100 * MIB), 2);
    await lookedAt(peer, frame(0x89, 'p'));
    const before = await memoryInUse();
    const { bytesRead } = socket._socket;
    await write(peer, Buffer.concat([header, Buffer.from('x')]));
    while (socket._socket.bytesRead < bytesRead + header.length + 1) await new Promise(setImmediate);
    expect((await memoryInUse()) - before).toBeLessThan(MIB);
    expect(socket.readyState).toBe(socket.OPEN);
  });
});

/** Sends what the system does not take, so that all that comes behind it waits. */
function fillSocket(socket: Victim): void {
  const filler = Buffer.alloc(MIB);
  for (let i = 0; i < 16; i++) socket.send(filler);
}

type Streams = ReturnType<WebSocket['messageStreams']>;

/** Takes a victim's messages in pieces. */
function streamsOf(socket: Victim): Streams {
  return (socket as unknown as WebSocket).messageStreams();
}

/** Reads all messages, and returns how long they were. */
async function lengths(messages: Streams): Promise<number[]> {
  const all: number[] = [];
  for await (const stream of messages) {
    let length = 0;
    for await (const piece of stream) length += piece.length;
    all.push(length);
  }
  return all;
}

/** Waits until a victim reads nothing more. */
async function unread(socket: Victim): Promise<void> {
  while (!socket._socket.isPaused()) await new Promise(setImmediate);
}
