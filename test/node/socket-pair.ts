import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

/** Two connected sockets of loopback, for the test that is running: they are destroyed at its end. */
export async function socketPair(): Promise<{ near: Socket; far: Socket }> {
  const server = createServer({ allowHalfOpen: true });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const accepted = once(server, 'connection');
  const { port } = server.address() as AddressInfo;
  const far = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  const [near] = (await accepted) as [Socket];
  server.close();
  for (const socket of [near, far]) {
    socket.on('error', () => {});
    onTestFinished(() => {
      socket.destroy();
    });
  }
  return { near, far };
}
