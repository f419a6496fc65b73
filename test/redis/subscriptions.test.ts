import { expect, it } from 'vitest';
import { Subscriptions } from '../../src/redis/subscriptions.ts';

function setUp() {
  const calls: string[] = [];
  const open: Array<() => void> = [];
  const host = {
    async subscribe(channels: readonly string[]) {
      calls.push(`+${channels.join()}`);
      await new Promise<void>((resolve) => open.push(resolve));
    },
    async unsubscribe(channel: string) {
      calls.push(`-${channel}`);
      await new Promise<void>((resolve) => open.push(resolve));
    },
  };
  /** Answers all commands, and those that follow. */
  const answer = async (): Promise<void> => {
    for (let i = 0; i < 20; i++) {
      for (const resolve of open.splice(0)) resolve();
      await Promise.resolve();
    }
  };
  return { subscriptions: new Subscriptions(host), calls, answer };
}

it('subscribes and unsubscribes', async () => {
  const { subscriptions, calls, answer } = setUp();
  const added = subscriptions.add('a');
  await answer();
  await added;
  subscriptions.delete('a');
  await answer();
  expect(calls).toEqual(['+a', '-a']);
});

it('says one thing of a channel at a time, and not what has changed meanwhile', async () => {
  const { subscriptions, calls, answer } = setUp();
  const first = subscriptions.add('a');
  subscriptions.delete('a');
  const second = subscriptions.add('a');
  const other = subscriptions.add('b');
  await answer();
  await Promise.all([first, second, other]);
  expect(calls.filter((call) => call.includes('a')).at(-1)).toBe('+a');
  expect(calls).not.toContain('-a');
});

it('subscribes to all that is wanted over a new connection', async () => {
  const { subscriptions, calls, answer } = setUp();
  subscriptions.want('a');
  const added = subscriptions.add('b');
  void subscriptions.add('c');
  subscriptions.delete('c');
  await answer();
  await added;
  calls.length = 0;
  const restored = subscriptions.restore();
  await answer();
  await restored;
  expect(calls).toEqual(['+a,b']);
});

it('rejects where there is no connection, and goes on when there is one', async () => {
  let isDown = true;
  const calls: string[] = [];
  const subscriptions = new Subscriptions({
    subscribe: async (channels) => {
      if (isDown) throw new Error('down');
      calls.push(...channels);
    },
    unsubscribe: async () => Promise.reject(new Error('down')),
  });
  await expect(subscriptions.add('a')).rejects.toThrow('down');
  subscriptions.delete('b');
  isDown = false;
  await subscriptions.restore();
  await subscriptions.add('c');
  expect(calls).toEqual(['a', 'c']);
});
