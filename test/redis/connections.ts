import { once } from 'node:events';
import { createServer } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import type { Connect } from '../../src/redis/redis-connection.ts';
import { RedisServer } from './redis-server.ts';

/** Describes what a connection does, whichever library makes it. */
export function describeConnection(connectTo: (url: string) => Connect, isSharded: boolean): void {
  async function open() {
    const server = isSharded ? await RedisServer.startCluster() : await RedisServer.start();
    onTestFinished(() => server.stop());
    const heard: string[] = [];
    let onHeard = (): void => {};
    let onLost = (_error: Error): void => {};
    const lost = new Promise<Error>((resolve) => (onLost = resolve));
    const connection = await connectTo(server.url)(
      {
        onMessage: (channel, message) => {
          heard.push(`${channel}: ${message}`);
          onHeard();
        },
        onLost: (error) => onLost(error),
      },
      2_000,
    );
    onTestFinished(() => connection.destroy());
    const publish = (channel: string, message: string) =>
      connection.send(channel, [isSharded ? 'SPUBLISH' : 'PUBLISH', channel, message]);
    const hear = (count: number): Promise<void> =>
      new Promise((resolve) => {
        onHeard = () => heard.length >= count && resolve();
        onHeard();
      });
    return { server, connection, heard, hear, publish, lost };
  }

  it('sends commands', async () => {
    const { connection } = await open();
    expect(connection.isSharded).toBe(isSharded);
    expect(await connection.send('a', ['SET', 'a', 'ü'])).toBe('OK');
    expect(await connection.send('a', ['GET', 'a'])).toBe('ü');
    await expect(connection.send('a', ['LPUSH', 'a', 'x'])).rejects.toThrow('WRONGTYPE');
  });

  it('hears what it has subscribed to', async () => {
    const { connection, heard, hear, publish } = await open();
    await connection.subscribe(['{1}a', '{2}b']);
    await publish('{1}a', 'one');
    await publish('{2}b', 'ü');
    await publish('{3}c', 'three');
    await hear(2);
    await connection.unsubscribe('{1}a');
    await publish('{1}a', 'four');
    await publish('{2}b', 'five');
    await hear(3);
    expect(heard.sort()).toEqual(['{1}a: one', '{2}b: five', '{2}b: ü']);
  });

  it('is destroyed at once, and more than once', async () => {
    const { connection } = await open();
    connection.destroy();
    connection.destroy();
  });

  it('cannot be made where nobody listens', async () => {
    const nobody = createServer().listen(0, '127.0.0.1');
    await once(nobody, 'listening');
    const { port } = nobody.address() as { port: number };
    nobody.close();
    await once(nobody, 'close');
    const lost: Error[] = [];
    const events = { onMessage: () => {}, onLost: (error: Error) => lost.push(error) };
    await expect(connectTo(`redis://127.0.0.1:${port}`)(events, 500)).rejects.toThrow();
  });

  // A cluster may go on without one of its servers: there it is commands that fail.
  if (isSharded) return;

  it('tells when it is lost', async () => {
    const { server, lost } = await open();
    await server.kill();
    expect(await lost).toBeInstanceOf(Error);
  });
}
