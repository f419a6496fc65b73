// What the messages carry: the same in every run.
import { constants, deflateRawSync } from 'node:zlib';

const NAMES = [
  'Ada Lovelace',
  'Grace Hopper',
  'Zoë Blåbær',
  'Łukasz Żak',
  'Mary Jackson',
  '高橋 優',
  'Amélie Poulain',
];
const WORDS = [
  'harbour',
  'anchor',
  'mooring',
  'bollard',
  'windlass',
  'fathom',
  'tide',
  'quay',
  'rope',
  'berth',
];

/** What deflate ends a message with, which is not sent (RFC 7692 §7.2.1). */
const TAIL_BYTES = 4;

/** Makes the payload number `index`, `bytes` long. */
export const PAYLOADS = {
  binary: (bytes, index) => {
    const random = randomNumbers(index);
    const payload = Buffer.alloc(bytes);
    for (let i = 0; i < bytes; i++) payload[i] = random(256);
    return payload;
  },
  text: (bytes, index) => cut(sentences(bytes, randomNumbers(index)), bytes),
  json: (bytes, index) => {
    const random = randomNumbers(index);
    let list = '';
    while (list.length < bytes) list += `${list === '' ? '[' : ','}${JSON.stringify(record(random))}`;
    return cut(list, bytes);
  },
  /** One JSON object on one line. */
  update: (bytes, index) => {
    const random = randomNumbers(index);
    const update = { ...record(random), number: index, note: '' };
    const free = bytes - Buffer.byteLength(JSON.stringify(update));
    return Buffer.from(JSON.stringify({ ...update, note: cut(sentences(free, random), free).toString() }));
  },
  blank: (bytes) => Buffer.alloc(bytes),
};

/** Compresses a message by itself, as a client without context takeover does. */
export function compress(payload) {
  const compressed = deflateRawSync(payload, { finishFlush: constants.Z_SYNC_FLUSH });
  return compressed.subarray(0, compressed.length - TAIL_BYTES);
}

/** Cuts text to a number of bytes; a character that is cut in two becomes blanks. */
function cut(text, bytes) {
  const all = Buffer.from(text);
  let end = bytes;
  while ((all[end] & 0xc0) === 0x80) end--;
  return Buffer.concat([all.subarray(0, end), Buffer.alloc(bytes - end, ' ')]);
}

function sentences(bytes, random) {
  let text = '';
  while (text.length < bytes) {
    text += `${pick(NAMES, random)} and the ${pick(WORDS, random)} of ${pick(WORDS, random)} ${random(1000)}. `;
  }
  return text;
}

function record(random) {
  return {
    id: random(2 ** 31),
    name: pick(NAMES, random),
    tags: [pick(WORDS, random), pick(WORDS, random)],
    price: random(100_000) / 100,
    active: random(2) === 1,
    at: new Date(1_700_000_000_000 + random(2 ** 31)).toISOString(),
  };
}

function pick(list, random) {
  return list[random(list.length)];
}

/** A linear congruential generator: numbers from 0 to below `limit`. */
function randomNumbers(seed) {
  let state = (seed + 1) * 2_654_435_761;
  return (limit) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
}
