import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { writeResponse } from '../../src/node/write-response.ts';
import { socketPair } from './socket-pair.ts';

/** What arrives at the other end of a stream. */
async function textFrom(stream: NodeJS.ReadableStream, length: number): Promise<string> {
  let text = '';
  stream.setEncoding('utf8');
  while (Buffer.byteLength(text) < length) text += (await once(stream, 'data'))[0];
  return text;
}

describe('writeResponse', () => {
  it.each([undefined, false])('writes to a socket as UTF-8, with fastPath: %s', async (fastPath) => {
    const { near, far } = await socketPair();
    writeResponse(near, 'é€', fastPath);
    expect(await textFrom(far, 5)).toBe('é€');
    near.destroy();
    far.destroy();
  });

  it('keeps the order behind what is in the stream', async () => {
    const { near, far } = await socketPair();
    near.cork();
    near.write('a');
    writeResponse(near, 'b', undefined);
    near.uncork();
    expect(await textFrom(far, 2)).toBe('ab');
    near.destroy();
    far.destroy();
  });

  it('writes to any stream', async () => {
    const stream = new PassThrough();
    writeResponse(stream, 'abc', undefined);
    expect(await textFrom(stream, 3)).toBe('abc');
  });
});
