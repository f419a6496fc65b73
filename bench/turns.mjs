// The turns of a scenario as files for the load generator, which load/load.c describes.
import { BINARY, COMPRESSED, frame, maskedFrame, TEXT } from './frames.mjs';
import { compress, PAYLOADS } from './payloads.mjs';

/** The key of RFC 6455 §1.3, and what has to come for it. */
const KEY = 'dGhlIHNhbXBsZSBub25jZQ==';
export const ACCEPT = 's3pPLMBiTxaQ9kYGzzhZRbK+xOo=';

/** What a browser offers. */
const OFFER = 'permessage-deflate; client_max_window_bits';

/** What the bare sockets answer to the request. */
export const RESPONSE = lines([
  'HTTP/1.1 101 Switching Protocols',
  'Upgrade: websocket',
  'Connection: Upgrade',
  `Sec-WebSocket-Accept: ${ACCEPT}`,
]);

/** What a client sends when it has got a turn of messages, and the bytes that this takes on the wire. */
const ANSWER = maskedFrame(TEXT, Buffer.from('.'));

export function request(port, deflate) {
  return lines([
    'GET / HTTP/1.1',
    `Host: 127.0.0.1:${port}`,
    'Upgrade: websocket',
    'Connection: Upgrade',
    `Sec-WebSocket-Key: ${KEY}`,
    'Sec-WebSocket-Version: 13',
    ...(deflate ? [`Sec-WebSocket-Extensions: ${OFFER}`] : []),
  ]);
}

/** The first byte of each frame of a scenario's messages. */
export function firstByteOf({ payload: [type], deflate }) {
  return (type === 'binary' ? BINARY : TEXT) | (deflate ? COMPRESSED : 0);
}

/** What servers answer to a message that they only receive. */
const RECEIPT = frame(TEXT, Buffer.from('.'));

/** The payloads of turn number `index`. */
export function payloadsOf({ payload: [type, bytes], messages }, index) {
  return Array.from({ length: messages }, (_, i) => PAYLOADS[type](bytes, index * messages + i));
}

/**
 * The turns of a scenario.
 *
 * @param raw - Whether the server sends back what it gets, as it is.
 */
export function turnsOf(scenario, raw) {
  const firstByte = firstByteOf(scenario);
  const turns = Array.from({ length: scenario.variety ?? 1 }, (_, index) => {
    const payloads = payloadsOf(scenario, index);
    const batch = Buffer.concat(
      payloads.map((payload) => maskedFrame(firstByte, scenario.deflate ? compress(payload) : payload)),
    );
    if (raw) return { batch, reply: batch };
    // The bytes of compressed replies are not known: only frames are counted.
    const reply = scenario.deflate ? [] : payloads.map((payload) => replyTo(payload, scenario, firstByte));
    return { batch, reply: Buffer.concat(reply) };
  });
  return serialize(turns);
}

function replyTo(payload, { mode }, firstByte) {
  return mode === 'receive' ? RECEIPT : frame(firstByte, payload);
}

/** The turn that clients get: messages, and the answer to them. */
export function clientTurn(scenario) {
  const batch = Buffer.concat(payloadsOf(scenario, 0).map((payload) => frame(BINARY, payload)));
  return { turns: serialize([{ batch, reply: ANSWER }]), turnBytes: batch.length, answer: ANSWER };
}

function serialize(turns) {
  const parts = [uint32(turns.length)];
  for (const { batch, reply } of turns) parts.push(uint32(batch.length), uint32(reply.length), batch, reply);
  return Buffer.concat(parts);
}

function uint32(value) {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

function lines(texts) {
  return `${texts.join('\r\n')}\r\n\r\n`;
}
