// The servers that the tests talk to, on the loopback interface.
import { once } from 'node:events';
import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocketServer } from '../dist/index.mjs';
import { handlers, stash } from './handlers.mjs';

const HOSTNAME = '127.0.0.1';
const endpoints = new Map(Object.entries(handlers).map(([path, handler]) => [path, endpoint(handler)]));

/** Starts one server without TLS and one with; each is for pages and for WebSockets. */
export async function startServers({ key, cert }) {
  const servers = [createServer(answer), createTlsServer({ key, cert }, answer)];
  const sockets = new Set();
  for (const server of servers) {
    server.on('upgrade', upgrade);
    // A test's process ends with its connections open.
    server.on('connection', (socket) => {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => sockets.delete(socket));
    });
    server.listen(0, HOSTNAME);
  }
  await Promise.all(servers.map((server) => once(server, 'listening')));
  const [plain, tls] = servers.map((server) => server.address().port);
  return {
    ports: { plain, tls },
    close() {
      for (const server of servers) server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

function endpoint(handler) {
  const { compress = true, protocol: handleProtocols = () => false } = handler;
  const wss = new WebSocketServer({ noServer: true, perMessageDeflate: compress, handleProtocols });
  return { ...handler, wss };
}

async function upgrade(request, socket, head) {
  socket.on('error', () => {});
  const found = endpoints.get(request.url.split('?')[0]);
  if (found === undefined) return socket.end('HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n');
  if (found.delay) await sleep(found.delay);
  if (socket.destroyed) return;
  if (found.raw) await answerRaw(found, request, socket);
  else found.wss.handleUpgrade(request, socket, head, (ws) => found.open(ws, request, socket));
}

async function answerRaw(found, request, socket) {
  try {
    await found.raw(socket, request);
  } catch {
    // The client left in the middle; the test says what it thinks of that.
    socket.destroy();
  }
}

function answer(request, response) {
  const { pathname, searchParams } = new URL(request.url, 'http://localhost');
  if (pathname === '/fetch/api/resources/stash-take.py') {
    response.end(JSON.stringify(stash.get(searchParams.get('key')) ?? null));
  } else {
    response.writeHead(404).end();
  }
}
