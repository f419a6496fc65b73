import assert from 'node:assert/strict';
import { SocketModeClient } from '@slack/socket-mode';
import { runScenario } from '../scenario/scenario.mjs';
import { next, within } from '../scenario/waiting.mjs';
import { startFakeSlack } from './fake-slack.mjs';

const TEXT = 'canary: zażółć 𝄞';
const TOKEN = 'xapp-canary';

await runScenario({
  'an event, and its acknowledgement': () =>
    withClient({}, async ({ slack, client }) => {
      const connection = await start(client, slack);
      const heard = next(client, 'message');
      connection.sendEvent('1', { type: 'message', text: TEXT });
      const [{ event, ack }] = await heard;
      assert.equal(event.text, TEXT);
      const answer = connection.nextMessage();
      await ack({ text: TEXT });
      assert.deepEqual(await answer, { envelope_id: '1', payload: { text: TEXT } });
    }),

  'an event in a binary message, which the client leaves alone': () =>
    withClient({}, async ({ slack, client }) => {
      const connection = await start(client, slack);
      const texts = [];
      client.on('message', ({ event }) => texts.push(event.text));
      const heard = next(client, 'last');
      connection.sendEvent('1', { type: 'message', text: TEXT }, { binary: true });
      connection.sendEvent('2', { type: 'last' });
      await heard;
      assert.deepEqual(texts, []);
    }),

  'pings in both directions': () =>
    withClient({ clientPingTimeout: 200 }, async ({ slack, client }) => {
      const { ws } = await start(client, slack);
      const pong = next(ws, 'pong');
      ws.ping('canary');
      assert.equal((await pong)[0].toString(), 'canary');
      // The client pings by itself.
      const [payload] = await next(ws, 'ping');
      assert.match(payload.toString(), /^Ping from client/);
    }),

  'a server that asks to come back later': () =>
    withClient({ clientPingTimeout: 50 }, async ({ slack, client }) => {
      const first = await start(client, slack);
      const closed = next(first.ws, 'close');
      const again = next(slack, 'connection');
      const connected = next(client, 'connected');
      first.send({ type: 'disconnect', reason: 'refresh_requested' });
      assert.equal((await closed)[0], 1000);
      const [second] = await again;
      await connected;
      const heard = next(client, 'message');
      second.sendEvent('2', { type: 'message', text: TEXT });
      assert.equal((await heard)[0].event.text, TEXT);
      assert.deepEqual(slack.tokens, [`Bearer ${TOKEN}`, `Bearer ${TOKEN}`]);
    }),

  'a connection that is cut': () =>
    withClient({ clientPingTimeout: 50 }, async ({ slack, client }) => {
      const first = await start(client, slack);
      const again = next(slack, 'connection');
      const connected = next(client, 'connected');
      first.ws.terminate();
      await again;
      await connected;
    }),

  'an end by the client': () =>
    withClient({ autoReconnectEnabled: false }, async ({ slack, client }) => {
      const { ws } = await start(client, slack);
      const closed = next(ws, 'close');
      await within(client.disconnect(), 'the client to disconnect');
      assert.equal((await closed)[0], 1000);
    }),
});

async function withClient(options, step) {
  const slack = await startFakeSlack();
  const client = new SocketModeClient({
    appToken: TOKEN,
    clientOptions: { slackApiUrl: slack.apiUrl },
    logger: silentLogger(),
    ...options,
  });
  await step({ slack, client });
  if (slack.openConnections > 0) await within(client.disconnect(), 'the client to disconnect');
  await slack.close();
}

async function start(client, slack) {
  const connected = next(slack, 'connection');
  await within(client.start(), 'the client to start');
  return (await connected)[0];
}

function silentLogger() {
  const names = ['debug', 'info', 'warn', 'error', 'setLevel', 'setName'];
  return Object.fromEntries([...names.map((name) => [name, () => {}]), ['getLevel', () => 'error']]);
}
