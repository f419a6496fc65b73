import { fork } from 'node:child_process';
import cluster from 'node:cluster';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { MessageChannel, Worker } from 'node:worker_threads';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type ClusterPeer, ClusterPrimary, clusterAdapter } from '../../src/cluster/index.ts';
import { describeAdapter } from '../hub/adapter-contract.ts';
import { AdapterTestNode } from '../hub/adapter-node.ts';
import { WireClient } from '../hub/wire-client.ts';

const NODE = fileURLToPath(new URL('./cluster-node.ts', import.meta.url));

describe('over message ports', () => {
  const primaries = new Map<string, ClusterPrimary>();

  describeAdapter('clusterAdapter', {
    spansNodes: true,
    create: (name) => {
      const primary = primaries.get(name) ?? new ClusterPrimary();
      primaries.set(name, primary);
      return clusterAdapter({ peer: connectPort(primary), requestTimeoutMs: 1_000 });
    },
  });
});

describe.each([
  ['processes of node:cluster', startClusterWorker],
  ['forked processes', startFork],
  ['threads', startThread],
])('hubs in %s', (_, start) => {
  it('are one, and clients go from one to the other', async () => {
    const primary = new ClusterPrimary();
    onTestFinished(() => primary.close());
    const [one, other] = await Promise.all([start(primary), start(primary)]);
    const { client: ann, welcome } = await WireClient.hello(one.url);
    const { client: ben } = await WireClient.hello(other.url);
    const { offset } = (await ann.request('$join', { room: 'lobby' })) as { offset: string };
    await ben.request('$join', { room: 'lobby' });
    await ben.request('say', 'hi');
    expect(await ann.next('said')).toMatchObject({ data: 'hi', room: 'lobby' });
    expect(await ben.request('members')).toHaveLength(2);

    await one.kill();
    await ben.request('say', 'still there?');
    const hello = { session: welcome.session, rooms: { lobby: offset } };
    const { client: again, welcome: back } = await WireClient.hello(other.url, hello);
    expect(back).toMatchObject({ resumed: true, id: welcome.id, rooms: { lobby: { gap: false } } });
    expect([(await again.next('said')).data, (await again.next('said')).data]).toEqual([
      'hi',
      'still there?',
    ]);
    expect(primary.size).toBe(1);
  });
});

describe('without the primary', () => {
  it('rooms go on within the node, and tell of a gap', async () => {
    const primary = new ClusterPrimary();
    const { port1, port2 } = new MessageChannel();
    primary.add(port1);
    const node = await AdapterTestNode.open(clusterAdapter({ peer: port2 }));
    await node.adapter.subscribe('/#a');
    const pending = node.adapter.answerTo('socket', 'key');
    port1.close();
    await expect(pending).rejects.toThrow('The primary is gone');
    expect(node.reports).toMatchObject([{ kind: 'unreachable', error: expect.any(Error) }]);
    expect(node.gaps).toEqual(['/#a']);
    const message = node.message('/#a');
    await expect(node.adapter.append(message)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect(node.delivered).toEqual([{ ...message, offset: undefined }]);
    expect(await node.adapter.head('/#a')).toBe('0-0');
    expect((await node.adapter.entriesAfter('/#a', '0-0')).complete).toBe(false);
    await expect(node.adapter.subscribe('/#b')).rejects.toThrow('The primary is gone');
  });

  it('there is nothing to join', () => {
    const ipc = process as { send?: unknown };
    const { send } = ipc;
    ipc.send = undefined;
    try {
      expect(() => clusterAdapter()).toThrow(TypeError);
    } finally {
      ipc.send = send;
    }
  });

  it('a node gives up when nobody answers', async () => {
    const { port1, port2 } = new MessageChannel();
    onTestFinished(() => port1.close());
    const adapter = clusterAdapter({ peer: port2, timeoutMs: 10 });
    await expect(AdapterTestNode.open(adapter)).rejects.toMatchObject({ code: 'TIMEOUT' });
  });
});

interface Started {
  readonly url: string;
  kill(): Promise<unknown>;
}

async function startClusterWorker(primary: ClusterPrimary): Promise<Started> {
  cluster.setupPrimary({ exec: NODE, execArgv: ['--import', 'tsx'] });
  const worker = cluster.fork();
  onTestFinished(() => void worker.process.kill('SIGKILL'));
  primary.add(worker);
  return {
    url: await urlOf(worker),
    kill: async () => {
      worker.process.kill('SIGKILL');
      await once(worker, 'exit');
    },
  };
}

async function startFork(primary: ClusterPrimary): Promise<Started> {
  const child = fork(NODE, { execArgv: ['--import', 'tsx'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  primary.add(child);
  return {
    url: await urlOf(child),
    kill: async () => {
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
}

async function startThread(primary: ClusterPrimary): Promise<Started> {
  // A thread takes no --import.
  const program = `require('tsx/cjs'); require(${JSON.stringify(NODE)});`;
  const worker = new Worker(program, { eval: true });
  onTestFinished(() => void worker.terminate());
  primary.add(worker);
  return { url: await urlOf(worker), kill: () => worker.terminate() };
}

/** Waits for the message that is the node's own, among those of its adapter. */
async function urlOf(peer: ClusterPeer): Promise<string> {
  const port = await new Promise<number>((resolve) => {
    peer.on('message', (message) => {
      const { port } = message as { port?: number };
      if (port !== undefined) resolve(port);
    });
  });
  return `ws://127.0.0.1:${port}`;
}

function connectPort(primary: ClusterPrimary): ClusterPeer {
  const { port1, port2 } = new MessageChannel();
  onTestFinished(() => port1.close());
  primary.add(port1);
  return port2;
}
