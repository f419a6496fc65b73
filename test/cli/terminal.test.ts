import { PassThrough } from 'node:stream';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { Terminal } from '../../src/cli/terminal.ts';
import { fakeTerminal } from './fake-terminal.ts';

const streams = (isTTY: boolean) => {
  const stream = () => Object.assign(new PassThrough(), { isTTY });
  return { stdin: stream(), stdout: stream(), stderr: stream() };
};

describe('Terminal', () => {
  it('prints results to stdout, and notes to stderr', () => {
    const { terminal, stdout, stderr } = fakeTerminal();
    terminal.print('result');
    terminal.note('note');
    expect([stdout.read()?.toString() ?? stdout.text, stderr.text]).toEqual(['result\n', 'note\n']);
  });

  it('has colours in front of a person, unless told otherwise', () => {
    vi.stubEnv('NO_COLOR', undefined);
    onTestFinished(() => void vi.unstubAllEnvs());
    expect(new Terminal(streams(true)).style('red', 'x')).toBe('\u001b[31mx\u001b[39m');
    expect(new Terminal(streams(false)).style('red', 'x')).toBe('x');
    expect(new Terminal(streams(true), false).style('red', 'x')).toBe('x');
    vi.stubEnv('NO_COLOR', '1');
    expect(new Terminal(streams(true)).style('red', 'x')).toBe('x');
  });

  it('shows a person what would command the terminal, and hands it on to a program', () => {
    expect(fakeTerminal({ isTTY: true }).terminal.shown('\u001b[2J')).toBe('␛[2J');
    expect(fakeTerminal().terminal.shown('\u001b[2J')).toBe('\u001b[2J');
  });

  it('is interactive where both ends are a terminal’s', () => {
    expect(new Terminal(streams(true)).isInteractive).toBe(true);
    expect(new Terminal({ ...streams(true), stdin: new PassThrough() }).isInteractive).toBe(false);
  });
});
