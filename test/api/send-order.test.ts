import { describe, expect, it } from 'vitest';
import { SendOrder } from '../../src/api/send-order.ts';

const unreadable = Object.assign(new Blob(['x']), {
  arrayBuffer: () => Promise.reject(new Error('no')),
});

/** Runs pieces through one order; `settled` resolves when the last of them was sent or failed. */
function record() {
  const order = new SendOrder();
  const log: string[] = [];
  return {
    order,
    log,
    run: (data: string | Blob) =>
      new Promise<void>((resolve) => {
        const add = (text: string) => {
          log.push(text);
          resolve();
        };
        order.run(
          data,
          (bytes) => add(String(Buffer.from(bytes))),
          (error) => add(`error ${error.message}`),
        );
      }),
  };
}

describe('SendOrder', () => {
  it('sends at once what needs no reading', () => {
    const { run, log } = record();
    run('a');
    run('b');
    expect(log).toEqual(['a', 'b']);
  });

  it('keeps the order behind and between Blobs', async () => {
    const { run, log } = record();
    await Promise.all([run(new Blob(['1'])), run('2'), run(new Blob(['3'])), run('4')]);
    expect(log).toEqual(['1', '2', '3', '4']);
  });

  it('sends at once again when all that waited is out', async () => {
    const { run, log } = record();
    await run(new Blob(['1']));
    await new Promise((resolve) => setImmediate(resolve));
    run('2');
    expect(log).toEqual(['1', '2']);
  });

  it('tells a Blob that cannot be read in its turn, and goes on', async () => {
    const { run, log } = record();
    await Promise.all([run(new Blob(['1'])), run(unreadable), run('2')]);
    expect(log).toEqual(['1', 'error no', '2']);
  });

  it('refuses what has no bytes at once, also behind a Blob', async () => {
    const { order, run, log } = record();
    const first = run(new Blob(['1']));
    expect(() =>
      order.run(
        {} as string,
        () => log.push('sent'),
        () => log.push('failed'),
      ),
    ).toThrow(TypeError);
    await Promise.all([first, run('2')]);
    expect(log).toEqual(['1', '2']);
  });
});
