import { expect, it } from 'vitest';
import { SendOrder } from '../../src/api/send-order.ts';

it('sends at once while no Blob is being read, and in order behind one', async () => {
  const order = new SendOrder();
  const sent: string[] = [];
  const run = (data: string | Blob): Promise<void> =>
    new Promise((resolve, reject) => {
      const send = (bytes: Uint8Array): void => {
        sent.push(String(Buffer.from(bytes)));
        resolve();
      };
      order.run(data, send, reject);
    });
  const first = run('1');
  expect(sent).toEqual(['1']);
  await Promise.all([first, run(new Blob(['2'])), run('3'), run(new Blob(['4'])), run('5')]);
  expect(sent).toEqual(['1', '2', '3', '4', '5']);
  await new Promise((resolve) => setImmediate(resolve));
  run('6');
  expect(sent.at(-1)).toBe('6');
});

it('tells of a Blob that can not be read, and goes on', async () => {
  const order = new SendOrder();
  const broken = new Blob(['x']);
  broken.arrayBuffer = () => Promise.reject(new Error('unreadable'));
  const error = await new Promise<Error>((resolve) => order.run(broken, () => expect.unreachable(), resolve));
  expect(error.message).toBe('unreadable');
  await new Promise<void>((resolve) =>
    order.run(
      'next',
      () => resolve(),
      () => expect.unreachable(),
    ),
  );
});
