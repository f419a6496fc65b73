import { Socket, type SocketConstructorOpts } from 'node:net';
import { type Duplex, Readable } from 'node:stream';
import { plainHandleOf } from './plain-handle.ts';
import { slabBytes } from './slab.ts';

/** A 'data' listener that can do with borrowed bytes: those of `chunk` up to `end`, while the call lasts. */
export type BorrowingListener<This> = (this: This, chunk: Uint8Array, end?: number) => void;

const BORROWS = Symbol('borrows');

/** Marks a 'data' listener: when it is the only one of a socket that reads into the slab, it gets the slab itself. */
export function borrowing<Listener extends BorrowingListener<never>>(listener: Listener): Listener {
  return Object.assign(listener, { [BORROWS]: true });
}

/**
 * Has a plain socket read into the slab. It stays a stream like any other: what is not for a borrowing listener alone is
 * pushed into it.
 *
 * @returns Whether it does: not on TLS, nor where Node's internals are not what we know.
 */
export function readIntoSlab(socket: Duplex): boolean {
  return readWith(socket, takeFromSlab);
}

/** Takes what a socket has read into the slab, which is lent for the call; returns whether to read on. */
export type TakeFromSlab = (this: Socket, length: number, slab: Uint8Array) => boolean;

/**
 * Has a plain socket read into the slab as {@link readIntoSlab} does, and gives all that it reads to `take` in the place
 * of its stream, which does not flow and hears of the end alone; until {@link readIntoSlab} is called.
 */
export function divertSlab(socket: Duplex, take: TakeFromSlab): boolean {
  return readWith(socket, take);
}

function readWith(socket: Duplex, take: TakeFromSlab): boolean {
  const handle = plainHandleOf(socket);
  if (handle === undefined) return false;
  onread ??= findOnread() ?? null;
  if (onread === null) return false;
  const options = socket as unknown as Record<symbol, unknown>;
  const slab = slabBytes();
  const buffer = options[onread.buffer];
  // Its owner has set `onread`.
  if (buffer !== null && buffer !== slab) return false;
  options[onread.callback] = take;
  if (buffer === slab) return true;
  options[onread.buffer] = slab;
  handle.useUserBuffer(slab);
  return true;
}

/**
 * Pauses a stream. A socket that reads into the slab goes on until its stream is full, as others do: stopped at once, as
 * Node would, it could not tell that the peer is gone.
 */
export function pause(socket: Duplex): void {
  if (onread && Reflect.get(socket, onread.callback) === takeFromSlab) Readable.prototype.pause.call(socket);
  else socket.pause();
}

/** The names of what Node keeps of the option `onread`. */
interface OnreadSymbols {
  readonly buffer: symbol;
  readonly callback: symbol;
}

let onread: OnreadSymbols | null | undefined;

/** Makes a socket with the option, and looks where it went. */
function findOnread(): OnreadSymbols | undefined {
  const option = { buffer: new Uint8Array(1), callback: () => true };
  const probe = new Socket({ onread: option } as SocketConstructorOpts);
  const where = (value: unknown) =>
    Object.getOwnPropertySymbols(probe).find((symbol) => Reflect.get(probe, symbol) === value);
  const buffer = where(option.buffer);
  const callback = where(option.callback);
  return buffer && callback && { buffer, callback };
}

/** Programs that put another in its place want to see what is emitted. */
const { emit } = Socket.prototype;

interface SlabSocket extends Socket {
  /** Of EventEmitter: one listener, or an array of several. */
  readonly _events: { readonly data?: BorrowingListener<SlabSocket> & { readonly [BORROWS]?: true } };
}

/** Takes what Node has read; returns whether to read on. */
function takeFromSlab(this: Socket, length: number, slab: Uint8Array): boolean {
  const listener = (this as SlabSocket)._events.data;
  if (
    listener?.[BORROWS] === true &&
    this.readableFlowing &&
    this.readableLength === 0 &&
    this.emit === emit
  ) {
    listener.call(this as SlabSocket, slab, length);
    return true;
  }
  return this.push(Buffer.from(slab.subarray(0, length)));
}
