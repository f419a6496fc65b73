import { Socket } from 'node:net';
import type { PlainHandle } from './plain-handle.ts';

/** A write that the system has not taken whole. */
export interface WriteRequest {
  oncomplete: ((status: number) => void) | null;
  /** Whatever has to stay until then. */
  buffer: unknown;
  /** How it went, where that was known before there was an `oncomplete`; from Node 26 on. */
  readonly writeStatus?: number | null;
}

/** Writes to a handle: 0 when it is done, an error's number, or the request of a write that goes on. */
export type HandleWrite = (handle: PlainHandle, bytes: Uint8Array) => number | WriteRequest;

/** Up to Node 25 the caller brings the request. */
interface CallersRequest extends WriteRequest {
  /** -1 for one that no write has become. */
  getAsyncId(): number;
}

/** Finds out how this Node's handles are written to, from how a socket writes to a handle of ours; `undefined` if by none of the ways known. */
export function findHandleWrite(): HandleWrite | undefined {
  const request = requestOfSocket();
  if (request === null) return writeWithoutRequest;
  if (!isCallersRequest(request)) return undefined;
  return writeWith(request.constructor as new () => CallersRequest);
}

function requestOfSocket(): unknown {
  let seen: unknown;
  const handle = {
    writeBuffer(request: unknown): number {
      seen = request;
      return 0;
    },
    close(): void {},
    // A number that Node makes up would be a double, and after it all sockets would keep theirs as one.
    getAsyncId: () => 0,
  };
  const socket = new Socket({ handle, manualStart: true } as object);
  socket.write(Buffer.alloc(1));
  socket.destroy();
  return seen;
}

function isCallersRequest(request: unknown): request is CallersRequest {
  return typeof request === 'object' && request !== null && 'getAsyncId' in request;
}

function writeWithoutRequest(handle: PlainHandle, bytes: Uint8Array): number | WriteRequest {
  return handle.writeBuffer(null, bytes) as number | WriteRequest;
}

/** A write that is done at once leaves its request as it was: it serves until one is not. */
function writeWith(Request: new () => CallersRequest): HandleWrite {
  let request = new Request();
  return (handle, bytes) => {
    const status = handle.writeBuffer(request, bytes) as number;
    if (request.getAsyncId() === -1) return status;
    const used = request;
    request = new Request();
    return status === 0 ? used : status;
  };
}
