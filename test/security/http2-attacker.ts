import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { connect, createServer } from 'node:net';
import { onTestFinished } from 'vitest';
import { Http2Attacker } from '../behaviour/http2-peer.ts';

/** Attacks a server. */
export async function attackServer(port: number): Promise<Http2Attacker> {
  const socket = connect(port, '127.0.0.1');
  onTestFinished(() => void socket.destroy());
  await once(socket, 'connect');
  return new Http2Attacker(socket, false);
}

/** Attacks clients: `onAttacker` is called with the session of each. */
export async function attackClients(onAttacker: (attacker: Http2Attacker) => void): Promise<string> {
  const server = createServer((socket) => {
    onTestFinished(() => void socket.destroy());
    onAttacker(new Http2Attacker(socket, true));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return `ws://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}
