import assert from 'node:assert/strict';
import { once } from 'node:events';
import { ending, receive, receiveOne } from '../scope.mjs';

const CHUNK = Buffer.alloc(1024 * 1024, 'b');
const COUNT = 32;

/** Lets `to` work for a while, as long as it takes to get messages from a peer that doesn't read. */
async function roundTrips(from, to) {
  for (let i = 0; i < 20; i++) {
    const received = receiveOne(to);
    from.send(`${i}`);
    await received;
  }
}

export const backpressure = {
  feature: 'backpressure',
  cases: {
    'bufferedAmount grows while the peer does not read, and falls to 0': async (scope) => {
      const { server, client } = await scope.pair();
      client.pause();
      const received = receive(client, COUNT);
      const written = [];
      for (let i = 0; i < COUNT; i++) {
        written.push(
          new Promise((resolve, reject) =>
            server.send(CHUNK, (error) => (error ? reject(error) : resolve())),
          ),
        );
      }
      await roundTrips(client, server);
      // More than sockets buffer on the loopback; the rest has to wait here.
      assert.ok(server.bufferedAmount > CHUNK.length, `bufferedAmount ${server.bufferedAmount}`);
      client.resume();
      await Promise.all(written);
      assert.equal(server.bufferedAmount, 0);
      for (const { data } of await received) assert.ok(CHUNK.equals(data));
    },
    'bufferedAmount is 0 after small messages': async (scope) => {
      const { client } = await scope.pair();
      await new Promise((resolve) => client.send('small', resolve));
      assert.equal(client.bufferedAmount, 0);
    },
    'bufferedAmount counts what is sent too late': async (scope) => {
      const { client } = await scope.pair();
      const closed = once(client, 'close');
      client.close();
      client.send('12345');
      await closed;
      client.send('678');
      assert.equal(client.bufferedAmount, 8);
    },
    'pause() holds messages back, resume() lets them come': async (scope) => {
      const { server, client } = await scope.pair();
      client.pause();
      assert.equal(client.isPaused, true);
      let came = 0;
      client.on('message', () => came++);
      await new Promise((resolve) => server.send('held', resolve));
      await roundTrips(client, server);
      assert.equal(came, 0);
      const message = once(client, 'message');
      client.resume();
      assert.equal((await message)[0].toString(), 'held');
    },
    'a paused client still gets what came before the end': async (scope) => {
      const { server, client } = await scope.pair();
      client.pause();
      const end = ending(client);
      const received = receive(client, 2);
      server.send('one');
      server.send('two');
      await roundTrips(client, server);
      server.close(1000, 'all sent');
      client.resume();
      assert.deepEqual(
        (await received).map(({ data }) => data.toString()),
        ['one', 'two'],
      );
      assert.deepEqual(await end, { code: 1000, reason: 'all sent', error: undefined });
    },
  },
};
