import { once } from 'node:events';
import {
  constants,
  createDeflateRaw,
  createInflateRaw,
  type DeflateRaw,
  deflateRawSync,
  type InflateRaw,
} from 'node:zlib';
import { describe, expect, it, onTestFinished } from 'vitest';
import { ZlibCalls } from '../../../src/node/fast-path/zlib-calls.ts';

function callsOf(raw: DeflateRaw | InflateRaw): ZlibCalls {
  onTestFinished(() => raw.close());
  return ZlibCalls.of(raw)!;
}

describe('ZlibCalls', () => {
  it('puts input through, and says what of it and of the room is left', () => {
    const calls = callsOf(createInflateRaw());
    const output = Buffer.alloc(8);
    const input = Buffer.concat([deflateRawSync('Hello'), Buffer.from('rest')]);
    calls.putThrough(constants.Z_SYNC_FLUSH, input, output, 1);
    expect([calls.inputLeft, calls.roomLeft]).toEqual([4, 2]);
    expect(output.toString('latin1')).toBe('\0Hello\0\0');
  });

  it('throws the error of zlib', () => {
    const raw = createInflateRaw();
    raw.on('error', () => {});
    const calls = callsOf(raw);
    expect(() => calls.putThrough(0, Buffer.alloc(4, 0xff), Buffer.alloc(8), 0)).toThrow(
      'invalid block type',
    );
  });

  it('lets the stream work by itself between calls', async () => {
    const raw = createDeflateRaw();
    const calls = callsOf(raw);
    const output = Buffer.alloc(100);
    calls.putThrough(constants.Z_SYNC_FLUSH, Buffer.from('Hello'), output, 0);
    const first = output.subarray(0, output.length - calls.roomLeft);
    calls.makeOutput();
    raw.write('Hello');
    raw.flush(constants.Z_SYNC_FLUSH);
    const [second] = (await once(raw, 'data')) as [Buffer];
    calls.freeOutput();
    const inflate = callsOf(createInflateRaw());
    const text = Buffer.alloc(20);
    inflate.putThrough(constants.Z_SYNC_FLUSH, Buffer.concat([first, second]), text, 0);
    expect(text.toString('latin1', 0, text.length - inflate.roomLeft)).toBe('HelloHello');
  });

  it.each([
    ['no handle', { _handle: null }],
    ['a handle without the call', { _handle: {} }],
    ['its results elsewhere', { _writeState: undefined }],
    ['its output elsewhere', { _outBuffer: undefined }],
    ['no place in its output', { _outOffset: undefined }],
    ['no size of its output', { _chunkSize: undefined }],
  ])('are not there where a stream has %s', (_name, other) => {
    const raw = createDeflateRaw();
    const { _handle, _writeState, _outBuffer, _outOffset, _chunkSize } = raw as unknown as Record<
      string,
      unknown
    >;
    const like = { _handle, _writeState, _outBuffer, _outOffset, _chunkSize, ...other };
    raw.close();
    expect(ZlibCalls.of(like as unknown as DeflateRaw)).toBeUndefined();
  });
});
