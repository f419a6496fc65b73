import assert from 'node:assert/strict';
import { HocuspocusProvider, HocuspocusProviderWebsocket } from '@hocuspocus/provider';
import { Server } from '@hocuspocus/server';
import WebSocket from 'ws';
import * as Y from 'yjs';
import { runScenario } from '../scenario/scenario.mjs';
import { next, within } from '../scenario/waiting.mjs';

const TEXT = 'canary: zażółć 𝄞';

await runScenario({
  'two documents that become one': () =>
    withServer({}, async ({ join }) => {
      const [anna, bruno] = [await join('song'), await join('song')];
      anna.document.getText('line').insert(0, TEXT);
      await agree(anna.document, bruno.document);
      assert.equal(bruno.document.getText('line').toString(), TEXT);
    }),

  'two documents on one connection': () =>
    withServer({}, async ({ server, connect, join }) => {
      const socket = connect();
      const [song, duet] = [await join('song', { socket }), await join('duet', { socket })];
      assert.equal(server.hocuspocus.getConnectionsCount(), 1);
      assert.equal(server.hocuspocus.getDocumentsCount(), 2);
      song.document.getText('line').insert(0, TEXT);
      duet.document.getText('line').insert(0, `${TEXT} ${TEXT}`);
      await agree(song.document, server.hocuspocus.documents.get('song'));
      await agree(duet.document, server.hocuspocus.documents.get('duet'));
      assert.equal(server.hocuspocus.documents.get('duet').getText('line').toString(), `${TEXT} ${TEXT}`);
    }),

  'a token, accepted and refused': () => {
    const onAuthenticate = async ({ token }) => {
      if (token !== 'canary') throw new Error('not for you');
    };
    return withServer({ onAuthenticate }, async ({ join }) => {
      await join('song', { token: 'canary' });
      const [{ reason }] = await within(
        new Promise((resolve) => {
          join('song', { token: 'crow', onAuthenticationFailed: (...args) => resolve(args) });
        }),
        'the refusal',
      );
      assert.equal(reason, 'permission-denied');
    });
  },

  'messages beside the document, in both directions': () =>
    withServer(
      { onStateless: ({ document, payload }) => document.broadcastStateless(`${payload}!`) },
      (tools) => speakBeside(tools),
    ),

  'who is there': () =>
    withServer({}, async ({ join }) => {
      const [anna, bruno] = [await join('stage'), await join('stage')];
      const changed = new Promise((resolve) => {
        bruno.on('awarenessChange', ({ states }) => {
          const state = states.find(({ clientId }) => clientId === anna.document.clientID);
          if (state?.user !== undefined) resolve(state.user);
        });
      });
      anna.setAwarenessField('user', TEXT);
      assert.equal(await within(changed, 'what the others know of anna'), TEXT);
    }),

  'a connection that is lost, and what was written meanwhile': () =>
    withServer({}, async ({ server, connect, join }) => {
      const sockets = [connect(), connect()];
      const [anna, bruno] = [
        await join('break', { socket: sockets[0] }),
        await join('break', { socket: sockets[1] }),
      ];
      const closed = sockets.map((socket) => next(socket, 'close'));
      const back = sockets.map((socket) => next(socket, 'connect'));
      for (const client of server.webSocketServer.clients) client.terminate();
      for (const [{ event }] of await Promise.all(closed)) assert.equal(event.code, 1006);
      anna.document.getText('line').insert(0, TEXT);
      await Promise.all(back);
      await agree(anna.document, bruno.document);
      assert.equal(bruno.document.getText('line').toString(), TEXT);
    }),

  'a code and a reason of the server': () =>
    withServer({}, async ({ server, connect, join }) => {
      const socket = connect();
      await join('end', { socket });
      const [closed, back] = [next(socket, 'close'), next(socket, 'connect')];
      for (const client of server.webSocketServer.clients) client.close(4001, 'gone home');
      const [{ event }] = await closed;
      assert.deepEqual([event.code, event.reason], [4001, 'gone home']);
      // A provider that is destroyed while it tries again goes on trying.
      await back;
    }),
});

async function speakBeside({ join }) {
  const [anna, bruno] = [await join('aside'), await join('aside')];
  const heard = next(bruno, 'stateless');
  anna.sendStateless(TEXT);
  assert.equal((await heard)[0].payload, `${TEXT}!`);
}

async function withServer(options, step) {
  const server = new Server({ port: 0, address: '127.0.0.1', quiet: true, stopOnSignals: false, ...options });
  await within(server.listen(), 'the server to listen');
  const sockets = [];
  const providers = [];
  const connect = () => {
    const socket = new HocuspocusProviderWebsocket({
      url: server.webSocketURL,
      WebSocketPolyfill: WebSocket,
      delay: 10,
      minDelay: 1,
      jitter: false,
    });
    sockets.push(socket);
    return socket;
  };
  await step({
    server,
    connect,
    join: (name, { socket = connect(), ...rest } = {}) => join(providers, name, socket, rest),
  });
  for (const provider of providers) {
    provider.destroy();
    provider.document.destroy();
  }
  for (const socket of sockets) socket.destroy();
  await within(server.destroy(), 'the server to end');
}

async function join(providers, name, websocketProvider, options) {
  const provider = new HocuspocusProvider({
    name,
    websocketProvider,
    document: new Y.Doc(),
    token: 'none',
    ...options,
  });
  providers.push(provider);
  const synced = new Promise((resolve) => provider.on('synced', resolve));
  provider.attach();
  await synced;
  return provider;
}

/** Waits until two documents have the same content. */
async function agree(one, other) {
  const areEqual = () => Buffer.from(Y.encodeStateAsUpdate(one)).equals(Y.encodeStateAsUpdate(other));
  await within(
    new Promise((resolve) => {
      const look = () => areEqual() && resolve();
      for (const doc of [one, other]) doc.on('update', look);
      look();
    }),
    'two documents to agree',
  );
}
