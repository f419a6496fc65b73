import { PreparedMessage } from '../index.ts';
import { serializeBinaryMessage } from '../wire/index.ts';
import type { RoomEntry } from './adapter.ts';

/** Makes the message that all sockets of a room get: it is serialized and framed once. */
export function roomFrame(room: string, { type, offset, mid, body }: RoomEntry): PreparedMessage {
  const head = { type, room, offset, mid };
  if (body instanceof Uint8Array) return new PreparedMessage(serializeBinaryMessage({ ...head, data: body }));
  const text = JSON.stringify(head);
  // The data is JSON text already, and goes in behind the last member of the head.
  return new PreparedMessage(body === undefined ? text : `${text.slice(0, -1)},"data":${body}}`);
}

/** Returns data as entries carry it: bytes as they are, anything else as JSON text; `undefined` for no data. */
export function bodyOf(data: unknown): string | Uint8Array | undefined {
  return data instanceof Uint8Array ? data : JSON.stringify(data);
}
