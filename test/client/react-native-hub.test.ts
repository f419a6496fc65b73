import { expect, it } from 'vitest';
import type { WebSocketClass } from '../../src/client/index.ts';
import type { Hub } from '../../src/hub/index.ts';
import { WebSocket } from '../../src/web/index.ts';
import { serveHub } from '../hub/served-hub.ts';
import { connectClient, next } from './connected-client.ts';
import { Cutter } from './cutter.ts';

/** Closes as React Native's does: without a code it says 1000, and it checks neither code nor reason. */
class NativeWebSocket extends WebSocket {
  override close(code = 1000, reason = ''): void {
    super.close(code, reason);
  }
}

/** Closes as browsers do. */
const CLASSES: Array<[string, WebSocketClass]> = [
  ['React Native’s WebSocket', NativeWebSocket],
  ['the WebSocket of the standard', WebSocket],
];

const nextDisconnect = (hub: Hub): Promise<number> =>
  new Promise((resolve) => hub.onDisconnect((_socket, { code }) => resolve(code)));

/** A client of a hub, in a room, behind a proxy that lets nobody connect again until the hub knows of the end. */
async function giveUp(WebSocket: WebSocketClass, how: 'reconnect' | 'silence') {
  const { hub, url } = await serveHub({ authorizeJoin: () => true });
  const cutter = await Cutter.before(url);
  const heartbeat = how === 'silence' && { intervalMs: 5, timeoutMs: 200 };
  const client = await connectClient(cutter.url, { WebSocket, heartbeat });
  await client.join('lobby');
  const code = nextDisconnect(hub);
  cutter.refuse(true);
  const lost = next(client, 'disconnected');
  cutter.hush(how === 'silence');
  if (how === 'reconnect') client.reconnect();
  await lost;
  cutter.hush(false);
  const got = new Promise((resolve) => client.on('missed', resolve));
  const ended = await code;
  await hub.to('lobby').emit('missed', 7);
  cutter.refuse(false);
  const { resumed } = await next(client, 'connected');
  return { code: ended, resumed, rooms: client.rooms, got: await got };
}

it.each(CLASSES)('with %s a session goes on after reconnect()', async (_, WebSocket) => {
  expect(await giveUp(WebSocket, 'reconnect')).toEqual({
    code: 4499,
    resumed: true,
    rooms: ['lobby'],
    got: 7,
  });
});

it.each(CLASSES)('with %s a session goes on after a silent peer was given up', async (_, WebSocket) => {
  expect(await giveUp(WebSocket, 'silence')).toEqual({ code: 4499, resumed: true, rooms: ['lobby'], got: 7 });
});

it.each(CLASSES)('with %s a session ends with close()', async (_, WebSocket) => {
  const { hub, url } = await serveHub();
  const client = await connectClient(url, { WebSocket });
  const code = nextDisconnect(hub);
  client.close();
  expect(await code).toBe(1000);
});
