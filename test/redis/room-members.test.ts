import { expect, it } from 'vitest';
import { RedisKeys } from '../../src/redis/redis-keys.ts';
import { RoomMembers } from '../../src/redis/room-members.ts';
import { openLink } from './open-link.ts';

it('lists those of nodes that live, and forgets the others', async () => {
  const { link } = await openLink();
  const live = new Set(['one', 'other']);
  const members = (node: string) =>
    new RoomMembers(link, new RedisKeys('p'), node, 60_000, async () => new Set(live));
  const [one, other] = [members('one'), members('other')];
  await one.enter('r', { id: 'x', info: 1 });
  await other.enter('r', { id: 'y', info: 2 });
  expect(await one.list('r')).toHaveLength(2);
  live.delete('other');
  expect(await one.list('r')).toEqual([{ id: 'x', info: 1 }]);
  // It was only slow: what it has not written since is gone.
  live.add('other');
  expect(await one.list('r')).toEqual([{ id: 'x', info: 1 }]);
  await other.refresh();
  expect(await one.list('r')).toHaveLength(2);
  await other.exit('r', 'y');
  await other.refresh();
  expect(await one.list('r')).toEqual([{ id: 'x', info: 1 }]);
});

it('lists those of its own node while Redis is away', async () => {
  const { server, link, told } = await openLink();
  const members = new RoomMembers(link, new RedisKeys('p'), 'one', 60_000, async () => new Set(['one']));
  await members.enter('r', { id: 'x', info: 1 });
  await server.kill();
  await told('down');
  await members.enter('r', { id: 'y', info: 2 });
  await members.exit('r', 'x');
  expect(await members.list('r')).toEqual([{ id: 'y', info: 2 }]);
  expect(await members.list('s')).toEqual([]);
});
