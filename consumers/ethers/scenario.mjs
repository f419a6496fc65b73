import assert from 'node:assert/strict';
import { WebSocketProvider } from 'ethers';
import { WebSocketServer } from 'ws';
import { runScenario } from '../scenario/scenario.mjs';
import { next, within } from '../scenario/waiting.mjs';

const TEXT = 'canary: zażółć 𝄞';
const CHAIN_ID = 31_337;

await runScenario({
  'calls, and their answers': () =>
    withChain(async ({ provider }) => {
      assert.equal((await within(provider.getNetwork(), 'the network')).chainId, BigInt(CHAIN_ID));
      assert.equal(await within(provider.getBlockNumber(), 'the block number'), 7);
      assert.equal(await within(provider.send('echo', [TEXT]), 'the echo'), TEXT);
      const long = 'canary'.repeat(50_000);
      assert.equal(await within(provider.send('echo', [long]), 'the echo'), long);
      const many = Array.from({ length: 100 }, (_, index) => `canary ${index}`);
      const answers = Promise.all(many.map((text) => provider.send('echo', [text])));
      assert.deepEqual(await within(answers, 'a hundred echoes'), many);
      await assert.rejects(within(provider.send('refuse', []), 'the refusal'), /the canary says no/);
    }),

  'a subscription': () =>
    withChain(async ({ provider, peer }) => {
      const heard = [];
      const third = new Promise((resolve) => {
        provider.on('block', (number) => {
          if (heard.push(number) === 3) resolve();
        });
      });
      const { promise, subscribed } = peer.subscription;
      await within(promise, 'the subscription');
      for (const number of [8, 9, 10]) subscribed(number);
      await within(third, 'the third block');
      assert.deepEqual(heard, [8, 9, 10]);
    }),

  'an end by the server': () =>
    withChain(async ({ provider, peer }) => {
      const closed = next(provider.websocket, 'close');
      peer.ws.close(4001, 'gone home');
      const [code, reason] = await closed;
      assert.deepEqual([code, reason.toString()], [4001, 'gone home']);
    }),

  'an end by the provider': () =>
    withChain(async ({ provider, peer }) => {
      const closed = next(peer.ws, 'close');
      await provider.destroy();
      assert.equal((await closed)[0], 1005);
    }),
});

async function withChain(step) {
  const wss = new WebSocketServer({ host: '127.0.0.1', port: 0 });
  await next(wss, 'listening');
  const connected = next(wss, 'connection');
  const provider = new WebSocketProvider(`ws://127.0.0.1:${wss.address().port}`, CHAIN_ID);
  const opened = next(provider.websocket, 'open');
  const [ws] = await connected;
  const peer = { ws, subscription: serve(ws) };
  await opened;
  await step({ provider, peer });
  if (ws.readyState === ws.OPEN) {
    const closed = next(ws, 'close');
    await provider.destroy();
    await closed;
  }
  await within(new Promise((resolve) => wss.close(resolve)), 'the server to close');
}

/** Answers as a node of the chain does; gives what becomes of `eth_subscribe`. */
function serve(ws) {
  const subscription = {};
  subscription.promise = new Promise((resolve) => {
    ws.on('message', (data) => {
      const call = JSON.parse(data);
      for (const { id, method, params } of Array.isArray(call) ? call : [call]) {
        ws.send(JSON.stringify({ jsonrpc: '2.0', id, ...answer(method, params) }));
        if (method === 'eth_subscribe') resolve();
      }
    });
  });
  subscription.subscribed = (number) => {
    const result = { number: `0x${number.toString(16)}` };
    ws.send(
      JSON.stringify({ jsonrpc: '2.0', method: 'eth_subscription', params: { subscription: '0x1', result } }),
    );
  };
  return subscription;
}

function answer(method, params) {
  const results = {
    eth_chainId: `0x${CHAIN_ID.toString(16)}`,
    eth_blockNumber: '0x7',
    eth_subscribe: '0x1',
    eth_unsubscribe: true,
    echo: params?.[0],
  };
  return method in results
    ? { result: results[method] }
    : { error: { code: -32_000, message: 'the canary says no' } };
}
