import { describe, expect, it } from 'vitest';
import { DEFAULT_LIMITS, type HubLimits } from '../../src/hub/options.ts';
import { Peer } from '../../src/hub/peer.ts';
import { PreparedMessage } from '../../src/index.ts';
import { HubCloseCode, HubError, serializeBinaryMessage } from '../../src/wire/index.ts';
import { FakeWebSocket } from './fake-websocket.ts';

function peerWith(limits: Partial<HubLimits> = {}) {
  const ws = new FakeWebSocket();
  const events: unknown[][] = [];
  const peer = new Peer(
    ws.asWebSocket,
    { ...DEFAULT_LIMITS, ...limits },
    {
      onMessage: (message) => events.push(['message', message]),
      onRefused: ({ code }) => events.push(['refused', code]),
      onClose: (code, reason) => events.push(['close', code, reason]),
      onReplaced: () => events.push(['replaced']),
    },
  );
  return { peer, ws, events };
}

describe('what a client sends', () => {
  it('is read as text and as binary', () => {
    const { ws, events } = peerWith();
    ws.receive('{"type":"a","data":1}');
    ws.receive(serializeBinaryMessage({ type: 'b', data: Uint8Array.of(7) }));
    expect(events[0]).toEqual(['message', { type: 'a', data: 1 }]);
    expect(events[1]).toMatchObject(['message', { type: 'b' }]);
    expect([...(events[1]![1] as { data: Uint8Array }).data]).toEqual([7]);
  });

  it('is refused, answered and counted where it is not of the protocol', () => {
    const { ws, events } = peerWith({ jsonDepth: 2, badMessages: { perSecond: 0, burst: 1 } });
    ws.receive('{"type":"a","data":[[]]}');
    expect(ws.messages).toMatchObject([{ type: '$error', data: { code: 'TOO_DEEP' } }]);
    expect(ws.closedWith).toBeUndefined();
    ws.receive('nothing');
    expect(ws.closedWith![0]).toBe(HubCloseCode.BAD_MESSAGES.code);
    expect(events).toEqual([
      ['refused', 'TOO_DEEP'],
      ['refused', 'BAD_MESSAGE'],
    ]);
  });

  it.each([
    ['messages', { messages: { perSecond: 0, burst: 1 } }],
    ['bytes', { bytes: { perSecond: 0, burst: 20 } }],
  ])('closes the connection when there is too much of it: %s', (_what, limits) => {
    const { ws, events } = peerWith(limits);
    for (let i = 0; i < 3; i++) ws.receive('{"type":"a"}');
    expect(ws.closedWith![0]).toBe(HubCloseCode.RATE_LIMITED.code);
    expect(events).toEqual([
      ['message', { type: 'a' }],
      ['refused', 'RATE_LIMITED'],
    ]);
  });

  it('counts for nothing once the connection is being closed', () => {
    const { peer, ws, events } = peerWith();
    peer.close(HubCloseCode.FORBIDDEN);
    ws.receive('{"type":"a"}');
    expect(events).toEqual([]);
  });
});

describe('what is sent to a client', () => {
  it('is text, or binary where the data is bytes', () => {
    const { peer, ws } = peerWith();
    peer.send({ type: 'a', data: { b: 1 } });
    peer.send({ type: 'c', data: Uint8Array.of(1) });
    const prepared = new PreparedMessage('for many');
    peer.sendPrepared(prepared);
    expect(ws.sent).toEqual([
      '{"type":"a","data":{"b":1}}',
      serializeBinaryMessage({ type: 'c', data: Uint8Array.of(1) }),
      prepared,
    ]);
  });

  it('is dropped when the connection is not open', () => {
    const { peer, ws } = peerWith();
    ws.readyState = 3;
    peer.send({ type: 'a' });
    peer.sendPrepared(new PreparedMessage('b'));
    expect([ws.sent, peer.isOpen]).toEqual([[], false]);
  });

  it('tells of errors by the id of what failed', () => {
    const { peer, ws } = peerWith();
    peer.refuse(new HubError('FORBIDDEN'), { type: 'a', id: 3 });
    expect(ws.messages).toMatchObject([{ type: '$error', id: 3, data: { code: 'FORBIDDEN' } }]);
  });
});

describe('a connection', () => {
  it('tells how it is', () => {
    const { peer, ws } = peerWith();
    expect([peer.isOpen, peer.isSlow, peer.latencyMs]).toEqual([true, false, undefined]);
    ws.writableNeedDrain = true;
    ws.latencyMs = 12;
    expect([peer.isSlow, peer.latencyMs]).toEqual([true, 12]);
  });

  it('lets the client wait', () => {
    const { peer, ws } = peerWith();
    peer.pause();
    expect(ws.isPaused).toBe(true);
    peer.resume();
    expect(ws.isPaused).toBe(false);
  });

  it('that waits is closed without waiting', () => {
    const { peer, ws } = peerWith();
    peer.pause();
    peer.close(HubCloseCode.TIMEOUT);
    expect([ws.isPaused, ws.closedWith![0]]).toEqual([false, HubCloseCode.TIMEOUT.code]);
  });

  it('tells its end', () => {
    const { ws, events } = peerWith();
    ws.emit('close', 1001, Buffer.from('gone'));
    expect(events).toEqual([['close', 1001, 'gone']]);
  });

  it('is over at once, and only once, when a newer one goes on with the session', () => {
    const { peer, ws, events } = peerWith();
    peer.replace();
    expect([ws.closedWith![0], events]).toEqual([HubCloseCode.REPLACED.code, [['replaced']]]);
    ws.emit('close', 4409, Buffer.from(''));
    expect(events).toHaveLength(1);
  });
});
