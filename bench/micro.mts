// npm run bench: the engine's small parts, each beside what ws or Node use for the same.
import { isUtf8 } from 'node:buffer';
import { createRequire } from 'node:module';
import { Bench } from 'tinybench';
import { createFrameHeader, parseFrameHeader } from '../src/core/frame-header.ts';
import { serializeFrame } from '../src/core/frame-serializer.ts';
import { applyMask } from '../src/core/masking.ts';
import { Protocol } from '../src/core/protocol.ts';
import { isValidUtf8 } from '../src/core/utf8.ts';

// Not in its published types.
const { Receiver, Sender } = createRequire(import.meta.url)('ws');

const KEY = 0x12345678;
const allocate = (length: number): Buffer => Buffer.allocUnsafe(length);
const nothing = (): void => {};

const bench = new Bench({ time: 300 });
const text = (length: number): Buffer => Buffer.alloc(length, 'The quick brown fox. ');

for (const length of [20, 1024, 65536]) {
  const payload = text(length);
  bench.add(`unmask ${length} B`, () => applyMask(payload, 0, length, KEY, 0));
  bench.add(`unmask ${length} B, byte by byte`, () => {
    for (let i = 0; i < length; i++) payload[i] = payload[i]! ^ (KEY >>> (24 - (i & 3) * 8));
  });
}

for (const length of [20, 1024, 65536]) {
  const payload = text(length);
  bench.add(`UTF-8 ${length} B`, () => isValidUtf8(payload));
  bench.add(`UTF-8 ${length} B, node:buffer isUtf8`, () => isUtf8(payload));
}

const frame = serializeFrame(0x82, text(20), KEY, allocate);
const rules = { masked: true, rsv1: false, fragmented: false, payloadLimit: 1024 };
const header = createFrameHeader();
bench.add('header', () => parseFrameHeader(frame, 0, frame.length, rules, header));

const small = text(20);
bench.add('serialize 20 B', () => serializeFrame(0x82, small, undefined, allocate));
bench.add('serialize 20 B, ws', () => {
  Sender.frame(small, { fin: true, rsv1: false, opcode: 2, mask: false, readOnly: true });
});

const stream = Buffer.concat(Array.from({ length: 64 }, () => serializeFrame(0x82, small, 0, allocate)));
const options = {
  maxPayload: 1 << 20,
  checkUtf8: true,
  autoPong: true,
  generateMaskingKey: () => 0,
  allocate,
};
const transport = {
  destroyed: false,
  write: nothing,
  flushSoon: nothing,
  pauseReading: nothing,
  resumeReading: nothing,
  end: nothing,
  destroy: nothing,
};
const events = { onMessage: nothing, onPing: nothing, onPong: nothing, onClose: nothing, onError: nothing };
const protocol = new Protocol('server', options, transport, events);
bench.add('receive 64 messages of 20 B', () => protocol.receive(stream));
const receiver = new Receiver({ isServer: true });
receiver.on('message', nothing);
bench.add('receive 64 messages of 20 B, ws', () => {
  receiver.write(stream);
});

await bench.run();
console.table(bench.table());
