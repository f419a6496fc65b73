import { randomUUID } from 'node:crypto';
import { WebSocketServer } from 'hawser';
import { createRooms } from './rooms-server.mjs';

const port = Number(process.env.PORT || 8080);
const host = process.env.HOST || '127.0.0.1';
const allowedOrigins = (process.env.ALLOWED_ORIGINS ?? '').split(',').filter(Boolean);
const statsToken = process.env.STATS_TOKEN || randomUUID();
const rooms = createRooms({ WebSocketServer, allowedOrigins, statsToken });

for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => rooms.close());

try {
  console.log(`Rooms at http://localhost:${await rooms.listen(port, host)} (Ctrl+C ends it)`);
  if (!process.env.STATS_TOKEN) console.log(`The token for /stats is ${statsToken}`);
} catch (error) {
  console.error(`Can't listen on port ${port}: ${error.message}`);
  process.exitCode = 1;
}
