import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { Protocol } from '../../src/core/index.ts';
import { createProtocol } from '../../src/node/frame-log.ts';

const CHILD = fileURLToPath(new URL('./frame-log-child.ts', import.meta.url));

/** Runs the child; returns what it printed, and the frames that were logged. */
async function runChild(environment: Record<string, string>, ...args: string[]) {
  const env = { ...process.env, NODE_DEBUG: '', ...environment };
  const command = ['--import', 'tsx', CHILD, ...args];
  const { stdout, stderr } = await promisify(execFile)(process.execPath, command, { env });
  const lines = stderr.split('\n').filter((line) => line.startsWith('HAWSER'));
  return { stdout, lines: lines.map((line) => line.replace(/^HAWSER \d+: /, '')) };
}

const LINES = [
  'client 2 -> text fin masked 5 B "hello"',
  'server 1 <- text fin masked 5 B "hello"',
  'server 1 -> text fin 5 B "hello"',
  'client 2 <- text fin 5 B "hello"',
  'client 2 -> close fin masked 6 B 1000 "done"',
  'server 1 <- close fin masked 6 B 1000 "done"',
  'server 1 -> close fin 6 B 1000 "done"',
  'client 2 <- close fin 6 B 1000 "done"',
];

describe('frames', () => {
  it.each([
    ['the fast path', {}],
    ['Node’s streams', { HAWSER_NO_FAST_PATH: '1' }],
  ])('are written to stderr with NODE_DEBUG=hawser, over %s', async (_, environment) => {
    const { lines } = await runChild({ NODE_DEBUG: 'hawser', ...environment });
    expect(lines).toEqual(LINES);
  });

  it('are written while a peer reads late, and nothing else changes', async () => {
    const { stdout, lines } = await runChild({ NODE_DEBUG: 'hawser' }, 'much');
    expect(stdout).toBe((await runChild({}, 'much')).stdout);
    expect(stdout).toBe('full\ndrain\n');
    for (const way of ['server 1 ->', 'client 2 <-']) {
      const messages = lines.filter((line) => line.startsWith(`${way} binary fin 262144 B 00`));
      expect([way, messages.length]).toEqual([way, 64]);
    }
  });

  it('are written of messages that are streams', async () => {
    const { stdout, lines } = await runChild({ NODE_DEBUG: 'hawser' }, 'streams');
    expect(stdout).toBe('hello\n');
    const ofClient = lines.filter((line) => line.startsWith('client 2 '));
    expect(ofClient.filter((line) => line.startsWith('client 2 ->'))).toEqual([
      'client 2 -> text masked 3 B "hel"',
      'client 2 -> continuation masked 2 B "lo"',
      'client 2 -> continuation fin masked 0 B',
      'client 2 -> close fin masked 6 B 1000 "done"',
    ]);
    const echoed = ofClient.filter((line) => line.startsWith('client 2 <- ') && !line.includes('close'));
    expect(echoed[0]).toMatch(/^client 2 <- text \d B "he?l?l?o?"$/);
    expect(echoed.at(-1)).toBe('client 2 <- continuation fin 0 B');
  });

  it('are not without it', async () => {
    expect((await runChild({})).lines).toEqual([]);
    expect((await runChild({ NODE_DEBUG: 'net' })).lines).toEqual([]);
  });
});

it('makes the very protocol where nothing is logged', () => {
  const options = { maxPayload: 1, checkUtf8: true, autoPong: true } as Parameters<typeof createProtocol>[1];
  const protocol = createProtocol('server', options, {} as never, {} as never);
  expect(Object.getPrototypeOf(protocol)).toBe(Protocol.prototype);
});
