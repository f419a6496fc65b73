import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ExitCode } from '../../src/cli/exit-code.ts';
import { start } from './fake-terminal.ts';

const page = readFileSync('docs/cli.md', 'utf8');

describe('docs/cli.md', () => {
  it.each([[[]], [['connect']], [['serve']], [['bench']]])(
    'has what hawser %j --help says',
    async (command) => {
      const { ended, stdout } = start([...command, '--help']);
      await ended;
      expect(page).toContain(`\`\`\`text\n${stdout.text}\`\`\`\n`);
    },
  );

  it('has the exit codes', () => {
    const codes = [...page.matchAll(/^\| (\d) +\|/gm)].map(([, code]) => Number(code));
    expect(codes).toEqual(Object.values(ExitCode));
  });
});
