import fc from 'fast-check';
import { expect, it } from 'vitest';
import { roomKey, splitRoomKey } from '../../src/hub/adapter.ts';

it('names each room of each namespace by a key of its own, which can be split', () => {
  const path = fc.string().map((text) => `/${text.replaceAll('#', '')}`);
  fc.assert(
    fc.property(path, fc.string({ minLength: 1 }), (namespace, room) => {
      expect(splitRoomKey(roomKey(namespace, room))).toEqual([namespace, room]);
    }),
  );
});
