import type { Duplex } from 'node:stream';
import { Heartbeat, type HeartbeatClock } from './heartbeat.ts';
import { heartbeatTimes } from './heartbeat-times.ts';
import type { HeartbeatOptions } from './options.ts';
import type { WebSocket } from './websocket.ts';

const SYSTEM_CLOCK: HeartbeatClock = {
  now: () => performance.now(),
  every(intervalMs, tick) {
    const timer = setInterval(tick, intervalMs).unref();
    return () => clearInterval(timer);
  },
  random: Math.random,
};

/** Those that have connections, by their times: all connections of the process with the same times share a timer. */
const running = new Map<string, Heartbeat>();

/**
 * Gives an open connection the heartbeat that its option asks for.
 *
 * @throws {RangeError} As {@link heartbeatTimes}.
 */
export function startHeartbeat(
  ws: WebSocket,
  socket: Duplex,
  option: boolean | HeartbeatOptions | undefined,
): void {
  const times = heartbeatTimes(option);
  if (times === undefined) return;
  const key = `${times.intervalMs}/${times.timeoutMs}`;
  let heartbeat = running.get(key);
  if (heartbeat === undefined) {
    heartbeat = new Heartbeat(times, SYSTEM_CLOCK, () => running.delete(key));
    running.set(key, heartbeat);
  }
  heartbeat.add(ws, socket);
}
