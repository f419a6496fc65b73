import { MessageChannel } from 'node:worker_threads';
import { expect, it, onTestFinished } from 'vitest';
import { clusterAdapter } from '../../src/cluster/cluster-adapter.ts';
import { ClusterChannel } from '../../src/cluster/cluster-channel.ts';
import { ClusterPrimary } from '../../src/cluster/cluster-primary.ts';
import { AdapterTestNode } from '../hub/adapter-node.ts';

const RECORD = { socketId: 'socket', identity: 'ann', rooms: {} };

async function join(primary: ClusterPrimary) {
  const { port1, port2 } = new MessageChannel();
  onTestFinished(() => port1.close());
  primary.add(port1);
  const node = await AdapterTestNode.open(clusterAdapter({ peer: port2, requestTimeoutMs: 1_000_000 }));
  const gone = new Promise((resolve) => port1.once('close', resolve));
  /** Ends the node as a process ends. */
  const kill = async (): Promise<void> => {
    port2.close();
    await gone;
  };
  return { node, kill };
}

it('keeps what a node leaves behind, apart from its sockets', async () => {
  const primary = new ClusterPrimary();
  onTestFinished(() => primary.close());
  const [dead, { node }] = [await join(primary), await join(primary)];
  expect(primary.size).toBe(2);
  await dead.node.adapter.subscribe('/#a');
  const start = await dead.node.adapter.head('/#a');
  await dead.node.append('/#a');
  await dead.node.adapter.enter('/#a', { id: 'x', info: 1 });
  await node.adapter.enter('/#a', { id: 'y', info: 2 });
  await dead.node.adapter.saveSession('secret', RECORD);
  await dead.kill();
  expect(primary.size).toBe(1);
  expect(await node.adapter.members('/#a')).toEqual([{ id: 'y', info: 2 }]);
  expect((await node.adapter.entriesAfter('/#a', start)).entries).toHaveLength(1);
  expect(await node.adapter.claimSession('secret', 'ann')).toEqual(RECORD);
  expect(await node.adapter.ask({ kind: 'sockets', room: '/#a' })).toEqual([]);
});

it('tells the members of a room who went with a node that died', async () => {
  const primary = new ClusterPrimary();
  onTestFinished(() => primary.close());
  const [dead, { node: one }, { node: other }] = [
    await join(primary),
    await join(primary),
    await join(primary),
  ];
  for (const { adapter } of [one, other]) await adapter.subscribe('/#a');
  await dead.node.adapter.enter('/#a', { id: 'x', info: 1 });
  await dead.node.adapter.enter('/#a', { id: 'y', info: 2 });
  await dead.node.adapter.enter('/#a', { id: 'moved', info: 3 });
  await dead.node.adapter.enter('/#a', { id: 'left', info: 3 });
  await dead.node.adapter.exit('/#a', 'left');
  await other.adapter.enter('/#a', { id: 'moved', info: 3 });
  await dead.kill();
  for (const node of [one, other]) {
    await node.mids(1);
    await node.adapter.members('/#a');
    expect(node.delivered).toMatchObject([
      { room: '/#a', type: '$presence', body: '{"left":["x","y"]}', offset: undefined, volatile: true },
    ]);
  }
  expect(await one.adapter.members('/#a')).toEqual([{ id: 'moved', info: 3 }]);
});

it('does not wait for a node that is gone', async () => {
  const primary = new ClusterPrimary();
  onTestFinished(() => primary.close());
  const [dead, { node }] = [await join(primary), await join(primary)];
  dead.node.answer = () => new Promise(() => {});
  const asked = node.adapter.ask({ kind: 'sockets', room: '/#a' });
  await dead.node.until(() => dead.node.requests.length > 0);
  await dead.kill();
  expect(await asked).toEqual([]);
});

it('tells why it cannot do what it is asked', async () => {
  const primary = new ClusterPrimary();
  const { port1, port2 } = new MessageChannel();
  onTestFinished(() => port1.close());
  primary.add(port1);
  const answers: unknown[] = [];
  await new Promise<void>((resolve) => {
    const channel = new ClusterChannel(port2, {
      onMessage: (message) => {
        answers.push(message);
        if (answers.length === 2) resolve();
      },
      onClose: () => {},
    });
    channel.send({ kind: 'call', id: 1, method: 'head', args: ['/#a'] });
    channel.send({ kind: 'call', id: 2, method: 'nonsense', args: [] });
  });
  expect(answers).toEqual([
    { kind: 'failure', id: 1, message: 'No node has joined' },
    { kind: 'failure', id: 2, message: expect.any(String) },
  ]);
});

it('goes on with a node that tries to list what cannot be sent, and is told so', async () => {
  const primary = new ClusterPrimary();
  onTestFinished(() => primary.close());
  const { node } = await join(primary);
  await expect(node.adapter.enter('/#a', { id: 'x', info: () => {} })).rejects.toThrow('could not be cloned');
  await node.adapter.enter('/#a', { id: 'y', info: 1 });
  expect(await node.adapter.members('/#a')).toEqual([{ id: 'y', info: 1 }]);
  expect(node.reports).toEqual([]);
});

it('leaves the ways to its nodes to others when it is closed', async () => {
  const primary = new ClusterPrimary();
  const { port1, port2 } = new MessageChannel();
  onTestFinished(() => port2.close());
  primary.add(port1);
  expect(port1.listenerCount('message')).toBe(1);
  await primary.close();
  expect(port1.listenerCount('message')).toBe(0);
});
