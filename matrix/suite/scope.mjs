import { once } from 'node:events';
import { WebSocket, WebSocketServer } from 'hawser';

/** What one case opens, and closes behind itself. */
export class Scope {
  /** The last thing that the case said it got to; printed when it fails. */
  step;
  #cleanups = [];
  #timer;

  /** Has `cleanup` run when the case ends, the latest first. */
  defer(cleanup) {
    this.#cleanups.push(cleanup);
  }

  /** Starts a server on a free port of the loopback. */
  async serve(options = {}) {
    const wss = new WebSocketServer({ port: 0, host: '127.0.0.1', ...options });
    this.defer(() => closeServer(wss));
    await once(wss, 'listening');
    const { port } = wss.address();
    return { wss, port, url: `${options.tls ? 'wss' : 'ws'}://127.0.0.1:${port}/` };
  }

  /** Starts a server on which every connection echoes. */
  async serveEcho(options = {}) {
    const served = await this.serve(options);
    served.wss.on('connection', echo);
    return served;
  }

  /** Makes a client, which may fail. */
  connect(url, ...args) {
    const ws = new WebSocket(url, ...args);
    this.defer(() => {
      ws.on('error', () => {});
      ws.terminate();
    });
    return ws;
  }

  /** Makes a client and waits until it is open. */
  async open(url, ...args) {
    const ws = this.connect(url, ...args);
    await once(ws, 'open');
    return ws;
  }

  /** Both ends of one connection. */
  async pair(serverOptions = {}, clientOptions = {}) {
    const { wss, url } = await this.serve(serverOptions);
    const client = this.connect(url, clientOptions);
    const [[server, request]] = await Promise.all([once(wss, 'connection'), once(client, 'open')]);
    return { wss, server, client, request };
  }

  timeLimit(ms) {
    return new Promise((_resolve, reject) => {
      this.#timer = setTimeout(() => reject(new Error(`hangs: no end after ${ms / 1000} s`)), ms);
    });
  }

  stopClock() {
    clearTimeout(this.#timer);
  }

  async close() {
    for (const cleanup of this.#cleanups.reverse()) await cleanup();
  }
}

/** Sends every message back as it came. */
export function echo(ws) {
  ws.on('message', (data, binary) => ws.send(data, { binary }));
}

/** Waits for the end of a connection, whatever it is; with the error, where one was told before. */
export function ending(ws) {
  return new Promise((resolve) => {
    let error;
    ws.once('error', (told) => {
      error = told;
    });
    ws.once('close', (code, reason) => resolve({ code, reason: reason.toString(), error }));
  });
}

/** Waits for `count` messages. */
export function receive(ws, count) {
  return new Promise((resolve, reject) => {
    const received = [];
    const onMessage = (data, isBinary) => {
      received.push({ data, isBinary });
      if (received.length < count) return;
      ws.off('message', onMessage);
      resolve(received);
    };
    ws.on('message', onMessage);
    ws.once('close', (code, reason) =>
      reject(new Error(`closed after ${received.length} of ${count} messages: ${code} ${reason}`)),
    );
  });
}

/** Waits for one message and returns its data. */
export async function receiveOne(ws) {
  const [{ data }] = await receive(ws, 1);
  return data;
}

/** Closes a server and its connections, and waits for that. */
export function closeServer(wss) {
  for (const ws of wss.clients ?? []) ws.terminate();
  return new Promise((resolve) => wss.close(() => resolve()));
}
