import { WebSocket, WebSocketServer } from '../../src/index.ts';

/** Every listener throws; writes the uncaught exceptions and the messages to stdout, and ends. */
process.on('uncaughtException', (error) => console.log(`uncaught ${error.message}`));

const wss = new WebSocketServer({ port: 0, host: '127.0.0.1' });
wss.on('connection', (ws) => {
  ws.send('one');
  ws.ping('two');
  ws.send('three');
  ws.close(1000);
});
function throwIn(text: string): never {
  console.log(`got ${text}`);
  throw new Error(text);
}

wss.on('listening', () => {
  const { port } = wss.address() as { port: number };
  const client = new WebSocket(`ws://127.0.0.1:${port}/`);
  client.on('open', () => throwIn('open'));
  client.on('message', (data) => throwIn(String(data)));
  client.on('ping', (data) => throwIn(String(data)));
  client.on('close', (code) => {
    wss.close();
    throwIn(String(code));
  });
});
