import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bodyOf, roomFrame } from '../../src/hub/room-frame.ts';
import { parseBinaryMessage, parseMessage } from '../../src/wire/index.ts';
import { roomEntry } from './room-message.ts';

const LIMITS = { maxDepth: 32 };

describe('the frame of a room', () => {
  it('is the message with its data, whatever that is', () => {
    fc.assert(
      fc.property(
        fc.jsonValue({ maxDepth: 4 }),
        fc.option(fc.constant('5-1'), { nil: undefined }),
        (data, offset) => {
          const frame = roomFrame('r', roomEntry('said', offset, { mid: 'm', body: bodyOf(data) }));
          const expected = JSON.parse(JSON.stringify({ type: 'said', room: 'r', offset, mid: 'm', data }));
          expect(parseMessage(Buffer.from(frame.payload).toString(), LIMITS)).toEqual(expected);
        },
      ),
    );
  });

  it('has no data where there is none', () => {
    const frame = roomFrame('r', roomEntry('said', '1-0', { body: bodyOf(undefined) }));
    expect(JSON.parse(Buffer.from(frame.payload).toString())).toEqual({
      type: 'said',
      room: 'r',
      offset: '1-0',
      mid: 'said',
    });
  });

  it('is binary for bytes', () => {
    const frame = roomFrame('r', roomEntry('drawn', '1-0', { body: bodyOf(Uint8Array.of(1, 2, 3)) }));
    const message = parseBinaryMessage(frame.payload, LIMITS);
    expect({ ...message, data: [...(message.data as Uint8Array)] }).toEqual({
      type: 'drawn',
      room: 'r',
      offset: '1-0',
      mid: 'drawn',
      data: [1, 2, 3],
    });
  });
});

it('refuses data that is no JSON where it is sent', () => {
  expect(() => bodyOf(1n)).toThrow(TypeError);
});
