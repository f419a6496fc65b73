import { describe, expect, it } from 'vitest';
import {
  createFrameHeader,
  type FrameHeader,
  type FrameRules,
  parseFrameHeader,
} from '../../src/core/frame-header.ts';
import { bytes } from './recorder.ts';

const anyFrame: FrameRules = {
  masked: false,
  rsv1: false,
  fragmented: false,
  payloadLimit: () => Number.MAX_SAFE_INTEGER,
};

function parse(text: string, rules: Partial<FrameRules> = {}): FrameHeader & { length: number } {
  const input = bytes(text);
  const header = createFrameHeader();
  const length = parseFrameHeader(input, 0, input.length, { ...anyFrame, ...rules }, header);
  return { ...header, length };
}

/** How many bytes it takes until the header is refused. */
function bytesUntilRefused(text: string, rules: Partial<FrameRules> = {}): number {
  const input = bytes(text);
  for (let end = 0; end <= input.length; end++) {
    try {
      parseFrameHeader(input, 0, end, { ...anyFrame, ...rules }, createFrameHeader());
    } catch {
      return end;
    }
  }
  return -1;
}

describe('parseFrameHeader', () => {
  it('reads the examples of RFC 6455 §5.7', () => {
    expect(parse('81 05')).toMatchObject({
      fin: true,
      opcode: 1,
      masked: false,
      payloadLength: 5,
      length: 2,
    });
    expect(parse('81 85 37 fa 21 3d', { masked: true })).toMatchObject({
      masked: true,
      maskingKey: 0x37fa213d,
      length: 6,
    });
    expect(parse('01 03')).toMatchObject({ fin: false, opcode: 1, payloadLength: 3 });
    expect(parse('80 02', { fragmented: true })).toMatchObject({ fin: true, opcode: 0, payloadLength: 2 });
    expect(parse('89 05')).toMatchObject({ opcode: 9, payloadLength: 5 });
    expect(parse('82 7e 01 00')).toMatchObject({ opcode: 2, payloadLength: 256, length: 4 });
    expect(parse('82 7f 00 00 00 00 00 01 00 00')).toMatchObject({ payloadLength: 65536, length: 10 });
  });

  it('wants more while the header is cut off', () => {
    const masked = 'c2 ff 00 00 00 00 00 01 00 00 01 02 03 04';
    const input = bytes(masked);
    const rules = { ...anyFrame, masked: true, rsv1: true };
    for (let end = 0; end < input.length; end++) {
      expect(parseFrameHeader(input, 0, end, rules, createFrameHeader())).toBe(0);
    }
    expect(parse(masked, rules)).toMatchObject({ rsv1: true, payloadLength: 65536, maskingKey: 0x01020304 });
    expect(parseFrameHeader(bytes('82 fe 01'), 0, 3, rules, createFrameHeader())).toBe(0);
  });

  it('takes a length of 2^53 - 1', () => {
    expect(parse('82 7f 00 1f ff ff ff ff ff ff').payloadLength).toBe(Number.MAX_SAFE_INTEGER);
  });

  const protocolFaults: Array<[string, string, string, Partial<FrameRules>, number]> = [
    ['RSV2', 'a1 00', 'WS_ERR_UNEXPECTED_RSV_2_3', {}, 1],
    ['RSV3', '91 00', 'WS_ERR_UNEXPECTED_RSV_2_3', {}, 1],
    ['RSV1 without an extension', 'c1 00', 'WS_ERR_UNEXPECTED_RSV_1', {}, 1],
    ['RSV1 on a continuation', 'c0 00', 'WS_ERR_UNEXPECTED_RSV_1', { rsv1: true, fragmented: true }, 1],
    ['RSV1 on a control frame', 'c9 00', 'WS_ERR_UNEXPECTED_RSV_1', { rsv1: true }, 1],
    ['opcode 3', '83 00', 'WS_ERR_INVALID_OPCODE', {}, 1],
    ['opcode 11', '8b 00', 'WS_ERR_INVALID_OPCODE', {}, 1],
    ['a continuation of nothing', '80 00', 'WS_ERR_INVALID_OPCODE', {}, 1],
    ['a new message inside another', '81 00', 'WS_ERR_INVALID_OPCODE', { fragmented: true }, 1],
    ['a fragmented control frame', '09 00', 'WS_ERR_EXPECTED_FIN', {}, 1],
    ['no mask from a client', '81 00', 'WS_ERR_EXPECTED_MASK', { masked: true }, 2],
    ['a mask from a server', '81 80', 'WS_ERR_UNEXPECTED_MASK', {}, 2],
    ['a ping of 126 bytes', '89 7e 00 7e', 'WS_ERR_INVALID_CONTROL_PAYLOAD_LENGTH', {}, 2],
    ['a Close frame of 1 byte', '88 01 03', 'WS_ERR_INVALID_CONTROL_PAYLOAD_LENGTH', {}, 2],
    ['125 bytes in the 16-bit form', '82 7e 00 7d', 'WS_ERR_NON_MINIMAL_PAYLOAD_LENGTH', {}, 4],
    [
      '65535 bytes in the 64-bit form',
      '82 7f 00 00 00 00 00 00 ff ff',
      'WS_ERR_NON_MINIMAL_PAYLOAD_LENGTH',
      {},
      10,
    ],
  ];

  it.each(protocolFaults)('refuses %s at its first byte, with 1002', (_, text, code, rules, at) => {
    expect(() => parse(text, rules)).toThrow(expect.objectContaining({ code, closeCode: 1002 }));
    expect(bytesUntilRefused(text, rules)).toBe(at);
  });

  it.each([
    ['2^53', '82 7f 00 20 00 00 00 00 00 00', 4],
    ['2^63', '82 7f 80 00 00 00 00 00 00 00', 3],
    ['2^64 - 1', '82 7f ff ff ff ff ff ff ff ff', 3],
  ])('refuses a length of %s, with 1009', (_, text, at) => {
    const code = 'WS_ERR_UNSUPPORTED_DATA_PAYLOAD_LENGTH';
    expect(() => parse(text)).toThrow(expect.objectContaining({ code, closeCode: 1009 }));
    expect(bytesUntilRefused(text)).toBe(at);
  });

  it.each([
    ['101', '82 65', 100, 2],
    ['2^31', '82 7f 00 00 00 00 80 00 00 00', 1 << 30, 10],
    ['2^32', '82 7f 00 00 00 01 00 00 00 00', 1 << 30, 10],
  ])('refuses %s bytes above the limit before the mask has come', (_, text, limit, at) => {
    const payloadLimit = () => limit;
    const code = 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH';
    expect(() => parse(text, { payloadLimit })).toThrow(expect.objectContaining({ code, closeCode: 1009 }));
    expect(bytesUntilRefused(text, { payloadLimit })).toBe(at);
  });

  it.each<[string, Partial<FrameRules>, string]>([
    ['a1 00', {}, 'Invalid WebSocket frame: RSV2 and RSV3 must be clear'],
    ['c1 00', {}, 'Invalid WebSocket frame: RSV1 must be clear'],
    ['09 00', {}, 'Invalid WebSocket frame: FIN must be set'],
    ['88 01', {}, 'Invalid WebSocket frame: invalid payload length 1'],
    ['83 00', {}, 'Invalid WebSocket frame: invalid opcode 3'],
    ['81 00', { masked: true }, 'Invalid WebSocket frame: MASK must be set'],
    ['81 80', {}, 'Invalid WebSocket frame: MASK must be clear'],
    ['82 7e 00 01', {}, 'Invalid WebSocket frame: payload length is not in its shortest form'],
    ['82 7f 00 20', {}, 'Unsupported WebSocket frame: payload length > 2^53 - 1'],
  ])('says of %s %j what is wrong', (text, rules, message) => {
    expect(() => parse(text, rules)).toThrow(expect.objectContaining({ message }));
  });

  it('takes control frames of up to 125 bytes', () => {
    expect(parse('89 7d')).toMatchObject({ opcode: 9, payloadLength: 125 });
    expect(() => parse('89 7e')).toThrow(/invalid payload length 126$/);
  });

  it('takes exactly the limit, and control frames whatever the limit', () => {
    expect(parse('82 64', { payloadLimit: () => 100 }).payloadLength).toBe(100);
    expect(parse('89 64', { payloadLimit: () => 0 }).payloadLength).toBe(100);
  });
});
