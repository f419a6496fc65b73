import { findProgram } from './program.mjs';

const PROGRAMS = {
  prometheus: {
    title: 'Prometheus',
    names: ['prometheus'],
    package: 'prometheus',
    variable: 'PROMETHEUS_PATH',
  },
  promtool: { title: 'promtool', names: ['promtool'], package: 'prometheus', variable: 'PROMTOOL_PATH' },
};

/**
 * Finds Prometheus, or the promtool that comes with it: by its variable (`PROMETHEUS_PATH`, `PROMTOOL_PATH`), else on
 * `PATH`; with `install`, by apt-get where that is possible.
 *
 * @param name - Of the program.
 * @returns `{ executablePath }`, or `{ reason }`: one line for the reader who lacks it.
 */
export function findPrometheus(name, options) {
  return findProgram(PROGRAMS[name], options);
}
