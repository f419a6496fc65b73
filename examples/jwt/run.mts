import type { AddressInfo } from 'node:net';
import { Accounts } from './accounts.mts';
import { connect } from './client.mts';
import { createShip } from './server.mts';

const LIFE_SECONDS = 2;
const ROOM = 'deck';
const BELL_MS = 500;
/** How long clients may take to leave when this ends, in milliseconds. */
const DRAIN_DEADLINE_MS = 1_000;

const accounts = new Accounts();
const key = accounts.open({ user: 'Ada', rooms: [ROOM] });
const { server, hub } = createShip(accounts, LIFE_SECONDS);
const port = Number(process.env.PORT || 8080);
server.once('error', ({ message }) => {
  console.error(`Can't listen on port ${port}: ${message}`);
  process.exit(1);
});
await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
const origin = `http://localhost:${(server.address() as AddressInfo).port}`;
console.log(`Tokens for ${LIFE_SECONDS} s at ${origin}/token, by Ada's key: ${key}`);

let stroke = 0;
const bell = setInterval(() => void hub.to(ROOM).emit('bell', { stroke: ++stroke }), BELL_MS);

const client = connect(origin, key);
client.on('connected', ({ resumed }) => console.log(resumed ? 'Back in the same session' : 'Connected'));
client.on('disconnected', ({ code, reason }) => console.log(`Closed with ${code}: ${reason}`));
client.on('attemptFailed', ({ error }) => console.log(`Not connected: ${error}`));
client.on('gap', ({ room }) => console.log(`A gap in ${room}`));
client.on('bell', (data) => console.log(`Stroke ${data.stroke}`));
await client.join(ROOM);

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void end());

async function end(): Promise<void> {
  clearInterval(bell);
  client.close();
  await hub.drain({ deadlineMs: DRAIN_DEADLINE_MS });
  server.close();
  server.closeAllConnections();
}
