import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';

/** Node's handle of a TCP socket or a pipe, as far as it is used here. */
export interface PlainHandle {
  /** Reads into `buffer` from now on. */
  useUserBuffer(buffer: Uint8Array): void;
  /** @param request - What the write becomes when the system does not take it at once; null from Node 26 on. */
  writeBuffer(request: object | null, bytes: Uint8Array): unknown;
}

/** Returns the handle of an open socket whose reads and writes are bare system calls: no TLS. */
export function plainHandleOf(socket: Duplex): PlainHandle | undefined {
  if (!(socket instanceof Socket)) return undefined;
  const handle = handleOf(socket);
  return handle && isPlain(handle) ? handle : undefined;
}

/** Returns the handle of a socket that is known to have a plain one, until it is closed. */
export function handleOf(socket: Socket): PlainHandle | null | undefined {
  return (socket as unknown as { readonly _handle?: PlainHandle | null })._handle;
}

/** The classes of plain handles that were seen: a name is slow to come by. */
const plainClasses = new Set<unknown>();

function isPlain(handle: PlainHandle): boolean {
  const handleClass = handle.constructor;
  if (plainClasses.has(handleClass)) return true;
  const isKnown =
    (handleClass.name === 'TCP' || handleClass.name === 'Pipe') &&
    typeof handle.useUserBuffer === 'function' &&
    typeof handle.writeBuffer === 'function';
  if (isKnown) plainClasses.add(handleClass);
  return isKnown;
}
