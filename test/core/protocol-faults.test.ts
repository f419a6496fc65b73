import { describe, expect, it } from 'vitest';
import {
  type Compression,
  type CompressionCallback,
  Protocol,
  ProtocolError,
  type ProtocolErrorCode,
  type ProtocolOptions,
  type Role,
} from '../../src/core/index.ts';
import { bytes, RecordedEvents, RecordedTransport } from './recorder.ts';

const MAX_PAYLOAD = 2 ** 30;

/** Finds no compressed message sound. */
const refusesAll: Compression = {
  worthwhile: () => false,
  compress: () => undefined,
  inflate: (_payload: Uint8Array, _fin: boolean, _maxLength: number, callback: CompressionCallback) =>
    callback(new ProtocolError('Z_DATA_ERROR', 'invalid stored block lengths')),
};

function setUp(role: Role, options: Partial<ProtocolOptions>) {
  const events = new RecordedEvents();
  const transport = new RecordedTransport();
  const defaults: ProtocolOptions = {
    maxPayload: MAX_PAYLOAD,
    checkUtf8: true,
    autoPong: true,
    generateMaskingKey: () => 0,
    allocate: (length) => new Uint8Array(length),
  };
  const protocol = new Protocol(role, { ...defaults, ...options }, transport, events);
  transport.flush = () => protocol.flush();
  return { protocol, events, transport };
}

interface Fault {
  readonly name: string;
  readonly role?: Role;
  /** The stream up to and with the byte that proves the fault: the last one. */
  readonly stream: string;
  /** What of that stream is told before, if anything. */
  readonly told?: unknown[][];
  readonly options?: Partial<ProtocolOptions>;
}

const deflate = { compression: refusesAll };

/** A slow peer's fault is in no stream. */
type StreamErrorCode = Exclude<ProtocolErrorCode, 'WS_ERR_SLOW_PEER'>;

