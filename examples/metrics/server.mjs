// A server that sends everything back, and says at /metrics what it does: `node server.mjs`.
import { createServer } from 'node:http';
import * as client from '@prometheus-io/client';
import { WebSocketServer } from 'hawser';
import { createMetrics } from 'hawser/metrics';

// Of Node: memory, CPU, the event loop.
client.collectDefaultMetrics();
// Before there are connections: what is open already is not counted.
createMetrics({ client, labels: { service: 'echo' } });

const server = createServer(async ({ url }, response) => {
  if (url !== '/metrics') {
    response.writeHead(404).end();
    return;
  }
  response.setHeader('Content-Type', client.register.contentType);
  response.end(await client.register.metrics());
});

const wss = new WebSocketServer({ server, heartbeat: true });
wss.on('connection', (ws) => {
  ws.on('message', (data, isBinary) => ws.send(data, { binary: isBinary }));
});

server.listen(8080, '127.0.0.1', () => {
  console.log('ws://localhost:8080 sends back what it gets, http://localhost:8080/metrics says how much');
});

for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, async () => {
    server.close();
    await wss.drain({ deadlineMs: 5000 });
  });
}
