import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RoomMessage } from '../../src/hub/adapter.ts';
import { readRoomMessage, writeRoomMessage } from '../../src/hub/room-message-text.ts';

const message: fc.Arbitrary<RoomMessage> = fc.record({
  room: fc.string({ unit: 'binary' }),
  mid: fc.string({ unit: 'binary' }),
  type: fc.string({ unit: 'binary' }),
  body: fc.oneof(fc.constant(undefined), fc.json(), fc.uint8Array()),
  except: fc.array(fc.string()),
  volatile: fc.boolean(),
});

describe('a message of a room as text', () => {
  it('is read as what was written', () => {
    fc.assert(
      fc.property(message, (written) => {
        const read = readRoomMessage(written.room, writeRoomMessage(written));
        const { body } = written;
        expect(read).toEqual({ ...written, body: body instanceof Uint8Array ? Buffer.from(body) : body });
      }),
    );
  });

  it('is the same in UTF-8', () => {
    fc.assert(
      fc.property(message, (written) => {
        const text = writeRoomMessage(written);
        expect(Buffer.from(text).toString()).toBe(text);
      }),
    );
  });

  it('is not read from anything else', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(readRoomMessage('room', text)).toBeUndefined();
      }),
    );
    for (const text of ['', '\n', '{}\n', '[]\n', '["mid"]\n', '[1,"type",0,0]\n', 'null\n']) {
      expect(readRoomMessage('room', text)).toBeUndefined();
    }
  });
});
