import { createServer } from 'node:http';
import { Server } from 'socket.io';
import { servePage } from './serve-page.mjs';

const MAX_MESSAGE_BYTES = 512 * 1024;
const MAX_NAME_LENGTH = 24;
const MAX_TEXT_LENGTH = 1_000;
const MAX_FILE_BYTES = 256 * 1024;

/**
 * Makes a Socket.IO server for rooms: the namespace `/` is for everybody, `/stats` for whoever knows the token.
 * Nothing listens until `listen()` is called.
 *
 * @param options.WebSocketServer - The engine: the class of Hawser, or that of `ws`.
 * @param options.allowedOrigins - Pages of these origins may connect too, as `https://example.com`.
 */
export function createRooms({ WebSocketServer, allowedOrigins = [], statsToken }) {
  const http = createServer(servePage);
  const io = new Server(http, {
    wsEngine: WebSocketServer,
    maxHttpBufferSize: MAX_MESSAGE_BYTES,
    // For long-polling the browser asks, and these headers answer.
    cors: { origin: allowedOrigins },
    // For a WebSocket no browser asks: the server has to look by itself.
    allowRequest: (request, decide) => decide(null, isAllowed(request, allowedOrigins)),
  });

  io.on('connection', (socket) => {
    on(socket, 'join', async (room) => {
      const problem = checkName(room);
      if (problem) return { problem };
      await socket.join(room);
      socket.to(room).emit('came', { room, id: socket.id });
      return { people: io.of('/').adapter.rooms.get(room).size };
    });
    on(socket, 'leave', async (room) => {
      await socket.leave(room);
      socket.to(room).emit('went', { room, id: socket.id });
      return {};
    });
    on(socket, 'say', (room, text) => {
      const problem = checkMember(socket, room) ?? checkText(text);
      if (problem) return { problem };
      socket.to(room).emit('said', { room, id: socket.id, text });
      return {};
    });
    on(socket, 'share', (room, name, bytes) => {
      const problem = checkMember(socket, room) ?? checkName(name) ?? checkFile(bytes);
      if (problem) return { problem };
      socket.to(room).emit('shared', { room, id: socket.id, name, bytes });
      return { bytes: bytes.length };
    });
    socket.on('disconnecting', () => {
      for (const room of socket.rooms) socket.to(room).emit('went', { room, id: socket.id });
    });
  });

  const stats = io.of('/stats');
  stats.use((socket, next) => {
    next(socket.handshake.auth.token === statsToken ? undefined : new Error('wrong token'));
  });
  stats.on('connection', (socket) => {
    on(socket, 'count', () => countPeople(io.of('/')));
  });

  return {
    io,
    /** Starts to listen, and gives the port, which the system chooses when `port` is 0. */
    listen(port, host = '127.0.0.1') {
      return new Promise((resolve, reject) => {
        http.once('error', reject);
        http.listen(port, host, () => resolve(http.address().port));
      });
    },
    /** Disconnects everybody, and ends when the last connection is closed. */
    close: () => io.close(),
  };
}

/** Answers an event with what `handler` gives, if the client asked for an answer. */
function on(socket, event, handler) {
  socket.on(event, async (...args) => {
    const reply = typeof args.at(-1) === 'function' ? args.pop() : () => {};
    reply(await handler(...args));
  });
}

function countPeople({ adapter, sockets }) {
  const transports = { polling: 0, websocket: 0 };
  for (const { conn } of sockets.values()) transports[conn.transport.name] += 1;
  // Everybody is in a room of their own as well, which has the name of their id.
  const rooms = [...adapter.rooms.keys()].filter((room) => !sockets.has(room));
  return { people: sockets.size, rooms, transports };
}

/** Accepts this server's own page, the allowed origins, and programs, which send no Origin. */
function isAllowed({ headers: { origin, host } }, allowedOrigins) {
  if (origin === undefined || allowedOrigins.includes(origin)) return true;
  return URL.canParse(origin) && new URL(origin).host === host;
}

function checkName(name) {
  if (typeof name !== 'string' || name.trim() === '') return 'A name has at least one letter';
  return name.length > MAX_NAME_LENGTH ? `A name has at most ${MAX_NAME_LENGTH} letters` : undefined;
}

function checkText(text) {
  if (typeof text !== 'string' || text.trim() === '') return 'There is nothing to say';
  return text.length > MAX_TEXT_LENGTH ? `A text has at most ${MAX_TEXT_LENGTH} letters` : undefined;
}

function checkFile(bytes) {
  if (!Buffer.isBuffer(bytes)) return 'A file has bytes';
  return bytes.length > MAX_FILE_BYTES ? `A file has at most ${MAX_FILE_BYTES} bytes` : undefined;
}

/** A socket is in the room of its own id from the start; nobody speaks there. */
function checkMember(socket, room) {
  return room !== socket.id && socket.rooms.has(room) ? undefined : 'Join the room first';
}
