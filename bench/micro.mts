// npm run bench -- --micro: the engine's small parts, each beside what ws or Node use for the same.
import { isUtf8 } from 'node:buffer';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { constants, deflateRawSync, inflateRawSync } from 'node:zlib';
import { Bench } from 'tinybench';
import { createFrameHeader, parseFrameHeader } from '../src/core/frame-header.ts';
import { serializeFrame } from '../src/core/frame-serializer.ts';
import { applyMask } from '../src/core/masking.ts';
import { Protocol } from '../src/core/protocol.ts';
import { isValidUtf8 } from '../src/core/utf8.ts';
import { PerMessageDeflate } from '../src/node/deflate.ts';
import { slabBytes, unmask } from '../src/node/fast-path/slab.ts';
import { bufferMemory } from '../src/node/payload-memory.ts';
import { PAYLOADS } from './payloads.mjs';

type Callback = (error: Error | null, output?: Uint8Array) => void;

// Not in its published types.
const require = createRequire(import.meta.url);
const { PerMessageDeflate: WsPerMessageDeflate, Receiver, Sender } = require('ws');
const { unmask: wsUnmask } = require(join(dirname(require.resolve('ws')), 'lib', 'buffer-util.js'));

const SIZES = [20, 1024, 65_536];
const KEY = 0x12345678;
const KEY_BYTES = Buffer.from([0x12, 0x34, 0x56, 0x78]);
const allocate = (length: number): Buffer => Buffer.allocUnsafeSlow(length);
const nothing = (): void => {};

const bench = new Bench({ time: 200 });
addHeader();
addUnmasking();
addUtf8();
addSerialization();
addReceiving();
addDeflate();
await bench.run();
console.table(
  bench.table((task) => {
    const { result } = task;
    if (result.state !== 'completed') throw new Error(`${task.name} did not complete`, { cause: result });
    return {
      task: task.name,
      'ns, median': Math.round(result.latency.p50 * 1e6),
      'ns, mean': Math.round(result.latency.mean * 1e6),
    };
  }),
);

/** ws reads headers in its Receiver alone: "receive" has both. */
function addHeader(): void {
  const rules = { masked: true, rsv1: false, fragmented: false, payloadLimit: () => 2 ** 20 };
  const header = createFrameHeader();
  for (const size of SIZES) {
    const frame = serializeFrame(0x82, PAYLOADS.binary(size, 0), KEY, allocate);
    bench.add(`header of ${size} B`, () => {
      parseFrameHeader(frame, 0, frame.length, rules, header);
    });
  }
}

function addUnmasking(): void {
  for (const size of SIZES) {
    const payload = PAYLOADS.binary(size, 0);
    const { length } = slabBytes();
    const start = length - size;
    bench.add(`unmask ${size} B`, () => applyMask(payload, 0, size, KEY, 0));
    bench.add(`unmask ${size} B of the slab`, () => unmask(slabBytes(), start, length, KEY, 0));
    bench.add(`unmask ${size} B of the slab into a message`, () => {
      bufferMemory.takeUnmasked(slabBytes(), start, length, KEY);
    });
    bench.add(`unmask ${size} B, ws without bufferutil`, () => wsUnmask(payload, KEY_BYTES));
  }
}

function addUtf8(): void {
  for (const size of SIZES) {
    const ascii = Buffer.alloc(size, 'The quick brown fox. ');
    const text = PAYLOADS.text(size, 0);
    bench.add(`UTF-8, ${size} B of ASCII`, () => {
      isValidUtf8(ascii);
    });
    bench.add(`UTF-8, ${size} B of ASCII, isUtf8 of Node`, () => {
      isUtf8(ascii);
    });
    bench.add(`UTF-8, ${size} B of text`, () => {
      isValidUtf8(text);
    });
    bench.add(`UTF-8, ${size} B of text, isUtf8 of Node`, () => {
      isUtf8(text);
    });
  }
}

