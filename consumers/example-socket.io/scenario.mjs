import assert from 'node:assert/strict';
import { WebSocket, WebSocketServer } from 'hawser';
import { Manager } from 'socket.io-client';
import { createRooms } from '../example/rooms-server.mjs';
import { runScenario } from '../scenario/scenario.mjs';
import { next, within } from '../scenario/waiting.mjs';
import { runAsProgram } from './program.mjs';
import { openPages, press, shows } from './two-pages.mjs';
import { withoutUpgrades } from './without-upgrades.mjs';

const TEXT = 'canary: zażółć 𝄞';
const BINARY = Buffer.concat([Buffer.from([0, 255, 128]), Buffer.from('canary')]);
const WEBSOCKET = { transports: ['websocket'] };
const TOKEN = 'a token';

await runScenario({
  'the engine': () =>
    withRooms({}, async ({ io, connect }) => {
      const anna = await connect(WEBSOCKET);
      assert.ok(io.engine.ws instanceof WebSocketServer);
      assert.ok(io.of('/').sockets.get(anna.id).conn.transport.socket instanceof WebSocket);
    }),

  'rooms, acks and attachments': () =>
    withRooms({}, async ({ connect }) => {
      const [anna, bruno, celia] = [
        await connect(WEBSOCKET),
        await connect(WEBSOCKET),
        await connect(WEBSOCKET),
      ];
      assert.deepEqual(await anna.emitWithAck('join', 'choir'), { people: 1 });
      const came = next(anna, 'came');
      assert.deepEqual(await bruno.emitWithAck('join', 'choir'), { people: 2 });
      assert.deepEqual(await came, [{ room: 'choir', id: bruno.id }]);
      await assertTalk(anna, bruno);
      assert.deepEqual(await celia.emitWithAck('say', 'choir', TEXT), { problem: 'Join the room first' });
      const went = next(anna, 'went');
      const { id } = bruno;
      bruno.disconnect();
      assert.deepEqual(await went, [{ room: 'choir', id }]);
    }),

  'what is refused': () =>
    withRooms({}, async ({ connect }) => {
      const anna = await connect(WEBSOCKET);
      for (const room of ['', ' ', 7, 'x'.repeat(25)]) {
        assert.match((await anna.emitWithAck('join', room)).problem, /^A name has/);
      }
      await anna.emitWithAck('join', 'choir');
      for (const args of [
        ['say', 'choir', ''],
        ['say', 'choir', 'x'.repeat(1_001)],
        ['say', anna.id, 'to myself'],
        ['share', 'choir', 'a.txt', 'no bytes'],
        ['share', 'choir', 'a.txt', Buffer.alloc(256 * 1024 + 1)],
      ]) {
        assert.equal(typeof (await anna.emitWithAck(...args)).problem, 'string');
      }
      // Without a wish for an answer, and without sense: nothing happens.
      anna.emit('say');
      assert.deepEqual(await anna.emitWithAck('say', 'choir', TEXT), {});
    }),

  'the namespace with a token': () =>
    withRooms({}, async ({ connect }) => {
      const anna = await connect(WEBSOCKET);
      await connect({ transports: ['polling'] });
      await anna.emitWithAck('join', 'choir');
      const stats = anna.io.socket('/stats', { auth: { token: TOKEN } });
      await next(stats, 'connect');
      assert.deepEqual(await stats.emitWithAck('count'), {
        people: 2,
        rooms: ['choir'],
        transports: { polling: 1, websocket: 1 },
      });
      const stranger = (await connect(WEBSOCKET)).io.socket('/stats', { auth: { token: 'another' } });
      assert.equal((await next(stranger, 'connect_error'))[0].message, 'wrong token');
    }),

  'a client that is refused the upgrade, and stays on long-polling': () =>
    withRooms({}, ({ port, connect }) =>
      withoutUpgrades(port, async ({ port: proxyPort, refused }) => {
        let failed;
        const prepare = (engine) => {
          failed = next(engine, 'upgradeError');
        };
        const [anna, bruno] = [await connect({ port: proxyPort, prepare }), await connect(WEBSOCKET)];
        await within(refused, 'the attempt to upgrade');
        await failed;
        assert.equal(anna.io.engine.transport.name, 'polling');
        for (const client of [anna, bruno]) await client.emitWithAck('join', 'choir');
        await assertTalk(anna, bruno);
        await assertTalk(bruno, anna);
        assert.equal(anna.io.engine.transport.name, 'polling');
        assert.equal(anna.connected, true);
        anna.disconnect();
      }),
    ),

  origins: () =>
    withRooms({ allowedOrigins: ['http://friend.test'] }, async ({ port, connect }) => {
      const poll = (origin) =>
        fetch(`http://127.0.0.1:${port}/socket.io/?EIO=4&transport=polling`, { headers: { origin } });
      const friend = await poll('http://friend.test');
      assert.equal(friend.status, 200);
      assert.equal(friend.headers.get('access-control-allow-origin'), 'http://friend.test');
      await friend.body.cancel();
      assert.equal((await poll('http://stranger.test')).status, 403);

      const extraHeaders = (origin) => ({ ...WEBSOCKET, extraHeaders: { origin } });
      await connect(extraHeaders('http://friend.test'));
      await connect(extraHeaders(`http://127.0.0.1:${port}`));
      await assert.rejects(connect(extraHeaders('http://stranger.test')), /websocket error/);
    }),

  'the program, from its start to SIGTERM': () =>
    runAsProgram({ STATS_TOKEN: TOKEN }, async ({ port, end }) => {
      const manager = new Manager(`http://127.0.0.1:${port}`, { ...WEBSOCKET, reconnection: false });
      const anna = manager.socket('/');
      await next(anna, 'connect');
      assert.deepEqual(await anna.emitWithAck('join', 'choir'), { people: 1 });
      const lost = next(anna, 'disconnect');
      assert.equal(await end(), 0);
      assert.equal((await lost)[0], 'transport close');
    }),

  'the page, in two tabs': () =>
    withRooms({}, ({ io, port }) =>
      openPages(`http://127.0.0.1:${port}/`, async ([anna, bruno]) => {
        for (const page of [anna, bruno]) await shows(page, '#transport', 'websocket');
        for (const { conn } of io.of('/').sockets.values()) {
          assert.ok(conn.transport.socket instanceof WebSocket);
        }
        await press(anna, '#join button');
        await shows(anna, '#log', 'you are in lobby, with 0 more');
        await press(bruno, '#join button');
        await shows(bruno, '#log', 'you are in lobby, with 1 more');
        await anna.bringToFront();
        await anna.type('#say input', TEXT);
        await press(anna, '#say button');
        await shows(bruno, '#log', `: ${TEXT}`);
      }),
    ),
});

