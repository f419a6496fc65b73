import { createServer, request as forward } from 'node:http';
import { close, listen } from '../scenario/listening.mjs';

/** Runs a step behind a proxy that passes on requests, and refuses every upgrade, as those of some offices do. */
export async function withoutUpgrades(targetPort, step) {
  const proxy = createServer((request, response) => {
    const { url: path, method, headers } = request;
    const onward = forward({ port: targetPort, host: '127.0.0.1', path, method, headers }, (answer) => {
      response.writeHead(answer.statusCode, answer.headers);
      answer.pipe(response);
    });
    onward.on('error', () => response.destroy());
    request.pipe(onward);
  });
  const refused = new Promise((resolve) => {
    proxy.on('upgrade', (_request, socket) => {
      socket.end('HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n');
      resolve();
    });
  });
  await step({ port: await listen(proxy), refused });
  proxy.closeAllConnections();
  await close(proxy);
}
