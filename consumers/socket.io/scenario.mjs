import assert from 'node:assert/strict';
import { runScenario } from '../scenario/scenario.mjs';
import { next } from '../scenario/waiting.mjs';
import { withServer } from './server.mjs';

const TEXT = 'canary: zażółć 𝄞';
const BINARY = Buffer.concat([Buffer.from([0, 255, 128]), Buffer.from('canary')]);
const WEBSOCKET = { transports: ['websocket'] };

await runScenario({
  'acks with text and binary attachments': () =>
    withServer({}, async ({ connect }) => {
      const client = await connect('/', WEBSOCKET);
      await assertEcho(client);
    }),

  'acks with permessage-deflate': () =>
    withServer({ perMessageDeflate: { threshold: 0 } }, async ({ io, connect }) => {
      const client = await connect('/', { ...WEBSOCKET, perMessageDeflate: { threshold: 0 } });
      assert.equal(engineOf(io, client).transport.socket.extensions, 'permessage-deflate');
      await assertEcho(client);
    }),

  'polling, then the upgrade': () =>
    withServer({}, async ({ io, connect }) => {
      const client = await connect('/', {});
      if (client.io.engine.transport.name !== 'websocket') await next(client.io.engine, 'upgrade');
      await assertEcho(client);
      assert.equal(engineOf(io, client).transport.name, 'websocket');
    }),

  'rooms, and a broadcast to them': () =>
    withServer({}, async ({ io, connect }) => {
      const [anna, bruno, celia] = [
        await connect('/', WEBSOCKET),
        await connect('/', WEBSOCKET),
        await connect('/', WEBSOCKET),
      ];
      for (const client of [anna, bruno]) await client.emitWithAck('join', 'choir');
      const frames = framesSentTo(io, bruno);
      const heard = [anna, bruno].map((client) => next(client, 'song'));
      const strays = [];
      celia.on('song', (...args) => strays.push(args));
      io.to('choir').emit('song', TEXT);
      assert.deepEqual(await Promise.all(heard), [[TEXT], [TEXT]]);
      assert.equal(frames.count, 1);

      const received = next(bruno, 'song');
      anna.emit('sing', 'choir', TEXT, BINARY);
      assert.deepEqual(await received, [TEXT, BINARY]);
      // Celia's answer comes after whatever was sent to her before.
      await assertEcho(celia);
      assert.deepEqual(strays, []);

      await bruno.emitWithAck('leave', 'choir');
      assert.deepEqual([...io.of('/').adapter.rooms.get('choir')], [anna.id]);
    }),

  'a broadcast with acks': () =>
    withServer({}, async ({ io, connect }) => {
      const clients = [await connect('/', WEBSOCKET), await connect('/', WEBSOCKET)];
      for (const client of clients) client.on('count', (text, answer) => answer(`${text} ${client.id}`));
      const answers = await io.timeout(10_000).emitWithAck('count', TEXT);
      assert.deepEqual(answers.sort(), clients.map(({ id }) => `${TEXT} ${id}`).sort());
    }),

  'namespaces on one connection': () =>
    withServer({}, async ({ io, manager, connect }) => {
      const main = await connect('/', WEBSOCKET);
      const news = manager(WEBSOCKET).socket('/news', { auth: { token: 'canary' } });
      news.connect();
      await next(news, 'connect');
      assert.equal(main.io, news.io);
      assert.equal(await news.emitWithAck('who'), '/news canary');
      assert.equal(io.of('/news').sockets.size, 1);

      const stranger = manager(WEBSOCKET).socket('/private');
      stranger.connect();
      const [error] = await next(stranger, 'connect_error');
      assert.deepEqual([error.message, error.data], ['not for you', { ask: 'the canary' }]);
    }),

  'an end by the server, with code and reason': () =>
    withServer({}, async ({ io, connect }) => {
      const client = await connect('/', { ...WEBSOCKET, reconnection: false });
      const left = next(io.of('/').sockets.get(client.id), 'disconnect');
      const lost = next(client, 'disconnect');
      engineOf(io, client).transport.socket.close(4001, 'gone home');
      const [reason, { context }] = await lost;
      assert.equal(reason, 'transport close');
      assert.deepEqual([context.code, context.reason], [4001, 'gone home']);
      assert.deepEqual(await left.then(([reason]) => reason), 'transport close');
    }),

  'a connection that is lost, and comes back with what it missed': () =>
    withServer({ connectionStateRecovery: {} }, async ({ io, connect }) => {
      const client = await connect('/', { ...WEBSOCKET, reconnectionDelay: 10, randomizationFactor: 0 });
      const { id } = client;
      // The state to recover begins with the first packet that the client has seen.
      const first = next(client, 'song');
      io.emit('song', 'first');
      await first;

      const back = next(client, 'connect');
      const lost = next(client, 'disconnect');
      const missed = next(client, 'song');
      const gone = next(io.of('/').sockets.get(id), 'disconnect');
      engineOf(io, client).transport.socket.terminate();
      await gone;
      io.emit('song', TEXT);
      assert.equal((await lost)[1].context.code, 1006);
      await back;
      assert.deepEqual([client.recovered, client.id], [true, id]);
      assert.equal((await missed)[0], TEXT);
      await assertEcho(client);
    }),
});

async function assertEcho(client) {
  const long = 'canary'.repeat(20_000);
  const answer = await client
    .timeout(10_000)
    .emitWithAck('echo', TEXT, { nested: [BINARY, { BINARY }] }, long);
  assert.deepEqual(answer, [TEXT, { nested: [BINARY, { BINARY }] }, long]);
}

/** The server's half of a client's connection: the socket of engine.io. */
function engineOf(io, client) {
  return io.of('/').sockets.get(client.id).conn;
}

/** Counts the frames that the adapter made once for all receivers, by `Sender.frame`, and gave to this one. */
function framesSentTo(io, client) {
  const ws = engineOf(io, client).transport.socket;
  const sender = ws._sender;
  const frames = { count: 0 };
  const countAndSend = (...args) => {
    frames.count += 1;
    return sender.sendFrame(...args);
  };
  const counting = new Proxy(sender, {
    get(_target, name) {
      if (name === 'sendFrame') return countAndSend;
      return typeof sender[name] === 'function' ? sender[name].bind(sender) : sender[name];
    },
  });
  Object.defineProperty(ws, '_sender', { value: counting });
  return frames;
}
