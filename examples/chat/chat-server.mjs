import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { checkName, checkText, nameKey } from './checks.mjs';
import { servePage } from './serve-page.mjs';

const MAX_CLIENTS = 500;
const MAX_MESSAGE_BYTES = 8 * 1024;
const MAX_UNSENT_BYTES = 1024 * 1024;
const MESSAGES_PER_WINDOW = 10;
const WINDOW_MS = 5_000;

/**
 * Makes a chat: an HTTP server that serves the page, and a WebSocket server at `/chat` beside it.
 * Nothing listens until `listen()` is called.
 */
export function createChat({ WebSocketServer, heartbeatMs = 30_000, log = console.log }) {
  const server = createServer(servePage);
  const wss = new WebSocketServer({
    server,
    path: '/chat',
    maxPayload: MAX_MESSAGE_BYTES,
    closeTimeout: 2_000,
    verifyClient: isSameOrigin,
  });
  const clients = new Map();

  wss.on('connection', (ws) => {
    if (clients.size >= MAX_CLIENTS) {
      ws.on('error', () => {});
      ws.close(1013, 'The chat is full, try again later');
      return;
    }

    const clientId = randomUUID();
    const client = {
      id: clientId,
      ws,
      name: `Guest ${clientId.slice(0, 4)}`,
      hasJoined: false,
      resumeKey: randomUUID(),
      isAlive: true,
      windowStart: 0,
      messagesInWindow: 0,
    };
    clients.set(clientId, client);
    log(`Client ${clientId} connected`);

    send(client, { type: 'welcome', clientId, message: 'Connected to the chat', people: people() });

    ws.on('message', (data, isBinary) => {
      const message = isBinary ? undefined : parseObject(data.toString());
      if (message === undefined) {
        send(client, { type: 'error', message: 'Invalid JSON' });
        return;
      }
      switch (message.type) {
        case 'join':
          join(client, message);
          break;
        case 'chat':
          chat(client, message);
          break;
        case 'ping':
          send(client, { type: 'pong', timestamp: Date.now() });
          break;
        default:
          send(client, { type: 'error', message: 'Unknown message type' });
      }
    });

    ws.on('pong', () => {
      client.isAlive = true;
    });

    ws.on('error', (error) => {
      log(`Client ${clientId} error: ${error.message}`);
    });

    ws.on('close', (code) => {
      log(`Client ${clientId} disconnected: ${code}`);
      leave(client);
    });
  });

  function join(client, { name, resumeKey }) {
    const checked = checkName(name);
    if (checked.problem) {
      refuse(client, 'join', checked.problem);
      return;
    }

    // A page that lost its network comes back before the heartbeat has noticed that its old connection is dead.
    const ghost = [...clients.values()].find((other) => other !== client && other.resumeKey === resumeKey);
    const isTaken = [...clients.values()].some(
      (other) => other !== client && other !== ghost && nameKey(other.name) === nameKey(checked.name),
    );
    if (isTaken) {
      refuse(client, 'join', `Somebody here is called “${checked.name}” already`);
      return;
    }

    const returns = ghost?.hasJoined === true && ghost.name === checked.name;
    if (ghost) {
      leave(ghost, { silently: returns });
      ghost.ws.terminate();
    }
    if (client.hasJoined) {
      if (client.name !== checked.name) notice(`${client.name} is now ${checked.name}`, client);
    } else if (!returns) {
      notice(`${checked.name} joined the chat`, client);
    }
    client.name = checked.name;
    client.hasJoined = true;
    send(client, { type: 'joined', name: client.name, resumeKey: client.resumeKey });
    broadcast({ type: 'people', people: people() });
  }

  function chat(client, { text, ref }) {
    const checked = checkText(text);
    if (checked.problem) {
      refuse(client, 'chat', checked.problem, ref);
      return;
    }
    if (isTooFast(client)) {
      refuse(client, 'chat', 'Too many messages at once, wait a moment', ref);
      return;
    }
    // Whoever speaks without having given a name is here too, as a guest.
    if (!client.hasJoined) join(client, { name: client.name });
    if (!client.hasJoined) return;
    broadcast(
      { type: 'chat', from: client.id, name: client.name, text: checked.text, timestamp: Date.now() },
      client,
    );
  }

  function leave(client, { silently = false } = {}) {
    if (!clients.delete(client.id) || !client.hasJoined || silently) return;
    notice(`${client.name} left the chat`);
    broadcast({ type: 'people', people: people() });
  }

  function people() {
    return [...clients.values()].filter((client) => client.hasJoined).map(({ id, name }) => ({ id, name }));
  }

  function notice(message, exclude) {
    broadcast({ type: 'system', message, timestamp: Date.now() }, exclude);
  }

  function refuse(client, refused, message, ref) {
    send(client, { type: 'error', refused, message, ref });
  }

  function send(client, message) {
    deliver(client, JSON.stringify(message));
  }

  function broadcast(message, exclude) {
    const text = JSON.stringify(message);
    for (const client of clients.values()) {
      if (client !== exclude) deliver(client, text);
    }
  }

  function deliver({ ws }, text) {
    if (ws.readyState !== ws.OPEN) return;
    // A reader slower than the chat must not make the server hold its messages without end.
    if (ws.bufferedAmount > MAX_UNSENT_BYTES) ws.terminate();
    else ws.send(text);
  }

  // A connection whose other end has vanished stays silent for ever: whoever did not answer the last ping is gone.
  const heartbeat = setInterval(() => {
    for (const client of clients.values()) {
      if (!client.isAlive) {
        client.ws.terminate();
        continue;
      }
      client.isAlive = false;
      client.ws.ping();
    }
  }, heartbeatMs);
  wss.on('close', () => clearInterval(heartbeat));

  return {
    /** Starts to listen and gives the port, which the system chooses when `port` is 0. */
    listen(port, host = '127.0.0.1') {
      return new Promise((resolve, reject) => {
        // The errors of its HTTP server, such as a port that is taken, are emitted by the WebSocketServer.
        wss.once('error', reject);
        server.listen(port, host, () => {
          wss.off('error', reject);
          resolve(server.address().port);
        });
      });
    },

    /** Says goodbye to everybody (1001, RFC 6455 §7.4.1) and ends when the last connection is closed. */
    close() {
      clearInterval(heartbeat);
      return new Promise((resolve) => {
        server.close(() => resolve());
        wss.close();
        for (const ws of wss.clients) ws.close(1001, 'The server is shutting down');
        server.closeAllConnections();
      });
    },
  };
}

/**
 * Accepts a page of this server, and programs, which send no Origin: any other site that the visitor has open
 * could else speak in the visitor's name (RFC 6455 §10.2).
 */
function isSameOrigin({ origin, req }) {
  if (origin === undefined) return true;
  return URL.canParse(origin) && new URL(origin).host === req.headers.host;
}

function isTooFast(client) {
  const now = performance.now();
  if (now - client.windowStart > WINDOW_MS) {
    client.windowStart = now;
    client.messagesInWindow = 0;
  }
  client.messagesInWindow += 1;
  return client.messagesInWindow > MESSAGES_PER_WINDOW;
}

function parseObject(text) {
  try {
    const value = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}
