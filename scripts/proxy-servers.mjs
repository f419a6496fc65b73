import { findProgram } from './program.mjs';

const PROGRAMS = {
  tinyproxy: { title: 'tinyproxy', names: ['tinyproxy'], package: 'tinyproxy', variable: 'TINYPROXY_PATH' },
  squid: { title: 'squid', names: ['squid'], package: 'squid', variable: 'SQUID_PATH' },
  microsocks: {
    title: 'microsocks',
    names: ['microsocks'],
    package: 'microsocks',
    variable: 'MICROSOCKS_PATH',
  },
};

/**
 * Finds a proxy: by its variable (`TINYPROXY_PATH`, `SQUID_PATH`, `MICROSOCKS_PATH`), else on `PATH` and where Debian puts
 * it; with `install`, by apt-get where that is possible.
 *
 * @param name - Of the program.
 * @returns `{ executablePath }`, or `{ reason }`: one line for the reader who lacks it.
 */
export function findProxyServer(name, options) {
  return findProgram(PROGRAMS[name], options);
}
