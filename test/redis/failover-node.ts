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

const [name, url, rooms, port] = process.argv.slice(2) as [string, string, string, string];
const tell = (message: FromNode): void => void process.send!(message);

const hub = createHub({
  port: Number(port),
  host: '127.0.0.1',
  path: '/hub',
  trustedProxies: ['127.0.0.1'],
  // On a busy machine Redis answers late, too, and that is not to be taken for a failure.
  adapter: redisAdapter({ url, timeoutMs: 3_000, heartbeatMs: 300 }),
  authorizeJoin: () => true,
  limits: { handshakesPerAddress: { perSecond: 1_000, burst: 10_000 } },
});
hub.events.on('cluster', ({ kind }) => kind !== 'lag' && tell({ kind }));
hub.events.on('failure', (error) => console.error(error));
void Promise.all([once(hub.events, 'listening'), hub.ready]).then(() => {
  tell({ kind: 'listening', port: (hub.address() as AddressInfo).port });
});
// Who comes through a proxy cannot know where it got to.
hub.onConnection((socket) => socket.emit('node', name));

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
