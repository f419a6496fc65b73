import { describe, expect, it } from 'vitest';
import type { ConnectionEvents, RedisConnection } from '../../src/redis/redis-connection.ts';
import { RedisLink } from '../../src/redis/redis-link.ts';
import { openLink } from './open-link.ts';

const ECHO = { text: 'return ARGV[1]', sha: '098e0f0d1448c0a81dafe820f66d460eb09263da' };

describe('a link to a server', () => {
  it('runs scripts, whether the server knows them or not', async () => {
    const { link } = await openLink();
    expect(await link.run(ECHO, ['key'], ['one'])).toBe('one');
    expect(await link.run(ECHO, ['key'], ['two'])).toBe('two');
  });

  it('passes messages on', async () => {
    const { link, messages, told } = await openLink();
    await link.subscribe(['a', 'b']);
    const publish = { text: `return redis.call('${link.publish}', ARGV[1], ARGV[2])`, sha: '0'.repeat(40) };
    await link.run(publish, ['key'], ['a', 'hello']);
    await told('message');
    expect(messages).toEqual([{ channel: 'a', message: 'hello' }]);
    await link.unsubscribe('a');
    expect(await link.run(publish, ['key'], ['a', 'hello'])).toBe(0);
  });

  it('is down with the server, and up again with it', async () => {
    const { server, link, states, told } = await openLink();
    expect([link.isUp, states]).toEqual([true, ['up']]);
    await server.kill();
    await told('down');
    expect(link.isUp).toBe(false);
    await expect(link.run(ECHO, ['key'], ['x'])).rejects.toThrow('Redis is out of reach');
    const whenUp = link.whenUp();
    await server.start();
    await whenUp;
    expect(await link.run(ECHO, ['key'], ['x'])).toBe('x');
    expect(states).toEqual(['up', 'down', 'up']);
  });

  it('is made anew when a command is refused', async () => {
    const { link, told } = await openLink();
    await expect(link.run({ text: 'nonsense(', sha: '1' }, ['key'], [])).rejects.toThrow();
    await told('up', 2);
    expect(await link.run(ECHO, ['key'], ['x'])).toBe('x');
  });

  it('is closed for good', async () => {
    const { link, states } = await openLink();
    const running = link.run(ECHO, ['key'], ['x']);
    link.close();
    await expect(running).rejects.toThrow('closed');
    expect([link.isUp, states]).toEqual([false, ['up']]);
    link.fail(new Error('late'));
    expect(states).toEqual(['up']);
  });
});

/** A connection that does what the test says. */
function fakeLink(timeoutMs: number) {
  const states: string[] = [];
  const made: Array<{ events: ConnectionEvents; destroyed: boolean }> = [];
  const connection = { send: (): Promise<unknown> => new Promise(() => {}) };
  let connect: () => Promise<void> = async () => {};
  const link = new RedisLink(timeoutMs, {
    onUp: () => states.push('up'),
    onDown: (error) => states.push(error.message),
    onMessage: (_channel, message) => states.push(message),
  });
  const open = () =>
    link.open(async (events): Promise<RedisConnection> => {
      const each = { events, destroyed: false };
      made.push(each);
      await connect();
      return {
        isSharded: true,
        send: () => connection.send(),
        subscribe: async () => {},
        unsubscribe: async () => {},
        destroy: () => {
          each.destroyed = true;
        },
      };
    });
  return { link, states, made, connection, open, setConnect: (next: typeof connect) => (connect = next) };
}

describe('a link', () => {
  it('gives a connection up that does not answer in time, with all that waits', async () => {
    const { link, states, made, open } = fakeLink(20);
    await open();
    const running = [link.run(ECHO, ['key'], []), link.run(ECHO, ['key'], [])];
    for (const each of running) await expect(each).rejects.toThrow('did not answer within 20 ms');
    expect(made[0]!.destroyed).toBe(true);
    expect(states).toEqual(['up', 'Redis did not answer within 20 ms']);
    link.close();
  });

  it('hears nothing of a connection that it has given up', async () => {
    const { link, states, made, open } = fakeLink(1_000);
    await open();
    made[0]!.events.onMessage('channel', 'heard');
    made[0]!.events.onLost(new Error('lost'));
    made[0]!.events.onLost(new Error('lost once more'));
    made[0]!.events.onMessage('channel', 'not heard');
    expect(states).toEqual(['up', 'heard', 'lost']);
    link.close();
  });

  it('tells once that it cannot connect', async () => {
    const { link, states, made, open, setConnect } = fakeLink(1_000);
    setConnect(() => Promise.reject(new Error('refused')));
    await open();
    while (made.length < 3) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(states).toEqual(['refused']);
    setConnect(async () => {});
    await link.whenUp();
    expect(states).toEqual(['refused', 'up']);
    link.close();
  });

  it('ends a connection that comes too late, and one that is lost while it is made', async () => {
    const { link, states, made, open, setConnect } = fakeLink(10);
    let finish = (): void => {};
    setConnect(() => new Promise((resolve) => (finish = resolve)));
    await open();
    expect(states).toEqual(['Redis could not be connected to within 10 ms']);
    link.close();
    finish();
    await new Promise(setImmediate);
    expect(made[0]!.destroyed).toBe(true);

    const other = fakeLink(1_000);
    other.setConnect(async () => other.made[0]!.events.onLost(new Error('lost early')));
    await other.open();
    expect(other.states).toEqual(['lost early']);
    expect(other.made[0]!.destroyed).toBe(true);
    other.link.close();
  });

  it('waits for it to be up no longer than the server may take to answer', async () => {
    const { link, open, setConnect } = fakeLink(20);
    setConnect(() => Promise.reject(new Error('refused')));
    await open();
    await link.whenUp();
    await link.whenUp();
    expect(link.isUp).toBe(false);
    link.close();
  });

  it('publishes to a part of a cluster where there is one', async () => {
    const { link, open } = fakeLink(1_000);
    expect(link.publish).toBe('PUBLISH');
    await open();
    expect(link.publish).toBe('SPUBLISH');
    link.close();
  });
});
