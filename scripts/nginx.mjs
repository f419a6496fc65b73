import { findProgram } from './program.mjs';

const NGINX = { title: 'nginx', names: ['nginx'], package: 'nginx', variable: 'NGINX_PATH' };

/**
 * Finds nginx: `NGINX_PATH`, else on `PATH` and where Debian puts it; with `install`, by apt-get where that is possible.
 *
 * @returns `{ executablePath }`, or `{ reason }`: one line for the reader who lacks it.
 */
export function findNginx(options) {
  return findProgram(NGINX, options);
}
