import { findProgram } from './program.mjs';

const HAPROXY = { title: 'HAProxy', names: ['haproxy'], package: 'haproxy', variable: 'HAPROXY_PATH' };

/**
 * Finds HAProxy: `HAPROXY_PATH`, else on `PATH` and where Debian puts it; with `install`, by apt-get where that is possible.
 *
 * @returns `{ executablePath }`, or `{ reason }`: one line for the reader who lacks it.
 */
export function findHaproxy(options) {
  return findProgram(HAPROXY, options);
}
