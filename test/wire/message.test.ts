import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HubError } from '../../src/wire/hub-error.ts';
import {
  isProtocolType,
  isRoom,
  isType,
  MAX_ROOM_LENGTH,
  MAX_TYPE_LENGTH,
  parseBinaryMessage,
  parseMessage,
  serializeBinaryMessage,
  serializeMessage,
  type WireMessage,
} from '../../src/wire/message.ts';

const LIMITS = { maxDepth: 8 };

const head = fc.record(
  {
    type: fc.string({ minLength: 1, maxLength: MAX_TYPE_LENGTH }),
    id: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
    room: fc.string({ minLength: 1, maxLength: MAX_ROOM_LENGTH }),
    offset: fc.nat().map((n) => `${n}-0`),
    mid: fc.string({ minLength: 1, maxLength: 128 }),
    key: fc.string({ minLength: 1, maxLength: 128 }),
  },
  { requiredKeys: ['type'], noNullPrototype: true },
) as fc.Arbitrary<WireMessage>;

function codeOf(read: () => unknown): unknown {
  try {
    read();
  } catch (error) {
    if (error instanceof HubError) return error.code;
    throw error;
  }
  return undefined;
}

describe('parseMessage', () => {
  it('reads what serializeMessage writes', () => {
    fc.assert(
      fc.property(head, fc.jsonValue({ maxDepth: 4 }), (message, data) => {
        const text = serializeMessage({ ...message, data });
        expect(parseMessage(text, LIMITS)).toEqual(JSON.parse(text));
      }),
    );
  });

  it('throws nothing but a HubError, whatever comes', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        expect([undefined, 'BAD_MESSAGE', 'TOO_DEEP']).toContain(codeOf(() => parseMessage(text, LIMITS)));
      }),
    );
  });

  it.each([
    '',
    'null',
    '7',
    '"chat"',
    '[]',
    '["type"]',
    '{}',
    '{"type":""}',
    '{"type":7}',
    `{"type":"${'a'.repeat(MAX_TYPE_LENGTH + 1)}"}`,
    '{"type":"a","id":0}',
    '{"type":"a","id":-1}',
    '{"type":"a","id":1.5}',
    '{"type":"a","id":"1"}',
    '{"type":"a","id":null}',
    '{"type":"a","id":9007199254740992}',
    '{"type":"a","room":""}',
    '{"type":"a","room":[]}',
    `{"type":"a","room":"${'r'.repeat(MAX_ROOM_LENGTH + 1)}"}`,
    '{"type":"a","offset":"1"}',
    '{"type":"a","mid":""}',
    '{"type":"a","key":7}',
    '{"__proto__":{"type":"a"}}',
    '{"type":"a"',
  ])('refuses %s', (text) => {
    expect(codeOf(() => parseMessage(text, LIMITS))).toBe('BAD_MESSAGE');
  });

  it('refuses what is nested too deeply', () => {
    const nested = (depth: number) => `{"type":"a","data":${'['.repeat(depth - 1)}${']'.repeat(depth - 1)}}`;
    expect(codeOf(() => parseMessage(nested(8), LIMITS))).toBeUndefined();
    expect(codeOf(() => parseMessage(nested(9), LIMITS))).toBe('TOO_DEEP');
  });

  it('leaves members that it does not know', () => {
    expect(parseMessage('{"type":"a","later":1}', LIMITS)).toEqual({ type: 'a', later: 1 });
  });
});

describe('parseBinaryMessage', () => {
  it('reads what serializeBinaryMessage writes', () => {
    fc.assert(
      fc.property(head, fc.uint8Array(), (message, data) => {
        const read = parseBinaryMessage(serializeBinaryMessage({ ...message, data }), LIMITS);
        expect({ ...read, data: undefined }).toEqual({ ...message, data: undefined });
        expect([...(read.data as Uint8Array)]).toEqual([...data]);
      }),
    );
  });

  it('throws nothing but a HubError, whatever comes', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        expect(codeOf(() => parseBinaryMessage(bytes, LIMITS))).toBe('BAD_MESSAGE');
      }),
    );
  });

  it.each([
    ['nothing', []],
    ['another version', [2, 0, 12, ...Buffer.from('{"type":"a"}')]],
    ['a head that is not there', [1, 0, 13, ...Buffer.from('{"type":"a"}')]],
    ['a head that is no JSON', [1, 0, 1, 0x7b]],
    ['a head that is not UTF-8', [1, 0, 2, 0xc3, 0x28]],
    ['data in the head', [1, 0, 21, ...Buffer.from('{"type":"a","data":1}')]],
  ])('refuses %s', (_what, bytes) => {
    expect(codeOf(() => parseBinaryMessage(Uint8Array.from(bytes), LIMITS))).toBe('BAD_MESSAGE');
  });

  it('writes no head that is too long to be read', () => {
    const message = { type: 'a', later: 'x'.repeat(0x1_0000), data: new Uint8Array() };
    expect(() => serializeBinaryMessage(message)).toThrow(RangeError);
  });
});

describe('the names', () => {
  it('tells types of the protocol', () => {
    expect([isProtocolType('$hello'), isProtocolType('chat'), isProtocolType('a$')]).toEqual([
      true,
      false,
      false,
    ]);
  });

  it('tells what can be a type or a room', () => {
    expect([isType('a'), isType(''), isType(1)]).toEqual([true, false, false]);
    expect([isRoom('r'.repeat(256)), isRoom('r'.repeat(257)), isRoom(undefined)]).toEqual([
      true,
      false,
      false,
    ]);
  });
});
