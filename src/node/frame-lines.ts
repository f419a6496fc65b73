import { FrameParser } from '../core/frame-parser.ts';
import {
  applyMask,
  BINARY,
  CLOSE,
  CONTINUATION,
  createFrameHeader,
  type FrameRules,
  PING,
  PONG,
  TEXT,
} from '../core/index.ts';

/** How much of a payload is shown, in bytes. */
const SHOWN_BYTES = 64;

const NAMES: Readonly<Record<number, string>> = {
  [CONTINUATION]: 'continuation',
  [TEXT]: 'text',
  [BINARY]: 'binary',
  [CLOSE]: 'close',
  [PING]: 'ping',
  [PONG]: 'pong',
};

/** What every frame keeps to that can be read at all. */
class AnyFrame implements FrameRules {
  /** The header that is being read. */
  header = createFrameHeader();
  readonly rsv1 = true;

  get masked(): boolean {
    return this.header.masked;
  }

  get fragmented(): boolean {
    return this.header.opcode === CONTINUATION;
  }

  payloadLimit(): number {
    return Number.MAX_SAFE_INTEGER;
  }
}

/** Describes the frames of one direction of a connection: a line for each, as soon as what it shows is there. */
export class FrameLines {
  readonly #write: (line: string) => void;
  readonly #parser: FrameParser;
  /** The first bytes of the payload that is being read; `undefined` once they are shown. */
  #shown: Uint8Array | undefined;
  #shownBytes = 0;
  /** The message that continuations go on with. */
  #message = { isText: false, compressed: false };
  /** Whether there is no telling any more where a frame begins. */
  #lost = false;

  constructor(write: (line: string) => void) {
    const rules = new AnyFrame();
    this.#write = write;
    this.#parser = new FrameParser(rules);
    rules.header = this.#parser.header;
  }

  /** Takes the next bytes; they are only read, and only now. */
  add(bytes: Uint8Array): void {
    if (this.#lost) return;
    try {
      for (let at = 0; at < bytes.length; ) at = this.#read(bytes, at);
    } catch (error) {
      this.#lost = true;
      this.#write((error as Error).message);
    }
  }

  #read(bytes: Uint8Array, at: number): number {
    const parser = this.#parser;
    let start = at;
    if (!parser.inFrame) {
      start = parser.readHeader(bytes, at, bytes.length);
      if (!parser.inFrame) return start;
      this.#begin();
    }
    const { key } = parser;
    const end = parser.passPayload(start, bytes.length);
    // A copy, which slice() of a Buffer is not: it is unmasked.
    this.#keep(new Uint8Array(bytes.subarray(start, Math.min(end, start + SHOWN_BYTES))), key);
    if (parser.remaining === 0) parser.endFrame();
    return end;
  }

  #begin(): void {
    const { opcode, rsv1, payloadLength } = this.#parser.header;
    if (opcode === TEXT || opcode === BINARY) this.#message = { isText: opcode === TEXT, compressed: rsv1 };
    this.#shown = new Uint8Array(Math.min(payloadLength, SHOWN_BYTES));
    this.#shownBytes = 0;
  }

  #keep(bytes: Uint8Array, key: number): void {
    if (this.#shown === undefined) return;
    applyMask(bytes, 0, bytes.length, key, 0);
    const room = this.#shown.length - this.#shownBytes;
    this.#shown.set(bytes.subarray(0, room), this.#shownBytes);
    this.#shownBytes += Math.min(bytes.length, room);
    if (this.#shownBytes < this.#shown.length) return;
    this.#write(this.#describe(this.#shown));
    this.#shown = undefined;
  }

  #describe(shown: Uint8Array): string {
    const { opcode, fin, rsv1, masked, payloadLength } = this.#parser.header;
    const flags = [fin ? 'fin' : '', rsv1 ? 'rsv1' : '', masked ? 'masked' : ''].filter(Boolean);
    const cut = payloadLength > shown.length ? ' ...' : '';
    const words = [NAMES[opcode], ...flags, `${payloadLength} B`, this.#showPayload(opcode, shown)];
    return `${words.filter(Boolean).join(' ')}${cut}`;
  }

  #showPayload(opcode: number, shown: Uint8Array): string {
    if (shown.length === 0) return '';
    if (opcode === CLOSE) return `${(shown[0]! << 8) | shown[1]!} ${quote(shown.subarray(2))}`;
    if (opcode === PING || opcode === PONG) return inHex(shown);
    const { isText, compressed } = this.#message;
    return isText && !compressed ? quote(shown) : inHex(shown);
  }
}

function inHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(' ');
}

/** Shows text, so that nothing in it moves the cursor of whoever reads it. */
function quote(bytes: Uint8Array): string {
  const text = JSON.stringify(new TextDecoder().decode(bytes));
  return text.replaceAll(/[\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g, escapeCharacter);
}

function escapeCharacter(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