async function assertTalk(speaker, listener) {
  const said = next(listener, 'said');
  assert.deepEqual(await speaker.emitWithAck('say', 'choir', TEXT), {});
  assert.deepEqual(await said, [{ room: 'choir', id: speaker.id, text: TEXT }]);
  const shared = next(listener, 'shared');
  assert.deepEqual(await speaker.emitWithAck('share', 'choir', 'a.bin', BINARY), { bytes: BINARY.length });
  const [{ name, bytes }] = await shared;
  assert.equal(name, 'a.bin');
  assert.deepEqual(Buffer.from(bytes), BINARY);
}

async function withRooms(options, step) {
  const rooms = createRooms({ WebSocketServer, statsToken: TOKEN, ...options });
  const port = await rooms.listen(0);
  const managers = [];
  const connect = async ({ port: clientPort = port, prepare, ...clientOptions }) => {
    const manager = new Manager(`http://127.0.0.1:${clientPort}`, { reconnection: false, ...clientOptions });
    managers.push(manager);
    prepare?.(manager.engine);
    const client = manager.socket('/');
    const connected = new Promise((resolve, reject) => {
      client.once('connect', resolve);
      client.once('connect_error', reject);
    });
    await within(connected, 'the connection');
    return client;
  };
  await step({ io: rooms.io, port, connect });
  for (const manager of managers) manager._close();
  await within(rooms.close(), 'the server to close');
}
