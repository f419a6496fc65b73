// One node: `NODE_NAME=a PORT=3001 REDIS_URL=redis://127.0.0.1:6379 node --import tsx examples/chat-cluster/server/node.mts`
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { NODES, type NodeName } from '../shared/chat.mts';
import { createChatHub } from './chat-hub.mts';
import { History } from './history.mts';
import { NodeFigures } from './node-figures.mts';

/** How long clients may take to leave when the node ends, in milliseconds. */
const DRAIN_DEADLINE_MS = 2_000;

const node = readNodeName(process.env.NODE_NAME);
const redisUrl = process.env.REDIS_URL ?? 'redis://127.0.0.1:6379';
const figures = new NodeFigures(node);
const history = await History.open(redisUrl, (error) => console.error(`History: ${error.message}`));

const server = createServer((request, response) => {
  if (request.url !== '/figures') {
    response.writeHead(404).end();
    return;
  }
  response.writeHead(200, { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' });
  response.end(JSON.stringify(figures.read(hub)));
});
const hub = createChatHub({ node, server, redisUrl, history, onSaid: () => figures.onSaid() });
figures.watch(hub);
hub.events.on('failure', (error) => console.error('Failure:', error));

await hub.ready;
server.listen(Number(process.env.PORT ?? 0), '127.0.0.1', () => {
  console.log(`Node ${node} listens on port ${(server.address() as AddressInfo).port}`);
});

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void end());
// Whoever started it is gone.
process.once('disconnect', () => process.exit(1));

async function end(): Promise<void> {
  await hub.drain({ deadlineMs: DRAIN_DEADLINE_MS });
  history.close();
  server.close();
  server.closeAllConnections();
  process.exit(0);
}

function readNodeName(name: string | undefined): NodeName {
  const found = NODES.find((node) => node === name);
  if (found === undefined) throw new Error(`NODE_NAME=${name} is none of ${NODES.join(', ')}`);
  return found;
}
