import { onTestFinished } from 'vitest';
import { connectorTo } from '../../src/redis/redis-client.ts';
import { RedisLink } from '../../src/redis/redis-link.ts';
import { RedisServer } from './redis-server.ts';

/** Starts a server and opens a link to it, for the test that is running. */
export async function openLink(timeoutMs = 2_000, ...args: string[]) {
  const server = await RedisServer.start(...args);
  onTestFinished(() => server.stop());
  const messages: Array<{ channel: string; message: string }> = [];
  const states: string[] = [];
  const waiting: Array<() => void> = [];
  const note = (state: string): void => {
    states.push(state);
    for (const resolve of waiting.splice(0)) resolve();
  };
  const link = new RedisLink(timeoutMs, {
    onUp: () => note('up'),
    onDown: () => note('down'),
    onMessage: (channel, message) => {
      messages.push({ channel, message });
      note('message');
    },
  });
  onTestFinished(() => link.close());
  await link.open(await connectorTo({ url: server.url }));
  /** Settles when the link has told of something so often. */
  const told = async (state: string, count = 1): Promise<void> => {
    while (states.filter((each) => each === state).length < count) {
      await new Promise<void>((resolve) => waiting.push(resolve));
    }
  };
  return { server, link, messages, states, told };
}