/** The close code that answers each error code, and streams that end in the first byte that proves the fault. */
const FAULTS: Record<StreamErrorCode, { closeCode: number; faults: Fault[] }> = {
  WS_ERR_UNEXPECTED_RSV_2_3: {
    closeCode: 1002,
    faults: [
      { name: 'RSV2', stream: 'a1' },
      { name: 'RSV3', stream: '92' },
      { name: 'RSV2 on a control frame', stream: 'a9' },
      { name: 'RSV3 on a later frame', stream: '81 01 61 91', told: [['message', '61', false]] },
    ],
  },
  WS_ERR_UNEXPECTED_RSV_1: {
    closeCode: 1002,
    faults: [
      { name: 'RSV1, nothing negotiated', stream: 'c1' },
      { name: 'RSV1 on a ping', stream: 'c9', options: deflate },
      { name: 'RSV1 on a continuation', stream: '41 01 aa c0', options: deflate },
    ],
  },
  WS_ERR_INVALID_OPCODE: {
    closeCode: 1002,
    faults: [
      ...['83', '84', '85', '86', '87', '8b', '8c', '8d', '8e', '8f'].map((stream) => ({
        name: `reserved: ${stream}`,
        stream,
      })),
      { name: 'a continuation of nothing', stream: '80' },
      { name: 'a continuation behind a whole message', stream: '82 00 00', told: [['message', '', true]] },
      { name: 'a text inside a message', stream: '01 01 61 81' },
      { name: 'a binary message inside one, behind a ping', stream: '02 00 89 00 82', told: [['ping', '']] },
    ],
  },
  WS_ERR_EXPECTED_FIN: {
    closeCode: 1002,
    faults: [
      { name: 'half a ping', stream: '09' },
      { name: 'half a pong', stream: '0a' },
      { name: 'half a Close frame', stream: '08' },
    ],
  },
  WS_ERR_EXPECTED_MASK: {
    closeCode: 1002,
    faults: [
      { name: 'a text of a client, in the clear', role: 'server', stream: '81 05' },
      { name: 'a Close frame of a client, in the clear', role: 'server', stream: '88 00' },
      { name: 'known before the length is', role: 'server', stream: '82 7f' },
    ],
  },
  WS_ERR_UNEXPECTED_MASK: {
    closeCode: 1002,
    faults: [
      { name: 'a masked text of a server', stream: '81 85' },
      { name: 'a masked pong of a server', stream: '8a 80' },
    ],
  },
  WS_ERR_INVALID_CONTROL_PAYLOAD_LENGTH: {
    closeCode: 1002,
    faults: [
      { name: 'a ping with a 16-bit length', stream: '89 7e' },
      { name: 'a pong with a 64-bit length', stream: '8a 7f' },
      { name: 'a Close frame with a 16-bit length', role: 'server', stream: '88 fe' },
      { name: 'a Close frame with half a code', stream: '88 01' },
    ],
  },
  WS_ERR_NON_MINIMAL_PAYLOAD_LENGTH: {
    closeCode: 1002,
    faults: [
      { name: '0 in 16 bits', stream: '82 7e 00 00' },
      { name: '125 in 16 bits', stream: '82 7e 00 7d' },
      { name: '0 in 64 bits', stream: '82 7f 00 00 00 00 00 00 00 00' },
      { name: '65535 in 64 bits', role: 'server', stream: '82 ff 00 00 00 00 00 00 ff ff' },
    ],
  },
  WS_ERR_TOO_MANY_BUFFERED_PARTS: {
    closeCode: 1008,
    faults: [
      { name: 'a third frame of two', stream: '02 00 00 00 80 00', options: { maxFragments: 2 } },
      {
        name: 'a third frame, with pings between',
        stream: '02 00 89 00 00 00 89 00 80 00',
        told: [
          ['ping', ''],
          ['ping', ''],
        ],
        options: { maxFragments: 2 },
      },
    ],
  },
  WS_ERR_TOO_MANY_CONTROL_FRAMES: {
    closeCode: 1008,
    faults: [
      {
        name: 'a second pong where one may come',
        stream: '8a 00 8a 00',
        told: [['pong', '']],
        options: { maxControlFrames: { perSecond: 1, now: () => 0 } },
      },
    ],
  },
  WS_ERR_UNSUPPORTED_DATA_PAYLOAD_LENGTH: {
    closeCode: 1009,
    faults: [
      { name: '2^53', stream: '82 7f 00 20' },
      { name: '2^53 + 1', role: 'server', stream: '82 ff 00 20' },
      { name: '2^56', stream: '82 7f 01' },
      { name: '2^63', stream: '82 7f 80' },
      { name: '2^64 - 1', role: 'server', stream: '82 ff ff' },
    ],
  },
  WS_ERR_UNSUPPORTED_MESSAGE_LENGTH: {
    closeCode: 1009,
    faults: [
      { name: '2^30 + 1, from the header alone', stream: '82 7f 00 00 00 00 40 00 00 01' },
      { name: '2^31', role: 'server', stream: '82 ff 00 00 00 00 80 00 00 00' },
      { name: '2^32', stream: '82 7f 00 00 00 01 00 00 00 00' },
      { name: '2^53 - 1', stream: '82 7f 00 1f ff ff ff ff ff ff' },
      { name: 'over the limit by fragments', stream: '02 02 01 02 80 03', options: { maxPayload: 4 } },
      {
        name: 'over the limit in the third fragment, behind a ping',
        stream: '02 04 01 02 03 04 00 00 89 01 aa 00 01',
        told: [['ping', 'aa']],
        options: { maxPayload: 4 },
      },
    ],
  },
  WS_ERR_INVALID_CLOSE_CODE: {
    closeCode: 1002,
    faults: ['0000', '03e7', '03ec', '03ed', '03ee', '03f7', '07cf', '0bb7', '1388', 'ffff'].map((code) => ({
      name: `0x${code}`,
      stream: `88 02 ${code}`,
    })),
  },
  WS_ERR_INVALID_UTF8: {
    closeCode: 1007,
    faults: [
      { name: 'in the middle of a frame', stream: '81 05 61 ff' },
      { name: 'masked: a cut-off character', role: 'server', stream: '81 83 00000000 e2 82 41' },
      { name: 'a surrogate over two fragments', stream: '01 01 ed 80 02 a0' },
      { name: 'overlong', stream: '81 7e 01 00 c0' },
      { name: 'above U+10FFFF, behind a ping', stream: '01 01 f4 89 00 80 03 90', told: [['ping', '']] },
      { name: 'a text that ends in a character', stream: '81 02 e2 82' },
      { name: 'a last fragment that is empty, inside a character', stream: '01 01 e2 80 00' },
      { name: 'a close reason', stream: '88 04 03e8 61 ff' },
    ],
  },
  Z_DATA_ERROR: {
    closeCode: 1007,
    faults: [
      { name: 'a message that does not inflate', stream: 'c2 01 aa', options: deflate },
      { name: 'in fragments', stream: '42 01 aa 80 01 bb', options: deflate },
    ],
  },
};

