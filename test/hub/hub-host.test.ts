import { EventEmitter, once } from 'node:events';
import { describe, expect, it } from 'vitest';
import type { Adapter, RoomMessage } from '../../src/hub/adapter.ts';
import type { HubEvents } from '../../src/hub/hub-events.ts';
import { HubHost } from '../../src/hub/hub-host.ts';
import { DEFAULT_LIMITS } from '../../src/hub/options.ts';
import { HubError } from '../../src/wire/index.ts';
import { roomMessage } from './room-message.ts';

function hostWith(append: Adapter['append']) {
  const events = new EventEmitter<HubEvents>();
  const host = new HubHost({
    adapter: { append } as Adapter,
    limits: DEFAULT_LIMITS,
    historyCount: 1,
    nodeId: 'node',
    events,
  });
  return { events, host };
}

describe('a host', () => {
  it('gives each message an id of its own', () => {
    const appended: RoomMessage[] = [];
    const { host } = hostWith((message) => void appended.push(message));
    for (let i = 0; i < 2; i++) expect(host.append(roomMessage('a'))).toBeUndefined();
    expect(appended.map(({ mid }) => mid)).toEqual(['node:1', 'node:2']);
  });

  it.each([
    [
      'throws',
      () => {
        throw new Error('down');
      },
    ],
    ['rejects', () => Promise.reject(new Error('down'))],
  ])('tells of an adapter that %s, and goes on', async (_how, append) => {
    const { host, events } = hostWith(append);
    const failure = once(events, 'failure');
    await expect(host.append(roomMessage('a'))).rejects.toThrow('down');
    expect(await failure).toMatchObject([{ message: 'down' }, undefined]);
  });

  it('leaves it to the sender what it makes of a message that is lost, which the adapter has reported', async () => {
    const { host, events } = hostWith(() => Promise.reject(new HubError('UNAVAILABLE')));
    const failures: unknown[] = [];
    events.on('failure', (failure) => failures.push(failure));
    // Otherwise it would end the process.
    void host.append(roomMessage('a'));
    await expect(host.append(roomMessage('a'))).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect(failures).toEqual([]);
  });

  it('tells of a message of which nobody knows whether it is lost', async () => {
    const { host, events } = hostWith(() => Promise.reject(new HubError('TIMEOUT')));
    const failure = once(events, 'failure');
    await expect(host.append(roomMessage('a'))).rejects.toMatchObject({ code: 'TIMEOUT' });
    expect(await failure).toMatchObject([{ code: 'TIMEOUT' }, undefined]);
  });

  it('makes a failure that nobody listens to a warning', async () => {
    const { host } = hostWith(() => {});
    const warning = once(process, 'warning');
    host.onFailure(new Error('of a handler'), undefined);
    expect(await warning).toMatchObject([{ message: 'of a handler' }]);
    const other = once(process, 'warning');
    host.onFailure('a text', undefined);
    expect(await other).toMatchObject([{ message: 'a text' }]);
  });

  it('tells what was refused', () => {
    const { host, events } = hostWith(() => {});
    const refused: unknown[] = [];
    events.on('refused', (...args) => refused.push(args));
    const error = new HubError('FORBIDDEN');
    host.onRefused(error, undefined, '$join');
    expect(refused).toEqual([[error, undefined, '$join']]);
  });
});
