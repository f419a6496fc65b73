// The client that Autobahn's fuzzing server tests: echoes every message of every case, and prints each case's number.
// Usage: echo-client.mjs IMPLEMENTATION PORT [SEED]; with a seed, through a chopping proxy.
import { once } from 'node:events';
import { startChoppingProxy } from './chopping-proxy.mjs';
import { load } from './implementation.mjs';

const [, , implementation, suitePort, seed] = process.argv;
const { WebSocket } = await load(implementation);
const port = seed === undefined ? suitePort : await startChoppingProxy(Number(suitePort), Number(seed));
// The suite refuses a Host header that names another port than its own, as the proxy's would.
const options = seed === undefined ? {} : { headers: { Host: `127.0.0.1:${suitePort}` } };

const [count] = await once(open('/getCaseCount'), 'message');
for (let number = 1; number <= Number(count.toString()); number++) {
  console.log(`case ${number}`);
  await runCase(number);
}
await once(open(`/updateReports?agent=${implementation}`), 'close');
process.exit();

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
