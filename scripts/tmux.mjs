import { findProgram } from './program.mjs';

const TMUX = { title: 'tmux', names: ['tmux'], package: 'tmux', variable: 'TMUX_PATH' };

/**
 * Finds tmux: `TMUX_PATH`, else on `PATH`; with `install`, by apt-get where that is possible.
 *
 * @returns `{ executablePath }`, or `{ reason }`: one line for the reader who lacks it.
 */
export function findTmux(options) {
  return findProgram(TMUX, options);
}
