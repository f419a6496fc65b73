// Sends messages to a room that all clients are in, some at a time, and the next when all of them have those, which the
// control connection tells.
import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { createAudience } from './audience.mjs';
import { QUESTIONS, say, settings } from './control.mjs';

const WARM_UP_TURNS = 30;
/** The clients, which are bare sockets, answer no pings. */
const HEARTBEAT = false;

const { subject, clients, turns, atATime, module, hub: hubModule } = settings;

const audience = await createAudience(clients);

const data = (number) => ({ from: 'somebody', text: 'The quick brown fox jumps over the lazy dog^', number });

/** Each listens, and returns its port and what sends message `number` to everybody. */
const SUBJECTS = {
  async broadcast() {
    const { WebSocketServer } = await import(module);
    const server = new WebSocketServer({ port: 0, host: '127.0.0.1', heartbeat: HEARTBEAT });
    server.on('connection', (ws) => {
      ws.on('message', () => {});
      audience.greet();
    });
    await once(server, 'listening');
    // As long as what the hub sends.
    const mid = `${'m'.repeat(22)}:`;
    const send = (number) => {
      const message = { type: 'said', room: 'lobby', offset: `${Date.now()}-0`, mid: mid + number };
      server.broadcast(JSON.stringify({ ...message, data: data(number) }));
    };
    return { port: server.address().port, send };
  },

  async hub() {
    const { createHub } = await import(hubModule);
    const limits = {
      connectionsPerAddress: clients,
      handshakesPerAddress: { perSecond: clients, burst: clients },
    };
    const hub = createHub({ port: 0, host: '127.0.0.1', heartbeat: HEARTBEAT, limits });
    hub.onConnection((socket) => void socket.join('lobby').then(audience.greet));
    await once(hub.events, 'listening');
    return { port: hub.address().port, send: (number) => void hub.to('lobby').emit('said', data(number)) };
  },

  async 'socket.io'() {
    const { Server } = await import(module);
    const http = createHttpServer();
    const io = new Server(http, { transports: ['websocket'], pingInterval: 600_000 });
    io.on('connection', (socket) => {
      socket.join('lobby');
      audience.greet();
    });
    await once(http.listen(0, '127.0.0.1'), 'listening');
    return { port: http.address().port, send: (number) => io.to('lobby').emit('said', data(number)) };
  },
};

const { port, send } = await SUBJECTS[subject]();

let sent = 0;
let turn = 0;

async function sendTurns(count) {
  for (let i = 0; i < count; i++) {
    for (let j = 0; j < atATime; j++) send(++sent);
    await audience.through(++turn);
  }
}

QUESTIONS.begin = async () => {
  await audience.together;
  await sendTurns(WARM_UP_TURNS);
  const before = process.cpuUsage();
  await sendTurns(turns);
  const { user, system } = process.cpuUsage(before);
  return { cpu: user + system };
};

say({ port, control: audience.port });
