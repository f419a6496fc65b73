import type { Socket } from 'node:net';

/** The types of frames (RFC 9113 §6). */
export const DATA = 0;
export const HEADERS = 1;
export const RST_STREAM = 3;
export const SETTINGS = 4;
export const PUSH_PROMISE = 5;
export const PING = 6;
export const GOAWAY = 7;
export const WINDOW_UPDATE = 8;
export const CONTINUATION = 9;

export const ACK = 0x1;
export const END_STREAM = 0x1;
export const END_HEADERS = 0x4;

export const PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');

export interface Http2Frame {
  readonly type: number;
  readonly flags: number;
  readonly stream: number;
  readonly payload: Buffer;
}

/** Makes a frame (RFC 9113 §4.1). */
export function h2Frame(
  type: number,
  flags: number,
  stream: number,
  payload: Uint8Array = Buffer.alloc(0),
): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head[3] = type;
  head[4] = flags;
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

/** Makes a field block: literals without indexing, in plain text (RFC 7541 §6.2.2). */
export function fieldBlock(fields: Readonly<Record<string, string>>): Buffer {
  return Buffer.concat(
    Object.entries(fields).flatMap(([name, value]) => [
      Buffer.from([0]),
      ...[name, value].flatMap((text) => [integer(text.length), Buffer.from(text, 'latin1')]),
    ]),
  );
}

/** With a prefix of 7 bits (RFC 7541 §5.1). */
function integer(value: number): Buffer {
  if (value < 127) return Buffer.from([value]);
  const bytes = [127];
  let rest = value - 127;
  for (; rest >= 128; rest >>= 7) bytes.push((rest & 127) | 128);
  return Buffer.from([...bytes, rest]);
}

export const CONNECT_FIELDS = {
  ':method': 'CONNECT',
  ':protocol': 'websocket',
  ':scheme': 'http',
  ':path': '/',
  ':authority': 'localhost',
  'sec-websocket-version': '13',
};

/** A HEADERS frame that asks for a WebSocket. */
export function connectFrame(stream: number, changes: Readonly<Record<string, string>> = {}): Buffer {
  return h2Frame(HEADERS, END_HEADERS, stream, fieldBlock({ ...CONNECT_FIELDS, ...changes }));
}

/** The other end of a session, by hand. */
export class Http2Attacker {
  readonly socket: Socket;
  readonly closed: Promise<void>;
  readonly frames: Http2Frame[] = [];
  #rest: Buffer = Buffer.alloc(0);
  /** Of a client's preface, still to be skipped. */
  #skip: number;

  constructor(socket: Socket, isServer: boolean) {
    this.socket = socket;
    this.#skip = isServer ? PREFACE.length : 0;
    this.closed = new Promise((resolve) => socket.once('close', () => resolve()));
    socket.on('data', (chunk) => this.#receive(chunk)).on('error', () => {});
    socket.write(
      Buffer.concat([
        isServer ? Buffer.alloc(0) : PREFACE,
        h2Frame(SETTINGS, 0, 0, isServer ? ENABLE_CONNECT : undefined),
      ]),
    );
  }

  /** Waits for a frame; fails when the socket closes before. */
  async until(test: (frame: Http2Frame) => boolean): Promise<Http2Frame> {
    for (;;) {
      const found = this.frames.find(test);
      if (found !== undefined) return found;
      const over = this.socket.destroyed;
      await Promise.race([this.closed, new Promise((resolve) => this.socket.once('data', resolve))]);
      if (over && !this.frames.some(test)) throw new Error('The socket closed before what was waited for');
    }
  }

  /** Waits until the other end has given up the session: it says so, or closes the socket. */
  async givenUp(): Promise<void> {
    while (!this.socket.destroyed && !this.frames.some(({ type }) => type === GOAWAY)) {
      await Promise.race([this.closed, new Promise((resolve) => this.socket.once('data', resolve))]);
    }
  }

  /** Sends the same again and again, as long as it is taken. */
  async flood(times: number, bytes: (index: number) => Buffer): Promise<void> {
    for (let i = 0; i < times && !this.socket.destroyed; i++) {
      if (!this.socket.write(bytes(i)))
        await Promise.race([this.closed, new Promise((resolve) => this.socket.once('drain', resolve))]);
    }
  }

  #receive(chunk: Buffer): void {
    const skipped = Math.min(this.#skip, chunk.length);
    this.#skip -= skipped;
    this.#rest = Buffer.concat([this.#rest, chunk.subarray(skipped)]);
    while (this.#rest.length >= 9) {
      const end = 9 + this.#rest.readUIntBE(0, 3);
      if (this.#rest.length < end) return;
      this.frames.push({
        type: this.#rest[3]!,
        flags: this.#rest[4]!,
        stream: this.#rest.readUInt32BE(5),
        payload: this.#rest.subarray(9, end),
      });
      this.#rest = this.#rest.subarray(end);
    }
  }
}

/** SETTINGS_ENABLE_CONNECT_PROTOCOL: 1 (RFC 8441 §3). */
export const ENABLE_CONNECT = Buffer.from([0, 8, 0, 0, 0, 1]);
