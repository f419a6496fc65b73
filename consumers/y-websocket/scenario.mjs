import assert from 'node:assert/strict';
import { docs, setupWSConnection } from '@y/websocket-server/utils';
import WebSocket, { WebSocketServer } from 'ws';
import { WebsocketProvider } from 'y-websocket';
import * as Y from 'yjs';
import { runScenario } from '../scenario/scenario.mjs';
import { next, within } from '../scenario/waiting.mjs';

const TEXT = 'canary: zażółć 𝄞';

await runScenario({
  'two documents that become one': () =>
    withServer(async ({ join }) => {
      const [anna, bruno] = [await join('song'), await join('song')];
      anna.doc.getText('line').insert(0, TEXT);
      anna.doc.getArray('binary').push([new Uint8Array([0, 255, 128])]);
      await agree(anna, bruno);
      assert.equal(bruno.doc.getText('line').toString(), TEXT);
      assert.deepEqual(bruno.doc.getArray('binary').toArray(), [new Uint8Array([0, 255, 128])]);
    }),

  'many changes by both at once': () =>
    withServer(async ({ join }) => {
      const [anna, bruno] = [await join('duet'), await join('duet')];
      for (let index = 0; index < 200; index += 1) {
        anna.doc.getText('line').insert(index, 'a');
        bruno.doc.getText('line').insert(index, 'b');
      }
      await agree(anna, bruno);
      const text = bruno.doc.getText('line').toString();
      assert.equal(text.replaceAll('a', '').length, 200);
      assert.equal(text.replaceAll('b', '').length, 200);
    }),

  'a document that is large, for somebody who comes late': () =>
    withServer(async ({ join }) => {
      const anna = await join('opera');
      anna.doc.getText('line').insert(0, 'canary '.repeat(100_000));
      await agree(anna, { doc: docs.get('opera') });
      const late = await join('opera');
      assert.equal(late.doc.getText('line').length, 700_000);
    }),

  'who is there': () =>
    withServer(async ({ join }) => {
      const [anna, bruno] = [await join('stage'), await join('stage')];
      const changed = within(
        new Promise((resolve) => {
          bruno.awareness.on('change', () => {
            const state = bruno.awareness.getStates().get(anna.doc.clientID);
            if (state?.name !== undefined) resolve(state);
          });
        }),
        'what the others know of anna',
      );
      anna.awareness.setLocalState({ name: TEXT });
      assert.deepEqual(await changed, { name: TEXT });
    }),

  'an end by the server, and what was written meanwhile': () =>
    withServer(async ({ wss, join }) => {
      const [anna, bruno] = [await join('break'), await join('break')];
      const connections = new Promise((resolve) => {
        let count = 0;
        wss.on('connection', () => {
          count += 1;
          if (count === 2) resolve();
        });
      });
      const ends = [anna, bruno].map((provider) => next(provider, 'connection-close'));
      for (const ws of wss.clients) ws.close(4001, 'gone home');
      for (const [{ code, reason }] of await Promise.all(ends)) {
        assert.deepEqual([code, reason], [4001, 'gone home']);
      }
      anna.doc.getText('line').insert(0, TEXT);
      await within(connections, 'both to come back');
      await agree(anna, bruno);
      assert.equal(bruno.doc.getText('line').toString(), TEXT);
    }),

  'an end by the provider': () =>
    withServer(async ({ wss, join }) => {
      const anna = await join('end');
      const [ws] = wss.clients;
      const closed = next(ws, 'close');
      anna.disconnect();
      assert.equal((await closed)[0], 1005);
    }),
});

async function withServer(step) {
  const wss = new WebSocketServer({ host: '127.0.0.1', port: 0 });
  wss.on('connection', (ws, request) => setupWSConnection(ws, request));
  await next(wss, 'listening');
  const providers = [];
  await step({ wss, join: (room) => join(`ws://127.0.0.1:${wss.address().port}`, room, providers) });
  for (const provider of providers) provider.destroy();
  for (const provider of providers) provider.doc.destroy();
  await within(new Promise((resolve) => wss.close(resolve)), 'the server to close');
  for (const doc of docs.values()) doc.destroy();
  docs.clear();
}

async function join(url, room, providers) {
  const provider = new WebsocketProvider(url, room, new Y.Doc(), {
    WebSocketPolyfill: WebSocket,
    disableBc: true,
    maxBackoffTime: 10,
  });
  providers.push(provider);
  if (!provider.synced) await next(provider, 'sync');
  return provider;
}

/** Waits until two documents have the same content. */
async function agree({ doc: one }, { doc: other }) {
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
