import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  HubError,
  parseBinaryMessage,
  parseMessage,
  serializeBinaryMessage,
  serializeMessage,
  type WireMessage,
} from '../../src/wire/index.ts';
import type { Target } from './target.ts';

/** The bytes of a binary message are those of `text`, in UTF-8 or not, within others. */
interface Input {
  readonly text: string;
  /** What stands before the text in a binary message: its version, and the length of its head. */
  readonly prefix: readonly number[];
  /** The text's bytes that are others, by their place. */
  readonly spoilt: ReadonlyArray<readonly [at: number, byte: number]>;
  readonly data: readonly number[];
}

type Read = { readonly message: WireMessage } | { readonly code: unknown };

const MAX_DEPTH = 6;

const NAMES = ['type', 'data', 'id', 'room', 'offset', 'mid', 'key'];
/** Those of objects and arrays, which are names like any others. */
const ODD_NAMES = ['__proto__', 'constructor', 'prototype', 'toString', 'toJSON', 'length', 'then', '', '0'];

const MAX_NUMERAL = `${2n ** 64n - 1n}`;
const STRINGS = [
  ...[0, 1, 127, 128, 129, 256, 257].map((length) => JSON.stringify('x'.repeat(length))),
  ...['$hello', '$', '__proto__', '😀', '\0', '0-0', '1-', `${MAX_NUMERAL}-${MAX_NUMERAL}`].map(quoted),
  ...[`${2n ** 64n}-0`, `0-${2n ** 64n}`, `${10n ** 20n}-0`, '007-01', '1-1\n', '١-١'].map(quoted),
  // As text, so that it stays what no string of UTF-8 can have.
  String.raw`"\ud800"`,
  String.raw`"\u0074ype"`,
];
const NUMBERS = [
  ...['0', '-0', '1', '1.0', '1e3', '1e-7', '1.5', '-1', '9007199254740991', '9007199254740992'],
  ...['9007199254740993', '1e400', '-1e400', '9'.repeat(400), '0.1e1', '00', '1.', '+1', 'NaN', '0x1'],
];

/** JSON as text, as a value would not keep what is odd in it. */
const atom = fc.oneof(
  fc.constantFrom(...STRINGS, ...NUMBERS, 'null', 'true', 'undefined', '{}', '[]'),
  fc.json({ maxDepth: 3 }),
);
const nested = fc
  .tuple(atom, fc.array(fc.constantFrom(...ODD_NAMES, undefined), { maxLength: MAX_DEPTH + 2 }))
  .map(([inner, names]) =>
    names.reduce<string>(
      (text, name) => (name === undefined ? `[${text}]` : `{${quoted(name)}:${text}}`),
      inner,
    ),
  );
const valid = fc.constantFrom(
  '"type":"say"',
  '"id":7',
  '"id":9007199254740991',
  '"room":"lobby"',
  '"offset":"12-3"',
  '"mid":"a:1"',
  '"key":"k"',
  '"data":{"a":[1]}',
);
const odd = fc
  .tuple(fc.constantFrom(...NAMES), fc.constantFrom(...STRINGS, ...NUMBERS))
  .map(([name, text]) => `${quoted(name)}:${text}`);
const member = fc.oneof(
  { weight: 3, arbitrary: valid },
  { weight: 1, arbitrary: odd },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.constantFrom(...NAMES, ...ODD_NAMES), nested)
      .map(([name, text]) => `${quoted(name)}:${text}`),
  },
);
const message = fc
  .tuple(
    fc.constantFrom('"type":"say"', '"type":"$join"', '"type":"__proto__"', undefined),
    // Two of the same name are one for JSON: the last.
    fc.array(member, { maxLength: 5 }),
    fc.constantFrom('', ' ', '\ufeff', '\n'),
  )
  .map(([type, others, space]) => `${space}{${[type, ...others].filter((each) => each !== undefined)}}`);

/** Messages of the hub's protocol, right and spoilt, as text and as bytes: what is read is what docs/hub-protocol.md says. */
export const messages: Target<Input> = {
  name: 'messages',
  inputs: fc
    .record({
      text: fc.oneof(
        { weight: 8, arbitrary: message },
        { weight: 1, arbitrary: nested },
        { weight: 1, arbitrary: fc.string() },
      ),
      end: fc.option(fc.nat(200), { nil: undefined, freq: 6 }),
      version: fc.constantFrom(1, 1, 1, 1, 1, 0, 2, 0x7b),
      lengthOff: fc.constantFrom(0, 0, 0, 0, 0, -1, 1, 300, 65_536),
      spoilt: fc.array(fc.tuple(fc.nat(200), fc.constantFrom(0x00, 0x22, 0x5b, 0x80, 0xc3, 0xed, 0xff)), {
        maxLength: 1,
      }),
      isSpoilt: fc.constantFrom(false, false, false, true),
      data: fc.array(fc.nat(255), { maxLength: 20 }),
    })
    .map(({ text, end, version, lengthOff, spoilt, isSpoilt, data }) => {
      const cut = text.slice(0, end);
      const length = Math.max(0, Buffer.byteLength(cut) + lengthOff) & 0xffff;
      return {
        text: cut,
        prefix: [version, length >>> 8, length & 0xff],
        spoilt: isSpoilt ? spoilt : [],
        data,
      };
    }),
  check({ text, prefix, spoilt, data }) {
    checkText(text);
    const bytes = Buffer.from([...prefix, ...Buffer.from(text), ...data]);
    for (const [at, byte] of spoilt) if (at + 3 < bytes.length) bytes[at + 3] = byte;
    checkBytes(bytes);
    for (let end = 0; end < 5; end++) checkBytes(bytes.subarray(0, end));
  },
};

