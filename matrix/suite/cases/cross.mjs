// Against a server in another process on another runtime, see ../peer.mjs.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { ending, receive, receiveOne } from '../scope.mjs';
import { settings } from '../settings.mjs';

const url = settings.peer;

export const cross = {
  feature: settings.cross,
  cases: {
    'the peer is the runtime that it should be': async (scope) => {
      const ws = await scope.open(`${url}who`);
      assert.equal((await receiveOne(ws)).toString(), settings.peerVersion);
    },
    'text, binary and empty messages': async (scope) => {
      const ws = await scope.open(url);
      const sent = ['grüße', Buffer.from([0, 1, 2, 255]), '', Buffer.alloc(0)];
      const received = receive(ws, sent.length);
      for (const data of sent) ws.send(data);
      assert.deepEqual(
        (await received).map(({ data, isBinary }) => (isBinary ? data : data.toString())),
        sent,
      );
    },
    'fragments and pings between': async (scope) => {
      const ws = await scope.open(url);
      const received = receiveOne(ws);
      const pong = once(ws, 'pong');
      ws.send('a', { fin: false });
      ws.ping('between');
      ws.send('b', { fin: true });
      assert.equal((await received).toString(), 'ab');
      assert.equal((await pong)[0].toString(), 'between');
    },
    'permessage-deflate': async (scope) => {
      const ws = await scope.open(`${url}deflate`, { perMessageDeflate: { threshold: 0 } });
      assert.equal(ws.extensions, 'permessage-deflate');
      const texts = Array.from({ length: 30 }, (_, i) => `again and again ${i}`);
      const received = receive(ws, texts.length);
      for (const text of texts) ws.send(text);
      assert.deepEqual(
        (await received).map(({ data }) => data.toString()),
        texts,
      );
    },
    '16 MiB': async (scope) => {
      const ws = await scope.open(url);
      const bytes = Buffer.alloc(16 * 1024 * 1024, '16 MiB of this');
      const received = receiveOne(ws);
      ws.send(bytes);
      assert.ok(bytes.equals(await received));
    },
    subprotocol: async (scope) => {
      const ws = await scope.open(url, ['chat.v1']);
      assert.equal(ws.protocol, 'chat.v1');
    },
    'closed by the client': async (scope) => {
      const ws = await scope.open(url);
      const end = ending(ws);
      ws.close(4000, 'from here');
      assert.deepEqual(await end, { code: 4000, reason: 'from here', error: undefined });
    },
    'closed by the server': async (scope) => {
      const ws = await scope.open(`${url}close`);
      assert.deepEqual(await ending(ws), { code: 4001, reason: 'from there', error: undefined });
    },
    'terminated by the server': async (scope) => {
      const ws = await scope.open(`${url}terminate`);
      assert.equal((await ending(ws)).code, 1006);
    },
    'refused by the server': async (scope) => {
      const { error } = await ending(scope.connect(`${url}forbidden`));
      assert.equal(error.message, 'Unexpected server response: 403');
    },
  },
};
