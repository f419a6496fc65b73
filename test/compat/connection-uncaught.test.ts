import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { difference } from './differences.ts';
import { ENGINES } from './engines.ts';

const child = fileURLToPath(new URL('./uncaught-child.ts', import.meta.url));

/** What comes of each case of the child process. */
async function outcomesOf(name: string): Promise<Record<string, string>> {
  const { stdout } = await promisify(execFile)(process.execPath, ['--import', 'tsx', child, name]);
  return JSON.parse(stdout);
}

describe.each(ENGINES)('$name', ({ name }) => {
  const outcomes = outcomesOf(name);

  it.each([
    'message',
    'message, by addEventListener',
    'message, by onmessage',
    'ping',
    'pong',
    'error',
    'close',
    'the callback of a send',
    'the callback of a Blob',
    'the callback of a send that is too late',
  ])('what is thrown in %s is not swallowed', async (where) => {
    expect((await outcomes)[where]).toBe(`uncaught: ${where}`);
  });

  it('an error of a stream that nobody listens to is thrown', async () => {
    expect((await outcomes)['nobody listens to the error of a stream']).toBe(
      'uncaught: Invalid WebSocket frame: invalid opcode 5',
    );
  });

  it(difference('unheard-error'), async () => {
    expect((await outcomes)['nobody listens to the error']).toBe(
      name === 'ws' ? 'uncaught: Invalid WebSocket frame: invalid opcode 5' : 'close 1006',
    );
  });

  it(difference('unheard-attempt'), async () => {
    expect((await outcomes)['nobody listens to the error of an attempt']).toBe(
      name === 'ws' ? 'uncaught: Unexpected server response: 401' : 'close 1006',
    );
  });
});
