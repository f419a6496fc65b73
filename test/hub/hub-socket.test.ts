import { describe, expect, it } from 'vitest';
import { HubSocket } from '../../src/hub/hub-socket.ts';
import type { MembershipHost } from '../../src/hub/membership.ts';
import { DEFAULT_LIMITS } from '../../src/hub/options.ts';
import { Peer } from '../../src/hub/peer.ts';
import { PreparedMessage } from '../../src/index.ts';
import { HubCloseCode, type WireMessage } from '../../src/wire/index.ts';
import { FakeWebSocket } from './fake-websocket.ts';

function socketOn(ws = new FakeWebSocket()) {
  const replaced: string[] = [];
  const peer = new Peer(ws.asWebSocket, DEFAULT_LIMITS, {
    onMessage: () => {},
    onRefused: () => {},
    onClose: () => {},
    onReplaced: () => replaced.push('replaced'),
  });
  const host = { rooms: { leave: () => {} }, keepsPresence: false } as unknown as MembershipHost;
  const limits = { roomsPerSocket: 1, pendingRequests: 1 };
  const socket = new HubSocket({ context: 'ann', address: '::1', peer, session: undefined, host, limits });
  return { ws, socket, replaced };
}

describe('a socket', () => {
  it('sends events, of the application only', () => {
    const { ws, socket } = socketOn();
    socket.emit('a', 1);
    socket.emit('b');
    expect(ws.messages).toEqual([{ type: 'a', data: 1 }, { type: 'b' }]);
    for (const type of ['$reply', '', 'x'.repeat(129)]) expect(() => socket.emit(type)).toThrow(TypeError);
    expect(() => socket.emit('a', 1n)).toThrow(TypeError);
  });

  it('drops what is volatile while the client reads too slowly, and nothing else', () => {
    const { ws, socket } = socketOn();
    ws.writableNeedDrain = true;
    socket.emit('a', 1, { volatile: true });
    socket.emit('b', 2);
    const prepared = new PreparedMessage('c');
    socket.deliver(prepared, true);
    socket.deliver(prepared, false);
    ws.writableNeedDrain = false;
    socket.deliver(prepared, true);
    expect(ws.sent).toEqual(['{"type":"b","data":2}', prepared, prepared]);
  });

  it('asks, and takes the answer', async () => {
    const { ws, socket } = socketOn();
    const answer = socket.request('question', 6);
    const { id } = ws.messages[0]!;
    await expect(socket.request('question', 6)).rejects.toMatchObject({ code: 'TOO_MANY_PENDING' });
    socket.onAnswer({ type: '$reply', data: 'for nobody' });
    socket.onAnswer({ type: '$reply', id: 999, data: 'for nobody' });
    socket.onAnswer({ type: '$reply', id, data: 42 });
    expect(await answer).toBe(42);
  });

  it.each<[unknown, object]>([
    [
      { code: 'NO_IDEA', message: 'none', details: 1 },
      { code: 'NO_IDEA', message: 'none', details: 1 },
    ],
    [{ code: 7, message: {} }, { code: 'INTERNAL' }],
    [null, { code: 'INTERNAL' }],
    ['text', { code: 'INTERNAL' }],
  ])('takes %j for an error', async (data, expected) => {
    const { ws, socket } = socketOn();
    const answer = socket.request('question');
    socket.onAnswer({ type: '$error', id: ws.messages[0]!.id, data } as WireMessage);
    await expect(answer).rejects.toMatchObject(expected);
  });

  it('ends its requests when it is over, and takes no more', async () => {
    const { ws, socket } = socketOn();
    const answer = socket.request('question');
    socket.end({ replaced: false });
    await expect(answer).rejects.toMatchObject({ code: 'CLOSED' });
    ws.readyState = 3;
    await expect(socket.request('question')).rejects.toMatchObject({ code: 'CLOSED' });
    expect(() => socket.request('$reply')).toThrow(TypeError);
  });

  it('is closed for good, or for what else is said', () => {
    const first = socketOn();
    first.socket.close();
    expect(first.ws.closedWith![0]).toBe(1000);
    const second = socketOn();
    second.socket.close({ code: 4000, meaning: 'over' });
    expect(second.ws.closedWith).toEqual([4000, 'over']);
    expect(second.socket.connected).toBe(false);
  });

  it('makes room for a newer connection', () => {
    const { ws, socket, replaced } = socketOn();
    socket.replace();
    expect([ws.closedWith![0], replaced]).toEqual([HubCloseCode.REPLACED.code, ['replaced']]);
  });

  it('knows its client', () => {
    const { ws, socket } = socketOn();
    ws.latencyMs = 3;
    expect(socket).toMatchObject({ context: 'ann', address: '::1', latencyMs: 3, connected: true });
    expect(socket.id).toMatch(/^[\w-]{22}$/);
    expect(socket.rooms.size).toBe(0);
  });
});