function checkText(text: string): void {
  const result = read(() => parseMessage(text, { maxDepth: MAX_DEPTH }));
  const expected = expectedOf(text);
  assert.deepEqual(result, expected);
  if (!('message' in result)) return;
  assert.equal(Object.getPrototypeOf(result.message), Object.prototype);
  const again = parseMessage(serializeMessage(result.message), { maxDepth: MAX_DEPTH });
  // A zero loses its sign; a number that is too large is none.
  assert.deepEqual(again, JSON.parse(JSON.stringify(result.message)));
}

function checkBytes(bytes: Uint8Array): void {
  const result = read(() => parseBinaryMessage(bytes, { maxDepth: MAX_DEPTH }));
  const expected = expectedOfBytes(bytes);
  assert.deepEqual(result, expected);
  if (!('message' in result)) return;
  const message = result.message as WireMessage & { data: Uint8Array };
  assert.equal(message.data.buffer, bytes.buffer);
  const again = parseBinaryMessage(serializeBinaryMessage(message), { maxDepth: MAX_DEPTH });
  assert.deepEqual([...(again.data as Uint8Array)], [...message.data]);
  const { data: _, ...head } = message;
  assert.deepEqual({ ...again, data: undefined }, { ...JSON.parse(JSON.stringify(head)), data: undefined });
}

/** Fails with anything but the errors that are meant. */
function read(parse: () => WireMessage): Read {
  try {
    return { message: parse() };
  } catch (error) {
    assert.ok(error instanceof HubError, `no HubError: ${error}`);
    return { code: error.code };
  }
}

/** What docs/hub-protocol.md says of a text message, the slow way. */
function expectedOf(text: string): Read {
  if (hasTooDeepBrackets(text)) return { code: 'TOO_DEEP' };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { code: 'BAD_MESSAGE' };
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return { code: 'BAD_MESSAGE' };
  const { type, id, room, offset, mid, key } = Object.assign(Object.create(null), value);
  const isMessage =
    isName(type, 128) &&
    (id === undefined || (Number.isInteger(id) && id >= 1 && id <= 2 ** 53 - 1)) &&
    (room === undefined || isName(room, 256)) &&
    (offset === undefined || isPlace(offset)) &&
    [mid, key].every((each) => each === undefined || isName(each, 128));
  return isMessage ? { message: value as WireMessage } : { code: 'BAD_MESSAGE' };
}

function expectedOfBytes(bytes: Uint8Array): Read {
  const [version, high = 0, low] = bytes;
  if (version !== 1 || low === undefined) return { code: 'BAD_MESSAGE' };
  const end = 3 + high * 256 + low;
  const head = Buffer.from(bytes.subarray(3, end));
  if (end > bytes.length || !Buffer.from(head.toString()).equals(head)) return { code: 'BAD_MESSAGE' };
  const result = expectedOf(head.toString());
  if (!('message' in result)) return result;
  if (Object.hasOwn(result.message, 'data')) return { code: 'BAD_MESSAGE' };
  return { message: { ...result.message, data: bytes.subarray(end) } };
}

/** Counts brackets outside of strings, which are taken out first. */
function hasTooDeepBrackets(text: string): boolean {
  let depth = 0;
  for (const bracket of text.replace(/"(?:[^"\\]|\\[\s\S])*(?:"|\\?$)/g, '').replace(/[^[\]{}]/g, '')) {
    depth += '[{'.includes(bracket) ? 1 : -1;
    if (depth > MAX_DEPTH) return true;
  }
  return false;
}

function isName(value: unknown, length: number): boolean {
  return typeof value === 'string' && value.length >= 1 && value.length <= length;
}

function isPlace(value: unknown): boolean {
  if (typeof value !== 'string') return false;
  const numbers = value.split('-');
  return (
    numbers.length === 2 &&
    numbers.every((number) => /^[0-9]{1,20}$/.test(number) && BigInt(number) < 2n ** 64n)
  );
}

function quoted(text: string): string {
  return JSON.stringify(text);
}
