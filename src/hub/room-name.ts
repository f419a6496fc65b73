import { isRoom, PROTOCOL_PREFIX } from '../wire/index.ts';

/** Tells whether an application, or a client, can name a room so. */
export function isApplicationRoom(room: unknown): room is string {
  return isRoom(room) && !room.startsWith(PROTOCOL_PREFIX);
}

/** @throws {TypeError} An application can't name a room so. */
export function assertRoom(room: string): void {
  if (isApplicationRoom(room)) return;
  throw new TypeError(
    `A room's name has 1 to 256 characters and does not begin with "$": ${JSON.stringify(room)}`,
  );
}
