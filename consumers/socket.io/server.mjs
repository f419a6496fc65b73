import { createServer } from 'node:http';
import { Server } from 'socket.io';
import { Manager } from 'socket.io-client';
import { listen } from '../scenario/listening.mjs';
import { next, within } from '../scenario/waiting.mjs';

/** Runs a step with a server that answers to 'echo', 'join', 'leave', 'sing' and 'who'; ends it and its clients. */
export async function withServer(options, step) {
  const http = createServer();
  const io = new Server(http, options);
  io.of('/').on('connection', answer);
  io.of('/news').on('connection', (socket) => {
    socket.on('who', (reply) => reply(`${socket.nsp.name} ${socket.handshake.auth.token}`));
  });
  io.of('/private').use((_socket, next) => {
    next(Object.assign(new Error('not for you'), { data: { ask: 'the canary' } }));
  });

  const port = await listen(http);
  const managers = [];
  await step({
    io,
    connect: (namespace, clientOptions) => connect(newManager(clientOptions), namespace),
    manager: (clientOptions) => managers.at(-1) ?? newManager(clientOptions),
  });
  for (const manager of managers) manager._close();
  await within(io.close(), 'the server to close');

  function newManager(clientOptions) {
    const manager = new Manager(`http://127.0.0.1:${port}`, { autoConnect: false, ...clientOptions });
    managers.push(manager);
    return manager;
  }
}

async function connect(manager, namespace) {
  const client = manager.socket(namespace);
  client.connect();
  await next(client, 'connect');
  return client;
}

function answer(socket) {
  socket.on('echo', (...args) => args.at(-1)(args.slice(0, -1)));
  socket.on('join', async (room, done) => {
    await socket.join(room);
    done();
  });
  socket.on('leave', async (room, done) => {
    await socket.leave(room);
    done();
  });
  socket.on('sing', (room, ...song) => socket.to(room).emit('song', ...song));
}
