import type { PerMessageDeflateOptions } from '../../src/index.ts';

/** Lengths on both sides of each form of the length field (RFC 6455 §5.2), and a large one. */
export const SIZES = [0, 1, 125, 126, 65_535, 65_536, 2 ** 20] as const;

/** Text of `size` bytes in UTF-8, of characters of one to four bytes. */
export function textOf(size: number): string {
  const unit = 'aé€😀';
  const unitBytes = Buffer.byteLength(unit);
  return unit.repeat(Math.floor(size / unitBytes)) + 'x'.repeat(size % unitBytes);
}

/** Bytes that compress somewhat: every value, and a repetition that is not a window's; not to be written to. */
export function bytesOf(size: number): Buffer {
  return BYTES.subarray(0, size);
}

const BYTES = Buffer.alloc(2 ** 20);
for (let i = 0; i < BYTES.length; i++) BYTES[i] = i * 7 + (i >> 8) * (i % 11);

export interface DeflateCase {
  readonly name: string;
  readonly server: boolean | PerMessageDeflateOptions;
  readonly client: boolean | PerMessageDeflateOptions;
  /** The extension header of the response; `undefined` for none. */
  readonly agreed: readonly string[] | undefined;
}

const NO_CONTEXT = { serverNoContextTakeover: true, clientNoContextTakeover: true, threshold: 0 };
const SMALL_WINDOW = { serverMaxWindowBits: 9, clientMaxWindowBits: 9, threshold: 0 };

export const DEFLATE_CASES: readonly DeflateCase[] = [
  { name: 'off', server: false, client: false, agreed: undefined },
  { name: 'off at the server', server: false, client: true, agreed: undefined },
  { name: 'on', server: { threshold: 0 }, client: { threshold: 0 }, agreed: [] },
  {
    name: 'no context takeover',
    server: NO_CONTEXT,
    client: NO_CONTEXT,
    agreed: ['client_no_context_takeover', 'server_no_context_takeover'],
  },
  {
    name: 'windows of 9 bits',
    server: SMALL_WINDOW,
    client: SMALL_WINDOW,
    agreed: ['client_max_window_bits=9', 'server_max_window_bits=9'],
  },
];

/** The parameters of permessage-deflate among the lines of a response; `undefined` without the extension. */
export function agreedParameters(responseLines: readonly string[]): string[] | undefined {
  const line = responseLines.find((text) => /^sec-websocket-extensions:/i.test(text));
  if (line === undefined) return undefined;
  const [name, ...parameters] = line.slice(line.indexOf(':') + 1).split(';');
  if (name!.trim() !== 'permessage-deflate') throw new Error(`Not permessage-deflate: ${line}`);
  return parameters.map((parameter) => parameter.trim()).sort();
}
