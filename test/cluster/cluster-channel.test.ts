import { EventEmitter } from 'node:events';
import { MessageChannel } from 'node:worker_threads';
import { expect, it, onTestFinished } from 'vitest';
import { type ChannelMessage, ClusterChannel, type ClusterPeer } from '../../src/cluster/cluster-channel.ts';

const MESSAGE: ChannelMessage = { kind: 'result', id: 1, value: { a: [1] } };

it('passes messages on, beside those of others', async () => {
  const { port1, port2 } = new MessageChannel();
  onTestFinished(() => port1.close());
  const received = new Promise((resolve) => {
    new ClusterChannel(port2, { onMessage: resolve, onClose: () => {} });
  });
  for (const other of [null, 1, 'text', {}, { type: 'other' }]) port1.postMessage(other);
  new ClusterChannel(port1, { onMessage: () => {}, onClose: () => {} }).send(MESSAGE);
  expect(await received).toEqual(MESSAGE);
});

it('tells once when the other end is gone', () => {
  const peer = new EventEmitter() as ClusterPeer & EventEmitter;
  let closes = 0;
  const channel = new ClusterChannel(peer, { onMessage: () => {}, onClose: () => closes++ });
  expect(channel.isOpen).toBe(true);
  for (const event of ['disconnect', 'exit', 'close']) peer.emit(event);
  expect([closes, channel.isOpen]).toEqual([1, false]);
  channel.send(MESSAGE);
  expect(peer.eventNames()).toEqual([]);
});

it('is closed when nothing can be sent any more', () => {
  let closes = 0;
  const peer = Object.assign(new EventEmitter(), {
    // Without a callback Node would emit the error, and nobody listening, end this process.
    send: (_message: unknown, sent?: (error: Error | null) => void) => {
      sent?.(null);
      sent?.(new Error('ERR_IPC_CHANNEL_CLOSED'));
    },
  });
  const channel = new ClusterChannel(peer, { onMessage: () => {}, onClose: () => closes++ });
  channel.send(MESSAGE);
  expect([closes, channel.isOpen]).toEqual([1, false]);
});

it('refuses what cannot be sent, and stays open', () => {
  const { port1, port2 } = new MessageChannel();
  onTestFinished(() => port1.close());
  const channel = new ClusterChannel(port2, { onMessage: () => {}, onClose: () => {} });
  expect(() => channel.send({ kind: 'result', id: 1, value: () => {} })).toThrow('could not be cloned');
  expect(channel.isOpen).toBe(true);
});

it('leaves the way to others when it is closed', () => {
  const sent: unknown[] = [];
  const peer = Object.assign(new EventEmitter(), { send: (message: unknown) => sent.push(message) });
  let closes = 0;
  const channel = new ClusterChannel(peer, { onMessage: () => {}, onClose: () => closes++ });
  channel.send(MESSAGE);
  channel.close();
  channel.send(MESSAGE);
  expect(sent).toEqual([{ hawser: MESSAGE }]);
  expect([closes, peer.eventNames()]).toEqual([0, []]);
});
