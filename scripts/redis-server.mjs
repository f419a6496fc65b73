import { findProgram } from './program.mjs';

const REDIS_SERVER = {
  title: 'redis-server',
  names: ['redis-server', 'valkey-server'],
  package: 'redis-server',
  variable: 'REDIS_SERVER_PATH',
};

/**
 * Finds a Redis server: `REDIS_SERVER_PATH`, else on `PATH`; with `install`, by apt-get where that is possible.
 *
 * @returns `{ executablePath }`, or `{ reason }`: one line for the reader who lacks it.
 */
export function findRedisServer(options) {
  return findProgram(REDIS_SERVER, options);
}
