import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { MessageStream } from '../../src/api/message-stream.ts';

function setUp() {
  const log: string[] = [];
  const stream = new MessageStream(true, {
    onWanted: () => log.push('wanted'),
    onClosed: () => log.push('closed'),
  });
  return { log, stream };
}

describe('MessageStream', () => {
  it('asks for more when it is read, and tells its end', async () => {
    const { log, stream } = setUp();
    stream.push('a');
    stream.push(null);
    expect(String(Buffer.concat(await stream.toArray()))).toBe('a');
    expect([stream.isBinary, log.at(-1)]).toEqual([true, 'closed']);
  });

  it('tells an error to who listens, and is only closed when nobody does', async () => {
    const { stream } = setUp();
    const told = once(stream, 'error');
    stream.destroy(new Error('cut off'));
    expect((await told)[0].message).toBe('cut off');
    const other = setUp();
    other.stream.destroy(new Error('cut off'));
    await once(other.stream, 'close');
    expect(other.log).toEqual(['closed']);
  });
});
