import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { buildSchema } from 'graphql';
import { createClient } from 'graphql-ws';
import { useServer } from 'graphql-ws/use/ws';
import WebSocket, { WebSocketServer } from 'ws';
import { close, listen } from '../scenario/listening.mjs';
import { runScenario } from '../scenario/scenario.mjs';
import { next, within } from '../scenario/waiting.mjs';

const TEXT = 'canary: zażółć 𝄞';
const PROTOCOL = 'graphql-transport-ws';
const schema = buildSchema(`
  type Query { echo(text: String!): String! }
  type Subscription { countdown(from: Int!, text: String!): String! }
`);
const roots = {
  query: { echo: ({ text }) => text },
  subscription: {
    async *countdown({ from, text }) {
      for (let left = from; left > 0; left -= 1) yield { countdown: `${text} ${left}` };
    },
  },
};

await runScenario({
  'a query and a subscription': () =>
    withServer({}, async ({ connect }) => {
      const client = connect();
      assert.deepEqual(await all(client, 'query ($text: String!) { echo(text: $text) }', { text: TEXT }), [
        { echo: TEXT },
      ]);
      const subscription = 'subscription ($text: String!) { countdown(from: 3, text: $text) }';
      assert.deepEqual(
        await all(client, subscription, { text: TEXT }),
        [3, 2, 1].map((left) => ({ countdown: `${TEXT} ${left}` })),
      );
      await client.dispose();
    }),

  'many subscriptions on one connection': () =>
    withServer({}, async ({ wss, connect }) => {
      const client = connect();
      const answers = await Promise.all(
        Array.from({ length: 50 }, (_, index) =>
          all(client, 'subscription ($text: String!) { countdown(from: 2, text: $text) }', {
            text: `canary ${index}`,
          }),
        ),
      );
      assert.deepEqual(
        answers.map(([first]) => first.countdown),
        Array.from({ length: 50 }, (_, index) => `canary ${index} 2`),
      );
      assert.equal(wss.clients.size, 1);
      await client.dispose();
    }),

  'the same in binary messages': () =>
    withServer({}, async ({ url }) => {
      const ws = await openRaw(url);
      ws.send(Buffer.from(JSON.stringify({ type: 'connection_init' })));
      assert.equal((await nextJson(ws)).type, 'connection_ack');
      const answer = nextJson(ws);
      const payload = { query: `{ echo(text: ${JSON.stringify(TEXT)}) }` };
      ws.send(Buffer.from(JSON.stringify({ id: '1', type: 'subscribe', payload })));
      assert.deepEqual((await answer).payload, { data: { echo: TEXT } });
      await closeRaw(ws);
    }),

  'a server that chooses the subprotocol': () =>
    withServer({}, async ({ url }) => {
      const ws = await openRaw(url, ['graphql-ws', PROTOCOL]);
      assert.equal(ws.protocol, PROTOCOL);
      await closeRaw(ws);
    }),

  'the close codes of the protocol': () =>
    withServer(
      { onConnect: ({ connectionParams }) => connectionParams?.token !== 'crow' },
      async ({ url }) => {
        assert.deepEqual(await closeAfter(url, { type: 'subscribe', id: '1', payload: { query: '{ a }' } }), [
          4401,
          'Unauthorized',
        ]);
        assert.deepEqual(await closeAfter(url, { type: 'connection_init', payload: { token: 'crow' } }), [
          4403,
          'Forbidden',
        ]);
        const [code, reason] = await closeAfter(url, { type: 'nonsense' });
        assert.equal(code, 4400);
        assert.match(reason, /^Invalid message/);
      },
    ),

  'a client that ends, as the server sees it': () =>
    withServer({}, async ({ wss, connect }) => {
      const client = connect();
      const [socket] = await next(wss, 'connection');
      const closed = next(socket, 'close');
      await all(client, '{ echo(text: "canary") }');
      await client.dispose();
      const [code, reason] = await closed;
      assert.deepEqual([code, reason.toString()], [1000, 'Normal Closure']);
    }),

  'a connection that is lost, and retried': () =>
    withServer({}, async ({ wss, connect }) => {
      const client = connect({ retryAttempts: 3, retryWait: async () => {} });
      const [socket] = await next(wss, 'connection');
      await all(client, '{ echo(text: "canary") }');
      const closed = new Promise((resolve) => client.on('closed', resolve));
      const again = next(wss, 'connection');
      socket.terminate();
      assert.equal((await within(closed, "the client's 'closed'")).code, 1006);
      const answers = all(client, 'query ($text: String!) { echo(text: $text) }', { text: TEXT });
      await again;
      assert.deepEqual(await answers, [{ echo: TEXT }]);
      await client.dispose();
    }),

  'a server that goes away': () =>
    withServer({}, async ({ url, handle }) => {
      const ws = await openRaw(url);
      const closed = next(ws, 'close');
      await handle.dispose();
      const [code, reason] = await closed;
      assert.deepEqual([code, reason.toString()], [1001, 'Going away']);
    }),
});

async function withServer(options, step) {
  const server = createServer();
  const wss = new WebSocketServer({ server, path: '/graphql' });
  const handle = useServer({ schema, roots, ...options }, wss);
  const url = `ws://127.0.0.1:${await listen(server)}/graphql`;
  const connect = (clientOptions) =>
    createClient({ url, webSocketImpl: WebSocket, lazy: false, retryAttempts: 0, ...clientOptions });
  await step({ wss, url, handle, connect });
  wss.close();
  await close(server);
}

/** Gives the data of all the answers to an operation. */
async function all(client, query, variables) {
  const answers = [];
  await within(
    (async () => {
      for await (const { data, errors } of client.iterate({ query, variables })) {
        assert.equal(errors, undefined);
        // graphql-js makes objects without a prototype.
        answers.push({ ...data });
      }
    })(),
    `the answers to ${query}`,
  );
  return answers;
}

async function openRaw(url, protocols = PROTOCOL) {
  const ws = new WebSocket(url, protocols);
  await next(ws, 'open');
  return ws;
}

async function closeRaw(ws) {
  ws.close(1000);
  assert.equal((await next(ws, 'close'))[0], 1000);
}

async function nextJson(ws) {
  return JSON.parse((await next(ws, 'message'))[0]);
}

async function closeAfter(url, message) {
  const ws = await openRaw(url);
  ws.send(JSON.stringify(message));
  const [code, reason] = await next(ws, 'close');
  return [code, reason.toString()];
}
