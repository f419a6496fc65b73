// A hub in a process or thread of its own.
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parentPort } from 'node:worker_threads';
import { clusterAdapter } from '../../src/cluster/index.ts';
import { createHub } from '../../src/hub/index.ts';

const server = createServer();
const hub = createHub({
  server,
  adapter: clusterAdapter(),
  authorizeJoin: () => true,
  presence: (socket) => socket.id,
});
hub.on('say', (data) => hub.to('lobby').emit('said', data));
hub.on('members', () => hub.members('lobby'));
// Workers of node:cluster would share a port.
server.listen({ port: 0, host: '127.0.0.1', exclusive: true });
void Promise.all([once(server, 'listening'), hub.ready]).then(() => {
  const { port } = server.address() as AddressInfo;
  if (parentPort !== null) parentPort.postMessage({ port });
  else process.send!({ port });
});
