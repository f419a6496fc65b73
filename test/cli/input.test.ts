import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { Input, type InputTarget } from '../../src/cli/input.ts';
import { fakeTerminal } from './fake-terminal.ts';

/** Takes what is read, one after the other as `release` lets it. */
class Target implements InputTarget {
  readonly got: string[] = [];
  ended = false;
  release: (() => void) | undefined;
  readonly #holds: boolean;
  #onChange = (): void => {};

  constructor(holds = false) {
    this.#holds = holds;
  }

  async take(data: string | Buffer): Promise<void> {
    this.got.push(String(data));
    this.#onChange();
    if (this.#holds) {
      await new Promise<void>((resolve) => {
        this.release = resolve;
      });
    }
  }

  onInputEnd(): void {
    this.ended = true;
    this.#onChange();
  }

  async until(test: () => boolean): Promise<void> {
    while (!test()) {
      await new Promise<void>((resolve) => {
        this.#onChange = resolve;
      });
    }
  }
}

function make({ isBinary = false, isInteractive = false, onInterrupt = () => {} } = {}) {
  const { terminal, stdin, stdout } = fakeTerminal({ isTTY: isInteractive });
  return { input: new Input(terminal, { isBinary, isInteractive, onInterrupt }), stdin, stdout };
}

describe('Input', () => {
  it('reads lines, one when the one before was taken', async () => {
    const { input, stdin } = make();
    const target = new Target(true);
    input.attach(target);
    stdin.end('one\r\ntwo\n\nfour');
    await target.until(() => target.got.length === 1);
    await new Promise(setImmediate);
    expect(target.got).toEqual(['one']);
    for (let count = 2; count <= 4; count++) {
      target.release!();
      await target.until(() => target.got.length === count);
    }
    expect([target.got, target.ended]).toEqual([['one', 'two', '', 'four'], false]);
    target.release!();
    await target.until(() => target.ended);
    input.close();
  });

  it('reads chunks', async () => {
    const { input, stdin } = make({ isBinary: true });
    const target = new Target();
    input.attach(target);
    stdin.write('one\ntwo');
    await target.until(() => target.got.length === 1);
    stdin.end('three');
    await target.until(() => target.ended);
    expect(target.got).toEqual(['one\ntwo', 'three']);
  });

  it('takes nothing before there is somebody to take it', async () => {
    const { input, stdin } = make();
    stdin.end('one\n');
    await new Promise(setImmediate);
    expect(stdin.readableLength).toBe(4);
    const target = new Target();
    input.attach(target);
    await target.until(() => target.ended);
    expect(target.got).toEqual(['one']);
  });

  it('keeps for the next what came in between', async () => {
    const { input, stdin } = make();
    const first = new Target();
    input.attach(first);
    stdin.write('one\n');
    await first.until(() => first.got.length === 1);
    input.detach();
    stdin.end('two\nthree\n');
    const second = new Target();
    // Somebody waits for it by now, or not yet.
    await new Promise(setImmediate);
    input.attach(second);
    await second.until(() => second.ended);
    expect([first.got, second.got]).toEqual([['one'], ['two', 'three']]);
    const third = new Target();
    input.attach(third);
    expect(third.ended).toBe(true);
  });

  it('has a prompt for a person, and Ctrl+C', async () => {
    let onInterrupt: () => void;
    const interrupted = new Promise<void>((resolve) => {
      onInterrupt = resolve;
    });
    const { input, stdin, stdout } = make({ isInteractive: true, onInterrupt: () => onInterrupt() });
    input.prompt();
    const target = new Target();
    input.attach(target);
    await stdout.until(/> /);
    stdin.write('one\n');
    await target.until(() => target.got.length === 1);
    await stdout.until(/> .*> /s);
    stdin.write('\u0003');
    await interrupted;
    input.close();
  });

  it.each([false, true])('lets go of stdin, as it is read in chunks or not: %s', async (isBinary) => {
    const { input, stdin } = make({ isBinary });
    const target = new Target();
    input.attach(target);
    const closed = isBinary ? once(stdin, 'close') : undefined;
    input.close();
    await closed;
    await target.until(() => target.ended);
    expect(stdin.destroyed || stdin.isPaused()).toBe(true);
  });
});
