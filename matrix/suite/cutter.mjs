import { once } from 'node:events';
import { connect, createServer } from 'node:net';

/** Puts a TCP proxy before a port; returns its URL, and what cuts all connections and lets none through. */
export async function startCutter(scope, port) {
  const sockets = new Set();
  let lets = true;
  const join = (from, to) => {
    sockets.add(from);
    from.on('error', () => {});
    from.on('close', () => {
      sockets.delete(from);
      to.destroy();
    });
    from.pipe(to);
  };
  const proxy = createServer((client) => {
    if (!lets) {
      client.on('error', () => {});
      client.destroy();
      return;
    }
    const upstream = connect(port, '127.0.0.1');
    join(client, upstream);
    join(upstream, client);
  });
  const cut = () => {
    lets = false;
    for (const socket of sockets) socket.destroy();
  };
  const mend = () => {
    lets = true;
  };
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  scope.defer(() => {
    cut();
    return new Promise((resolve) => proxy.close(resolve));
  });
  return { url: `ws://127.0.0.1:${proxy.address().port}/`, cut, mend };
}
