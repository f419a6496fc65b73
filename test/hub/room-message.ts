import type { RoomEntry, RoomMessage } from '../../src/hub/adapter.ts';

/** A message for a room, as adapters get it. */
export function roomMessage(type: string, more: Partial<RoomMessage> = {}): RoomMessage {
  return { room: '/#r', mid: type, type, body: undefined, except: [], volatile: false, ...more };
}

/** One with its place in the log. */
export function roomEntry(
  type: string,
  offset: string | undefined,
  more: Partial<RoomMessage> = {},
): RoomEntry {
  return { ...roomMessage(type, more), offset };
}
