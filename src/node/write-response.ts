import type { Duplex } from 'node:stream';
import { fastPathAllowed } from './fast-path/allowed.ts';
import { DirectWriter } from './fast-path/direct-writer.ts';

/** Writes the head of a response, as UTF-8; past the stream, where that can be and `fastPath` allows it. */
export function writeResponse(socket: Duplex, head: string, fastPath: boolean | undefined): void {
  const bytes = Buffer.from(head);
  const writer = fastPathAllowed(fastPath) ? DirectWriter.of(socket) : undefined;
  const outcome = writer?.write(bytes, undefined) ?? 'refused';
  if (outcome === 'refused') socket.write(bytes);
}