const cases = Object.entries(FAULTS).flatMap(([code, { closeCode, faults }]) =>
  faults.map((fault) => ({ code, closeCode, ...fault })),
);

/** What a peer in that role would send next, were nothing wrong. */
const NEXT: Record<Role, Uint8Array> = { client: bytes('82 01 01 89 00'), server: bytes('82 80 00000000') };

const closeFrame = (role: Role, closeCode: number): string =>
  (role === 'client' ? '888200000000' : '8802') + closeCode.toString(16).padStart(4, '0');

describe.each(cases)(
  '$code: $name',
  ({ code, closeCode, stream, role = 'client', told = [], options = {} }) => {
    it('fails at the byte that proves it, and not before', () => {
      const { protocol, events, transport } = setUp(role, { autoPong: false, ...options });
      const input = bytes(stream);
      for (const byte of input.subarray(0, -1)) protocol.receive(Uint8Array.of(byte));
      expect(events.log).toEqual(told);
      expect([protocol.open, transport.written]).toEqual([true, '']);

      protocol.receive(input.slice(-1));
      expect(events.log).toEqual([...told, ['error', code]]);
      expect(transport.written).toBe(closeFrame(role, closeCode));
      expect(transport.log.at(-1)).toBe('end');
      expect([protocol.open, protocol.doneReading]).toEqual([false, true]);
    });

    it('tells nothing that comes after, in the same chunk or later', () => {
      const { protocol, events, transport } = setUp(role, { autoPong: false, ...options });
      protocol.receive(Uint8Array.from([...bytes(stream), ...NEXT[role]]));
      protocol.receive(NEXT[role].slice());
      expect(events.log).toEqual([...told, ['error', code]]);
      expect(transport.written).toBe(closeFrame(role, closeCode));
    });
  },
);

describe('no fault', () => {
  it.each([
    ['a message of the limit', '82 04 01 02 03 04', { maxPayload: 4 }, [['message', '01020304', true]]],
    [
      'fragments that add up to the limit',
      '02 02 01 02 00 00 80 02 03 04',
      { maxPayload: 4 },
      [['message', '01020304', true]],
    ],
    [
      'an empty message and a long ping, with a limit of 0',
      '82 00 89 02 aa bb',
      { maxPayload: 0 },
      [
        ['message', '', true],
        ['ping', 'aabb'],
      ],
    ],
    ['the header of 2^53 - 1 bytes', '82 7f 00 1f ff ff ff ff ff ff', { maxPayload: 2 ** 53 - 1 }, []],
    ['bad UTF-8 in a binary message', '82 01 ff', {}, [['message', 'ff', true]]],
    ['bad UTF-8 that is not to be checked', '81 01 ff', { checkUtf8: false }, [['message', 'ff', false]]],
  ])('is %s', (_, stream, options, expected) => {
    const { protocol, events } = setUp('client', options);
    for (const byte of bytes(stream)) protocol.receive(Uint8Array.of(byte));
    expect(events.log).toEqual(expected);
    expect(protocol.open).toBe(true);
  });

  it('holds memory by the bytes that came, whatever a header promises', () => {
    let allocated = 0;
    const allocate = (length: number): Uint8Array => {
      allocated += length;
      return new Uint8Array(length);
    };
    const { protocol } = setUp('client', { allocate });
    protocol.receive(bytes('82 7f 00 00 00 00 06 40 00 00 01'));
    expect(allocated).toBeLessThanOrEqual(4);
  });
});
