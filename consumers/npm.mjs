import { basename } from 'node:path';

/** Gives the command line of npm: of the very npm that runs this script, if one does; on Windows `npm` is no program. */
export function npm(...args) {
  const script = process.env.npm_execpath;
  const isNpm = script !== undefined && basename(script) === 'npm-cli.js';
  return isNpm ? [process.execPath, script, ...args] : ['npm', ...args];
}