function addSerialization(): void {
  for (const size of [20, 1024]) {
    const payload = PAYLOADS.binary(size, 0);
    const options = { fin: true, rsv1: false, opcode: 2, readOnly: true };
    const maskBuffer = Buffer.alloc(4);
    bench.add(`serialize ${size} B`, () => {
      serializeFrame(0x82, payload, undefined, allocate);
    });
    bench.add(`serialize ${size} B, ws (header alone: the payload is not copied)`, () => {
      Sender.frame(payload, { ...options, mask: false });
    });
    bench.add(`serialize ${size} B masked`, () => {
      serializeFrame(0x82, payload, KEY, allocate);
    });
    bench.add(`serialize ${size} B masked, ws`, () => {
      Sender.frame(payload, { ...options, mask: true, maskBuffer, generateMask: fillMask });
    });
  }
}

function addReceiving(): void {
  const options = {
    maxPayload: 1 << 20,
    checkUtf8: true,
    autoPong: true,
    generateMaskingKey: () => 0,
    allocate,
  };
  const transport = {
    destroyed: false,
    full: false,
    write: nothing,
    flushSoon: nothing,
    queued: nothing,
    pauseReading: nothing,
    resumeReading: nothing,
    end: nothing,
    destroy: nothing,
  };
  const events = { onMessage: nothing, onPing: nothing, onPong: nothing, onClose: nothing, onError: nothing };
  const protocol = new Protocol('server', options, transport, events);
  const receiver = new Receiver({ isServer: true });
  receiver.on('message', nothing);
  for (const [count, size] of [
    [64, 20],
    [16, 1024],
  ] as const) {
    // Unmasked in place: a key of 0 leaves the bytes as they are for the next time.
    const frame = serializeFrame(0x82, PAYLOADS.binary(size, 0), 0, allocate);
    const stream = Buffer.concat(Array.from({ length: count }, () => frame));
    bench.add(`receive ${count} messages of ${size} B`, () => protocol.receive(stream));
    bench.add(`receive ${count} messages of ${size} B, ws`, () => {
      receiver.write(stream);
    });
  }
}

/** Contexts are kept between messages. Every message is another: the same one again would be found in the context. */
function addDeflate(): void {
  const messages = Array.from({ length: 64 }, (_, i) => PAYLOADS.json(1024, i));
  const compressed = messages.map((message) => {
    const whole = deflateRawSync(message, { finishFlush: constants.Z_SYNC_FLUSH });
    return whole.subarray(0, whole.length - 4);
  });
  const whole = messages.map((message) => deflateRawSync(message));
  const ours = createOurs();
  const theirs = createTheirs();
  const add = (
    name: string,
    inputs: readonly Buffer[],
    run: (input: Buffer, done: Callback) => void,
  ): void => {
    let next = 0;
    bench.add(name, () => promisified((done) => run(inputs[next++ % inputs.length]!, done)));
  };
  add('deflate 1 KiB of JSON', messages, (input, done) => ours.compress(input, true, done));
  add('deflate 1 KiB of JSON, ws', messages, (input, done) => theirs.compress(input, true, done));
  add('deflate 1 KiB of JSON, deflateRawSync', messages, (input, done) => done(null, deflateRawSync(input)));
  add('inflate 1 KiB of JSON', compressed, (input, done) => ours.inflate(input, true, 1 << 20, done));
  add('inflate 1 KiB of JSON, ws', compressed, (input, done) => theirs.decompress(input, true, done));
  add('inflate 1 KiB of JSON, inflateRawSync', whole, (input, done) => done(null, inflateRawSync(input)));
}

function createOurs(): PerMessageDeflate {
  const parameters = {
    serverMaxWindowBits: 15,
    clientMaxWindowBits: 15,
    serverNoContextTakeover: false,
    clientNoContextTakeover: false,
  };
  return new PerMessageDeflate('server', parameters, {});
}

function createTheirs(): {
  compress(data: Uint8Array, fin: boolean, callback: Callback): void;
  decompress(data: Uint8Array, fin: boolean, callback: Callback): void;
} {
  const extension = new WsPerMessageDeflate({ isServer: true });
  extension.accept([{}]);
  return extension;
}

function promisified(run: (done: Callback) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    run((error) => (error ? reject(error) : resolve()));
  });
}

function fillMask(mask: Buffer): void {
  KEY_BYTES.copy(mask);
}
