import { EventEmitter } from 'node:events';
import { createServer } from 'node:http';
import { WebSocketServer } from 'ws';
import { close, listen } from '../scenario/listening.mjs';
import { next } from '../scenario/waiting.mjs';

/** Starts what a Socket Mode app needs of Slack: the method apps.connections.open, and the WebSocket it leads to. */
export async function startFakeSlack() {
  const slack = new FakeSlack();
  await slack.listen();
  return slack;
}

/** Emits 'connection' with a {@link Connection} for each WebSocket. */
class FakeSlack extends EventEmitter {
  /** The Authorization of each call of the method. */
  tokens = [];
  #server = createServer((request, response) => this.#answer(request, response));
  #wss = new WebSocketServer({ server: this.#server, path: '/link' });
  #port = 0;

  async listen() {
    this.#wss.on('connection', (ws) => {
      const connection = new Connection(ws);
      connection.send({ type: 'hello', num_connections: 1 });
      this.emit('connection', connection);
    });
    this.#port = await listen(this.#server);
  }

  get apiUrl() {
    return `http://127.0.0.1:${this.#port}/api/`;
  }

  get openConnections() {
    return this.#wss.clients.size;
  }

  async close() {
    this.#wss.close();
    this.#server.closeAllConnections();
    await close(this.#server);
  }

  #answer(request, response) {
    request.resume();
    this.tokens.push(request.headers.authorization);
    const isKnown = request.url === '/api/apps.connections.open';
    response.setHeader('Content-Type', 'application/json');
    const url = `ws://127.0.0.1:${this.#port}/link?ticket=canary`;
    response.end(JSON.stringify(isKnown ? { ok: true, url } : { ok: false, error: 'unknown_method' }));
  }
}

class Connection {
  constructor(ws) {
    this.ws = ws;
  }

  send(message, options) {
    this.ws.send(JSON.stringify(message), options);
  }

  sendEvent(id, event, options) {
    this.send({ type: 'events_api', envelope_id: id, payload: { event } }, options);
  }

  async nextMessage() {
    return JSON.parse((await next(this.ws, 'message'))[0]);
  }
}
