import { describe, expect, it } from 'vitest';
import { version } from '../../src/cli/version.ts';
import { start } from './fake-terminal.ts';

describe('hawser', () => {
  it.each([['--help'], ['-h']])('%s says what there is', async (flag) => {
    const { ended, stdout } = start([flag]);
    expect(await ended).toBe(0);
    for (const name of ['connect', 'serve', 'bench']) expect(stdout.text).toContain(`hawser ${name}`);
  });

  it.each(['connect', 'serve', 'bench'])(
    '%s --help says what it can be told, within 100 columns',
    async (name) => {
      const { ended, stdout } = start([name, '--help']);
      expect(await ended).toBe(0);
      expect(stdout.text).toMatch(new RegExp(`^hawser ${name} `));
      expect(stdout.text.split('\n').filter((line) => line.length > 100)).toEqual([]);
    },
  );

  it.each([['--version'], ['-V']])('%s says which it is', async (flag) => {
    const { ended, stdout } = start([flag]);
    expect(await ended).toBe(0);
    expect(stdout.text).toBe(`${version()}\n`);
  });

  it('knows what somebody meant', async () => {
    const { ended, stderr } = start(['conect', 'ws://a']);
    expect(await ended).toBe(2);
    expect(stderr.text).toMatch(/^There is no command "conect": did you mean "connect"\?$/m);
  });

  it.each([[[]], [['walk']], [['constructor']]])('%j is told what there is', async (args) => {
    const { ended, stderr, stdout } = start(args);
    expect(await ended).toBe(2);
    expect(stderr.text).toContain('hawser COMMAND');
    expect(stdout.text).toBe('');
  });
});
