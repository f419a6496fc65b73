import type { RoomMessage } from './adapter.ts';

/** What the body of a message is. */
const NOTHING = 0;
const JSON_TEXT = 1;
const BYTES = 2;

/**
 * Writes a message, apart from its room, for adapters whose way to other nodes takes text: a line of JSON, and the body behind it.
 */
export function writeRoomMessage({ mid, type, body, except, volatile }: RoomMessage): string {
  const kind = body === undefined ? NOTHING : typeof body === 'string' ? JSON_TEXT : BYTES;
  const head = JSON.stringify([mid, type, kind, volatile ? 1 : 0, ...except]);
  return `${head}\n${body instanceof Uint8Array ? Buffer.from(body).toString('base64') : (body ?? '')}`;
}

/** Reads what {@link writeRoomMessage} wrote; `undefined` for anything else, such as what other versions write. */
export function readRoomMessage(room: string, text: string): RoomMessage | undefined {
  const line = text.indexOf('\n');
  const head = readHead(text.slice(0, line));
  if (head === undefined) return undefined;
  const [mid, type, kind, volatile, ...except] = head;
  const rest = text.slice(line + 1);
  const body = kind === NOTHING ? undefined : kind === BYTES ? Buffer.from(rest, 'base64') : rest;
  return { room, mid, type, body, except, volatile: volatile === 1 };
}

type Head = [mid: string, type: string, kind: number, volatile: number, ...except: string[]];

function readHead(text: string): Head | undefined {
  try {
    const head: unknown = JSON.parse(text);
    return Array.isArray(head) && typeof head[0] === 'string' && typeof head[1] === 'string'
      ? (head as Head)
      : undefined;
  } catch {
    return undefined;
  }
}
