// One node of a cluster, as a process of its own: it says something in each room at a steady rate.
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createHub } from '../../src/hub/index.ts';
import { redisAdapter } from '../../src/redis/index.ts';
import type { Told } from './failover-emitter.ts';

/** What the node tells the test. */
export type FromNode =
  | { readonly kind: 'listening'; readonly port: number }
  | { readonly kind: 'unreachable' }
  | { readonly kind: 'reachable' }
  | { readonly kind: 'loss' }
  /** It says nothing any more; so much it has said in each room. */
  | { readonly kind: 'silent'; readonly said: number };

/** What a message of a room has. */
export interface Said {
  readonly from: string;
  /** 1, 2, 3 and so on, from each node in each room. */
  readonly n: number;
}

const EVERY_MS = 200;

const [name, url, rooms] = process.argv.slice(2) as [string, string, string];
const tell = (message: FromNode): void => void process.send!(message);

const hub = createHub({
  port: 0,
  host: '127.0.0.1',
  adapter: redisAdapter({ url, timeoutMs: 1_000, heartbeatMs: 300 }),
  authorizeJoin: () => true,
  limits: { handshakesPerAddress: { perSecond: 1_000, burst: 10_000 } },
});
hub.events.on('cluster', ({ kind }) => kind !== 'lag' && tell({ kind }));
hub.events.on('failure', (error) => console.error(error));
void Promise.all([once(hub.events, 'listening'), hub.ready]).then(() => {
  const { port } = hub.address() as AddressInfo;
  tell({ kind: 'listening', port });
});

// The client is answered when what it says is in the log.
hub.on('tell', async (data) => {
  const { room, from, n } = data as Told;
  await hub.to(room).emit('said', { from, n } satisfies Said);
});

let said = 0;
const timer = setInterval(() => {
  said++;
  for (const room of rooms.split(',')) {
    void hub.to(room).emit('said', { from: name, n: said } satisfies Said);
  }
}, EVERY_MS);

process.on('message', () => {
  clearInterval(timer);
  tell({ kind: 'silent', said });
});
process.on('disconnect', () => process.exit());
