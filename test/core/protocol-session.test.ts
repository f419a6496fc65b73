import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Compression,
  type CompressionCallback,
  Protocol,
  type ProtocolOptions,
  type Role,
  serializeFrame,
} from '../../src/core/index.ts';
import { bytes, hex, RecordedEvents, RecordedTransport } from './recorder.ts';

const KEY = 0x1f2e3d4c;
const NO_BYTES = new Uint8Array(0);
const allocate = (length: number): Uint8Array => new Uint8Array(length);

/** "Compresses" by adding a byte, and answers at once or when it is told to, as `answersAtOnce` says call by call. */
class AddingCompression implements Compression {
  readonly waiting: Array<() => void> = [];

  constructor(readonly answersAtOnce: () => boolean) {}

  worthwhile(): boolean {
    return true;
  }

  compress(payload: Uint8Array, _fin: boolean, callback: CompressionCallback): void {
    this.#answer(callback, Uint8Array.from([...payload, 0]));
  }

  inflate(payload: Uint8Array, _fin: boolean, _maxLength: number, callback: CompressionCallback): void {
    this.#answer(callback, payload.slice(0, -1));
  }

  answerAll(): void {
    for (let next = this.waiting.shift(); next !== undefined; next = this.waiting.shift()) next();
  }

  #answer(callback: CompressionCallback, result: Uint8Array): void {
    if (this.answersAtOnce()) callback(null, result);
    else this.waiting.push(() => callback(null, result));
  }
}

function setUp(role: Role, options: Partial<ProtocolOptions> = {}) {
  const events = new RecordedEvents();
  const transport = new RecordedTransport();
  const defaults: ProtocolOptions = {
    maxPayload: 1 << 20,
    checkUtf8: true,
    autoPong: false,
    generateMaskingKey: () => KEY,
    allocate,
  };
  const protocol = new Protocol(role, { ...defaults, ...options }, transport, events);
  transport.flush = () => protocol.flush();
  return { protocol, events, transport };
}

interface Item {
  readonly kind: 'text' | 'binary' | 'ping' | 'pong';
  readonly fragments: readonly Uint8Array[];
  readonly compressed: boolean;
}

const encoded = fc.string({ unit: 'binary', maxLength: 50 }).map((text) => new TextEncoder().encode(text));
const binary = fc.uint8Array({ maxLength: 300 });

/** A text cut anywhere, in characters too. */
const cutText = fc.tuple(encoded, fc.nat(200)).map(([text, cut]) => [text.slice(0, cut), text.slice(cut)]);

const item: fc.Arbitrary<Item> = fc.oneof(
  fc.record({ kind: fc.constant('text'), fragments: cutText, compressed: fc.boolean() }),
  fc.record({
    kind: fc.constant('binary'),
    fragments: fc.array(binary, { minLength: 1, maxLength: 4 }),
    compressed: fc.boolean(),
  }),
  fc.record({
    kind: fc.constantFrom('ping', 'pong'),
    fragments: fc.uint8Array({ maxLength: 125 }).map((payload) => [payload]),
    compressed: fc.constant(false),
  }),
);

const OPCODE = { text: 0x1, binary: 0x2, ping: 0x9, pong: 0xa };

function framesOf({ kind, fragments, compressed }: Item, key: number | undefined): Uint8Array[] {
  const pieces = compressed ? [...fragments, Uint8Array.of(0)] : fragments;
  return pieces.map((payload, i) => {
    const fin = i === pieces.length - 1 ? 0x80 : 0;
    const rsv1 = compressed && i === 0 ? 0x40 : 0;
    return serializeFrame(fin | rsv1 | (i === 0 ? OPCODE[kind] : 0), payload, key, allocate);
  });
}

function toldOf({ kind, fragments }: Item): unknown[] {
  const payload = hex(Buffer.concat(fragments));
  return kind === 'text' || kind === 'binary' ? ['message', payload, kind === 'binary'] : [kind, payload];
}

