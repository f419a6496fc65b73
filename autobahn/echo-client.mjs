// The client that Autobahn's fuzzing server tests: echoes every message of every case.
// Usage: echo-client.mjs IMPLEMENTATION URL
import { once } from 'node:events';
import { load } from './implementation.mjs';

const [, , implementation, base] = process.argv;
const { WebSocket } = await load(implementation);

const [count] = await once(new WebSocket(`${base}/getCaseCount`), 'message');
for (let number = 1; number <= Number(count.toString()); number++) {
  console.log(`case ${number}`);
  await runCase(number);
}
await once(new WebSocket(`${base}/updateReports?agent=${implementation}`), 'close');

function runCase(number) {
  const ws = new WebSocket(`${base}/runCase?case=${number}&agent=${implementation}`);
  // A case that breaks the protocol on purpose is no news.
  ws.on('error', () => {});
  ws.on('message', (data, isBinary) => ws.send(data, { binary: isBinary }));
  return new Promise((resolve) => ws.on('close', resolve));
}
