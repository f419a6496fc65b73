import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';

/**
 * Finds ports of this machine that nobody listens to.
 *
 * @param wanted - 0 for any. Rejects with EADDRINUSE or EACCES, when another one can't be had.
 */
export async function freePorts(...wanted: number[]): Promise<number[]> {
  // All at the same time, so that no two are the same.
  const servers = wanted.map((port) => createServer().listen(port, '127.0.0.1'));
  try {
    await Promise.all(servers.map((server) => once(server, 'listening')));
    return servers.map((server) => (server.address() as AddressInfo).port);
  } finally {
    await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  }
}
