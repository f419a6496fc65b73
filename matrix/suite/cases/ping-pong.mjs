import assert from 'node:assert/strict';
import { once } from 'node:events';
import { frame, upgradeRaw } from '../raw-peer.mjs';
import { receiveOne } from '../scope.mjs';

export const pingPong = {
  feature: 'ping and pong',
  cases: {
    'a ping is answered, in both directions': async (scope) => {
      const { server, client } = await scope.pair();
      for (const [from, to] of [
        [client, server],
        [server, client],
      ]) {
        const pinged = once(to, 'ping');
        const ponged = once(from, 'pong');
        from.ping('are you there?');
        assert.equal((await pinged)[0].toString(), 'are you there?');
        assert.equal((await ponged)[0].toString(), 'are you there?');
      }
    },
    'without a payload, and with 125 bytes': async (scope) => {
      const { client } = await scope.pair();
      for (const payload of [undefined, Buffer.alloc(125, 'p')]) {
        const ponged = once(client, 'pong');
        client.ping(payload);
        assert.equal((await ponged)[0].length, payload?.length ?? 0);
      }
      assert.throws(() => client.ping(Buffer.alloc(126)), RangeError);
    },
    'autoPong: false leaves the answer to the application': async (scope) => {
      const { server, client } = await scope.pair({ autoPong: false });
      let ponged = 0;
      client.on('pong', () => ponged++);
      const pinged = once(server, 'ping');
      client.ping('by hand');
      await pinged;
      server.send('after the ping');
      await receiveOne(client);
      assert.equal(ponged, 0);
      const answer = once(client, 'pong');
      server.pong('here');
      assert.equal((await answer)[0].toString(), 'here');
    },
    'a pong that nobody asked for': async (scope) => {
      const { wss, port } = await scope.serve();
      const ponged = once(wss, 'connection').then(([ws]) => once(ws, 'pong'));
      const peer = await upgradeRaw(scope, port);
      peer.socket.write(frame({ opcode: 10, payload: 'unasked' }));
      assert.equal((await ponged)[0].toString(), 'unasked');
    },
    'a thousand pings': async (scope) => {
      const { client } = await scope.pair();
      const answers = [];
      const all = new Promise((resolve) => {
        client.on('pong', (data) => {
          answers.push(data.toString());
          if (answers.length === 1000) resolve();
        });
      });
      for (let i = 0; i < 1000; i++) {
        // In groups: a server may leave out pongs that it can't write in time.
        client.ping(`${i}`);
        if (i % 20 === 19) await new Promise((resolve) => client.once('pong', resolve));
      }
      await all;
      assert.ok(answers.every((text, i) => text === `${i}`));
    },
  },
};