describe('a session', () => {
  it('is told the same in any chunking, whenever inflating ends, and keeps nothing of a chunk', () => {
    fc.assert(
      fc.property(
        fc.constantFrom<Role>('client', 'server'),
        fc.array(item, { maxLength: 8 }),
        fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1 }),
        fc.array(fc.boolean(), { minLength: 1 }),
        (role, items, sizes, atOnce) => {
          let calls = 0;
          const compression = new AddingCompression(() => atOnce[calls++ % atOnce.length]!);
          const { protocol, events, transport } = setUp(role, { compression });
          const key = role === 'server' ? KEY : undefined;
          const close = serializeFrame(0x88, bytes('03e8'), key, allocate);
          const stream = Buffer.concat([...items.flatMap((each) => framesOf(each, key)), close]);

          for (let start = 0, i = 0; start < stream.length; i++) {
            const size = sizes[i % sizes.length]!;
            const chunk = Uint8Array.from(stream.subarray(start, start + size));
            protocol.receive(chunk);
            chunk.fill(0xee);
            if (i % 3 === 0) compression.answerAll();
            start += size;
          }
          protocol.whenReceived(() => events.log.push(['received']));
          compression.answerAll();

          expect(events.log).toEqual([...items.map(toldOf), ['close', 1000, ''], ['received']]);
          // Reading never stays paused, or the peer's FIN would not be seen.
          expect(transport.log.lastIndexOf('resume')).toBeGreaterThanOrEqual(
            transport.log.lastIndexOf('pause'),
          );
        },
      ),
      { numRuns: 500 },
    );
  });

  it('goes on in order when what was held back is inflated at once', () => {
    const atOnce = [false, true];
    const compression = new AddingCompression(() => atOnce.shift()!);
    const { protocol, events, transport } = setUp('client', { compression });
    protocol.receive(bytes('c2 02 01 00 c2 02 02 00 82 01 03'));
    protocol.whenReceived(() => events.log.push(['received']));
    compression.answerAll();
    const told = ['01', '02', '03'].map((payload) => ['message', payload, true]);
    expect(events.log).toEqual([...told, ['received']]);
    expect(transport.log).toEqual(['pause', 'resume']);
  });

  it.each([
    ['a Close frame', '88 00'],
    ['a fault', '83'],
    ['a text that is not UTF-8', '81 01 ff'],
  ])('reads on behind %s that was held back, so that the peer’s FIN is seen', (_, text) => {
    const compression = new AddingCompression(() => false);
    const { protocol, transport } = setUp('client', { compression });
    protocol.receive(bytes(`c2 02 01 00 ${text}`));
    compression.answerAll();
    expect(protocol.doneReading).toBe(true);
    expect(transport.log.filter((call) => call !== 'write')).toEqual(['pause', 'end', 'resume']);
  });

  it('is not paused for what is inflated at once', () => {
    const { protocol, events, transport } = setUp('client', {
      compression: new AddingCompression(() => true),
    });
    protocol.receive(bytes('c2 02 01 00'));
    expect([events.log, transport.log]).toEqual([[['message', '01', true]], []]);
  });
});

/** Two ends, back to back. */
function connect() {
  const client = setUp('client');
  const server = setUp('server');
  const carry = (from: typeof client, to: typeof client): void => {
    const written = bytes(from.transport.written);
    from.transport.written = '';
    to.protocol.receive(written);
  };
  return { client, server, carry };
}

describe('closing', () => {
  it.each(['client', 'server'] as const)('by the %s: both see the code, and both end', (first) => {
    const ends = connect();
    const closer = ends[first];
    const other = ends[first === 'client' ? 'server' : 'client'];
    closer.protocol.close(4321, bytes('62 79 65'));
    ends.carry(closer, other);
    expect(other.events.log).toEqual([['close', 4321, '627965']]);
    expect(other.transport.log).toEqual(['write', 'end']);
    ends.carry(other, closer);
    expect(closer.events.log).toEqual([['close', 4321, '627965']]);
    expect(closer.transport.log).toEqual(['write', 'end']);
  });

  it('by both at once: each sees the other’s code, and sends no second Close frame', () => {
    const { client, server, carry } = connect();
    client.protocol.close(4001, NO_BYTES);
    server.protocol.close(4002, NO_BYTES);
    const fromServer = server.transport.written;
    server.transport.written = '';
    carry(client, server);
    client.protocol.receive(bytes(fromServer));
    expect([server.events.log, server.transport.written]).toEqual([[['close', 4001, '']], '']);
    expect([client.events.log, client.transport.written]).toEqual([[['close', 4002, '']], '']);
    for (const { transport } of [client, server]) expect(transport.log).toEqual(['write', 'end']);
  });

  it('still takes messages until the peer closes too (§5.5.1)', () => {
    const { client, server, carry } = connect();
    client.protocol.close(1000, NO_BYTES);
    server.protocol.sendMessage(1, bytes('61'), { fin: true, compress: false, mask: false });
    carry(client, server);
    carry(server, client);
    expect(client.events.log).toEqual([
      ['message', '61', false],
      ['close', 1000, ''],
    ]);
  });

  it('with a fault of the peer after our Close frame: told, and ended without a second one', () => {
    const { client } = connect();
    client.protocol.close(1000, NO_BYTES);
    client.transport.written = '';
    client.protocol.receive(bytes('83 00'));
    expect(client.events.log).toEqual([['error', 'WS_ERR_INVALID_OPCODE']]);
    expect([client.transport.written, client.transport.log]).toEqual(['', ['write', 'end']]);
  });

  it('with the transport gone while a message is compressed: the callbacks are told, nothing is written', () => {
    const compression = new AddingCompression(() => false);
    const { protocol, transport } = setUp('server', { compression });
    const called: Array<string | undefined> = [];
    protocol.sendMessage(1, bytes('61'), { fin: true, compress: true, mask: false }, (error) =>
      called.push(error?.message),
    );
    protocol.close(1000, NO_BYTES);
    expect(protocol.queuedBytes).toBe(3);
    protocol.abort(new Error('gone'));
    compression.answerAll();
    expect([called, transport.log, protocol.queuedBytes]).toEqual([['gone'], [], 0]);
  });
});
