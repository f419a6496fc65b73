import { once } from 'node:events';
import { ENGINES } from './engines.ts';

/**
 * For each case in turn, in one implementation: something throws, or an error is heard by nobody. Writes what came of it
 * as one line of JSON, and ends.
 */
const engine = ENGINES.find(({ name }) => name === process.argv[2])!;
const { WebSocket, WebSocketServer, createWebSocketStream } = engine;

type Socket = InstanceType<typeof WebSocket>;
type Case = (client: Socket, server: Socket) => void;

/** A frame of an opcode that there is not. */
const FAULT = Buffer.from([0x85, 0x00]);

function throwing(what: string): () => never {
  return () => {
    throw new Error(what);
  };
}

function fault(server: Socket): void {
  rawSocketOf(server).write(FAULT);
}

function rawSocketOf(socket: Socket): NodeJS.WritableStream {
  return (socket as unknown as { _socket: NodeJS.WritableStream })._socket;
}

const CASES: Record<string, Case> = {
  message: (client, server) => {
    client.on('message', throwing('message'));
    server.send('hello');
  },
  'message, by addEventListener': (client, server) => {
    client.addEventListener('message', throwing('message, by addEventListener'));
    server.send('hello');
  },
  'message, by onmessage': (client, server) => {
    client.onmessage = throwing('message, by onmessage');
    server.send('hello');
  },
  ping: (client, server) => {
    client.on('ping', throwing('ping'));
    server.ping();
  },
  pong: (client, server) => {
    client.on('pong', throwing('pong'));
    server.pong();
  },
  error: (client, server) => {
    client.on('error', throwing('error'));
    fault(server);
  },
  close: (client, server) => {
    client.on('close', throwing('close'));
    server.close();
  },
  'the callback of a send': (client) => {
    client.send('hello', throwing('the callback of a send'));
  },
  'the callback of a Blob': (client) => {
    client.send(new Blob(['hello']), throwing('the callback of a Blob'));
  },
  'the callback of a send that is too late': (client) => {
    client.close();
    client.send('hello', throwing('the callback of a send that is too late'));
  },
  'nobody listens to the error of a stream': (client, server) => {
    createWebSocketStream(client);
    fault(server);
  },
  'nobody listens to the error': (_client, server) => {
    fault(server);
  },
};

/** Resolves with what was thrown, or with the code of the close if nothing was by then. */
async function outcome(run: Case): Promise<string> {
  const wss = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  await once(wss, 'listening');
  const connected = once(wss, 'connection');
  const client = new WebSocket(`ws://127.0.0.1:${(wss.address() as { port: number }).port}/`);
  await once(client, 'open');
  const [server] = (await connected) as [Socket];
  const result = new Promise<string>((resolve) => {
    process.once('uncaughtException', (error) => resolve(`uncaught: ${error.message}`));
    // After whatever is thrown in this turn.
    client.on('close', (code) => setImmediate(() => resolve(`close ${code}`)));
  });
  run(client, server);
  const text = await result;
  process.removeAllListeners('uncaughtException');
  process.on('uncaughtException', () => {});
  client.terminate();
  server.terminate();
  await new Promise((resolve) => wss.close(resolve));
  process.removeAllListeners('uncaughtException');
  return text;
}

/** What comes of an attempt to connect to a server that refuses. */
async function outcomeOfAttempt(): Promise<string> {
  const wss = new WebSocketServer({ port: 0, host: '127.0.0.1', verifyClient: () => false });
  await once(wss, 'listening');
  const result = new Promise<string>((resolve) => {
    process.once('uncaughtException', (error) => resolve(`uncaught: ${error.message}`));
    const client = new WebSocket(`ws://127.0.0.1:${(wss.address() as { port: number }).port}/`);
    client.on('close', (code) => setImmediate(() => resolve(`close ${code}`)));
  });
  const text = await result;
  process.removeAllListeners('uncaughtException');
  await new Promise((resolve) => wss.close(resolve));
  return text;
}

async function main(): Promise<void> {
  const outcomes: Record<string, string> = {};
  for (const [name, run] of Object.entries(CASES)) outcomes[name] = await outcome(run);
  outcomes['nobody listens to the error of an attempt'] = await outcomeOfAttempt();
  console.log(JSON.stringify(outcomes));
}

main();
