import { expect, it } from 'vitest';
import type { HubSocket } from '../../src/hub/hub-socket.ts';
import { RoomTarget } from '../../src/hub/room-target.ts';
import { FakeSocket } from './fake-socket.ts';

function targetWithCalls() {
  const calls: unknown[][] = [];
  const call =
    (name: string) =>
    async (...args: unknown[]) =>
      void calls.push([name, ...args]);
  const ann = new FakeSocket('ann').asSocket;
  const target = new RoomTarget('r', {
    send: (...args) => void calls.push(['send', ...args]),
    socketsIn: () => [ann],
    ids: async () => ['ann', 'ben'],
    close: call('close'),
    leave: call('leave'),
  });
  return { calls, target, ann };
}

it('sends to its room, without those who are left out', () => {
  const { calls, target, ann } = targetWithCalls();
  void target.emit('a', 1);
  void target.except(ann, 'ben').except('cid').emit('b', undefined, { volatile: true });
  expect(calls).toEqual([
    ['send', 'r', { type: 'a', data: 1, except: [], volatile: false }],
    ['send', 'r', { type: 'b', data: undefined, except: ['ann', 'ben', 'cid'], volatile: true }],
  ]);
});

it('refuses types of the protocol', () => {
  const { target, calls } = targetWithCalls();
  expect(() => target.emit('$gap')).toThrow(TypeError);
  expect(calls).toEqual([]);
});

it('tells who is in, here and everywhere', async () => {
  const { target, ann } = targetWithCalls();
  expect(target.sockets()).toEqual([ann as HubSocket]);
  expect(await target.ids()).toEqual(['ann', 'ben']);
});

it('empties its room', async () => {
  const { target, calls } = targetWithCalls();
  await target.leave();
  await target.close();
  await target.close({ code: 4000, meaning: 'over' });
  expect(calls).toMatchObject([
    ['leave', 'r'],
    ['close', 'r', { code: 1000 }],
    ['close', 'r', { code: 4000, meaning: 'over' }],
  ]);
});
