// Pushes updates to its clients by WebSocket, as server-sent events or by long polling. The first ones go out one by one,
// each when all clients have the one before, which the control connection tells; the others at a fixed rate.
import { createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { PAYLOADS } from '../payloads.mjs';
import { createAudience } from './audience.mjs';
import { QUESTIONS, say, settings } from './control.mjs';

const { transport, perMessageDeflate, clients, bytes, inStep, paced, perSecond } = settings;
const updates = Array.from({ length: inStep + paced }, (_, i) => PAYLOADS.update(bytes, i).toString());

const audience = await createAudience(clients);

/** Each answers clients on an http server, and returns what sends update number `index` to all of them. */
const TRANSPORTS = {
  async websocket(http) {
    const { WebSocketServer } = await import(settings.module);
    const server = new WebSocketServer({ server: http, perMessageDeflate });
    server.on('connection', (socket) => {
      socket.on('error', console.error);
      audience.greet();
    });
    return (index) => server.broadcast(updates[index]);
  },

  events(http) {
    const responses = new Set();
    http.on('request', (_request, response) => {
      response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' });
      response.flushHeaders();
      responses.add(response);
      audience.greet();
    });
    return (index) => {
      const event = `data: ${updates[index]}\n\n`;
      for (const response of responses) response.write(event);
    };
  },

  polling(http) {
    const waiting = [];
    let sent = 0;
    const answer = ({ response, after }) => {
      const body = Buffer.from(`${updates.slice(after, sent).join('\n')}\n`);
      const headers = {
        'Content-Type': 'application/x-ndjson',
        'Cache-Control': 'no-store',
        'Content-Length': body.length,
      };
      response.writeHead(200, headers).end(body);
    };
    http.on('request', (request, response) => {
      const after = Number(request.url.slice(request.url.indexOf('=') + 1));
      if (after < sent) answer({ response, after });
      else waiting.push({ response, after });
      if (after === 0) audience.greet();
    });
    return (index) => {
      sent = index + 1;
      for (const each of waiting.splice(0)) answer(each);
    };
  },
};

const http = createServer();
const push = await TRANSPORTS[transport](http);
const sentAt = [];
const send = (index) => {
  sentAt.push(Number(process.hrtime.bigint()) / 1000);
  push(index);
};

QUESTIONS.begin = async () => {
  await audience.together;
  const before = process.cpuUsage();
  for (let index = 0; index < inStep; index++) {
    send(index);
    await audience.through(index + 1);
  }
  const { user, system } = process.cpuUsage(before);
  const started = performance.now();
  for (let index = inStep; index < inStep + paced; index++) {
    await sleep(started + ((index - inStep) * 1000) / perSecond - performance.now());
    send(index);
  }
  return { cpu: user + system, sentAt };
};

http.listen(0, '127.0.0.1', () => say({ port: http.address().port, control: audience.port }));
