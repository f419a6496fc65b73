import { expect, it } from 'vitest';
import type { PresenceChange } from '../../src/hub/presence-message.ts';
import { RedisKeys } from '../../src/redis/redis-keys.ts';
import type { RedisLink } from '../../src/redis/redis-link.ts';
import { RoomMembers } from '../../src/redis/room-members.ts';
import { openLink } from './open-link.ts';

function membersOf(link: RedisLink, nodeId: string, live: ReadonlySet<string>) {
  const told: Array<{ room: string } & PresenceChange> = [];
  const members = new RoomMembers(link, new RedisKeys('p'), {
    nodeId,
    lifeMs: 60_000,
    liveNodes: async () => new Set(live),
    announce: (room, change) => told.push({ room, ...change }),
  });
  return { members, told };
}

/** Settles when what the link was told before is done, and what that led to has been said. */
async function settled(members: RoomMembers): Promise<void> {
  await members.list('nobody');
  await members.list('nobody');
}

it('lists those of nodes that live, and forgets the others', async () => {
  const { link } = await openLink();
  const live = new Set(['one', 'other']);
  const [{ members: one }, { members: other }] = [
    membersOf(link, 'one', live),
    membersOf(link, 'other', live),
  ];
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

it('tells each room once, over all nodes, who went with a node that died, and who was only slow', async () => {
  const { link } = await openLink();
  const live = new Set(['one', 'two', 'dead']);
  const [one, two, dead] = ['one', 'two', 'dead'].map((node) => membersOf(link, node, live)) as [
    ReturnType<typeof membersOf>,
    ReturnType<typeof membersOf>,
    ReturnType<typeof membersOf>,
  ];
  for (const room of ['r', 's']) {
    await one.members.enter(room, { id: `one in ${room}`, info: 1 });
    await two.members.enter(room, { id: `two in ${room}`, info: 1 });
    await dead.members.enter(room, { id: `dead in ${room}`, info: room });
    await dead.members.enter(room, { id: `moved from ${room}`, info: 1 });
    await two.members.enter(room, { id: `moved from ${room}`, info: 1 });
  }
  live.delete('dead');
  await Promise.all(
    [one, two].flatMap(({ members }) => [members.sweep(), members.sweep(), members.list('r')]),
  );
  await settled(one.members);
  expect([...one.told, ...two.told].sort((a, b) => a.room.localeCompare(b.room))).toEqual([
    { room: 'r', left: ['dead in r'] },
    { room: 's', left: ['dead in s'] },
  ]);

  live.add('dead');
  await dead.members.refresh();
  await dead.members.refresh();
  expect(dead.told).toEqual([
    { room: 'r', joined: [{ id: 'dead in r', info: 'r' }] },
    { room: 's', joined: [{ id: 'dead in s', info: 's' }] },
  ]);
});

it('takes nobody off a list whom another node has by now', async () => {
  const { link } = await openLink();
  const live = new Set(['one', 'other']);
  const [{ members: one }, { members: other }] = [
    membersOf(link, 'one', live),
    membersOf(link, 'other', live),
  ];
  await one.enter('r', { id: 'x', info: 1 });
  await other.enter('r', { id: 'x', info: 2 });
  await one.exit('r', 'x');
  expect(await one.list('r')).toEqual([{ id: 'x', info: 2 }]);
});

it('lists those of its own node while Redis is away, and tells afterwards who came and went', async () => {
  const {
    server,
    link,
    told: linkTold,
  } = await openLink(2_000, '--appendonly', 'yes', '--appendfsync', 'always');
  const live = new Set(['one', 'other']);
  const { members, told } = membersOf(link, 'one', live);
  await members.enter('r', { id: 'x', info: 1 });
  await members.enter('r', { id: 'stays', info: 1 });
  await server.kill();
  await linkTold('down');
  await members.enter('r', { id: 'y', info: 2 });
  await members.enter('r', { id: 'short', info: 3 });
  await members.exit('r', 'short');
  await members.exit('r', 'x');
  const here = [
    { id: 'stays', info: 1 },
    { id: 'y', info: 2 },
  ];
  expect(await members.list('r')).toEqual(here);
  expect(await members.list('s')).toEqual([]);
  await server.start();
  await linkTold('up', 2);
  await members.refresh();
  expect(await members.list('r')).toEqual(here);
  expect(told).toEqual([
    { room: 'r', left: ['x'] },
    { room: 'r', joined: [{ id: 'y', info: 2 }] },
  ]);
});

it.each(['dead 1 null', 'dead 1 {', 'dead 1 7', 'one 1 {"id":7}', 'one', ''])(
  'passes over what is on a list and is no member: %j',
  async (text) => {
    const { link } = await openLink();
    const { members, told } = membersOf(link, 'one', new Set(['one', 'other']));
    const { members: other } = membersOf(link, 'other', new Set(['one', 'other']));
    await other.enter('r', { id: 'y', info: 2 });
    await members.enter('r', { id: 'x', info: 1 });
    const put = { text: `return redis.call('HSET', KEYS[1], 'z', ARGV[1])`, sha: '0'.repeat(40) };
    await link.run(put, [new RedisKeys('p').room('r').members], [text]);
    expect(await members.list('r')).toHaveLength(2);
    await settled(members);
    expect(told).toEqual([]);
  },
);
