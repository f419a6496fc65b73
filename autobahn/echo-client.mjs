// The client that Autobahn's fuzzing server tests: echoes every message of every case, and prints each case's number.
// Usage: echo-client.mjs IMPLEMENTATION PORT [SEED | h2]; with a seed, through a chopping proxy; with h2, over HTTP/2.
import { once } from 'node:events';
import { startBackBridge } from '../test/behaviour/http2-bridge.mjs';
import { startChoppingProxy } from './chopping-proxy.mjs';
import { load } from './implementation.mjs';

const [, , implementation, suitePort, via] = process.argv;
const { WebSocket } = await load(implementation);
const { port, options } = await way();

const [count] = await once(open('/getCaseCount'), 'message');
for (let number = 1; number <= Number(count.toString()); number++) {
  console.log(`case ${number}`);
  await runCase(number);
}
await once(open(`/updateReports?agent=${implementation}`), 'close');
process.exit();

async function way() {
  if (via === undefined) return { port: suitePort, options: {} };
  if (via === 'h2') {
    const { port } = await startBackBridge(Number(suitePort));
    return { port, options: { http2: true } };
  }
  // The suite refuses a Host header that names another port than its own, as the proxy's would.
  const options = { headers: { Host: `127.0.0.1:${suitePort}` } };
  return { port: await startChoppingProxy(Number(suitePort), Number(via)), options };
}

function open(path) {
  return new WebSocket(`ws://127.0.0.1:${port}${path}`, options);
}

function runCase(number) {
  const ws = open(`/runCase?case=${number}&agent=${implementation}`);
  // A case that breaks the protocol on purpose is no news.
  ws.on('error', () => {});
  ws.on('message', (data, isBinary) => ws.send(data, { binary: isBinary }));
  return new Promise((resolve) => ws.on('close', resolve));
}
