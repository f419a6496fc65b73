import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { PreparedMessage } from '../../src/api/prepared-message.ts';
import { droppedWhenAborted } from '../../src/api/send-signal.ts';
import { openPair } from './open-pair.ts';

describe('droppedWhenAborted', () => {
  it('forgets the signal once the message is out', () => {
    const controller = new AbortController();
    const drops: unknown[] = [];
    const log: unknown[] = [];
    const connection = { drop: (_callback: unknown, error: Error) => drops.push(error.cause) };
    const sent = droppedWhenAborted(controller.signal, connection, (error) => log.push(error))!;
    sent();
    const failed = droppedWhenAborted(controller.signal, connection, undefined)!;
    failed(new Error('gone'));
    const waiting = droppedWhenAborted(controller.signal, connection, (error) => log.push(error?.message));
    controller.abort('enough');
    waiting!(new Error('aborted'));
    expect([drops, log]).toEqual([['enough'], [undefined, 'aborted']]);
  });
});

describe('send with a signal', () => {
  it('drops what waits, and sends what has begun as a whole', async () => {
    const { client, server } = await openPair();
    server.pause();
    const controller = new AbortController();
    const { signal } = controller;
    const log: string[] = [];
    const told = (name: string) => (error?: Error) => void log.push(`${name} ${error?.name ?? 'sent'}`);
    client.send(Buffer.alloc(8 << 20), { signal }, told('begun'));
    client.send('waiting', { signal }, told('waiting'));
    client.send(new PreparedMessage('prepared'), { signal }, told('prepared'));
    client.send('without');
    controller.abort();
    client.send('late', { signal }, told('late'));
    client.send('late', { signal });
    const lengths: number[] = [];
    server.on('message', (data) => lengths.push((data as Buffer).length));
    server.resume();
    client.close();
    await once(server, 'close');
    expect(lengths).toEqual([8 << 20, 'without'.length]);
    expect(log.sort()).toEqual([
      'begun sent',
      'late AbortError',
      'prepared AbortError',
      'waiting AbortError',
    ]);
  });

  it('says in the other states what send says without', async () => {
    const { client } = await openPair();
    client.close();
    await once(client, 'close');
    const error = await new Promise((resolve) =>
      client.send('late', { signal: new AbortController().signal }, resolve),
    );
    expect(String(error)).toContain('not open');
  });
});
