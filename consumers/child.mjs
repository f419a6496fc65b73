import { spawn } from 'node:child_process';

const running = new Set();

/**
 * Runs a command to its end, or to its time limit.
 *
 * @returns {Promise<{ code: number | null, output: string, isLate: boolean }>} `code` is null when a signal ended it.
 */
export function runChild([command, ...args], { cwd, env = process.env, limitMs }) {
  return new Promise((resolve) => {
    // It leads a process group, so that what it started (a browser, say) ends with it.
    const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
    running.add(child);
    let output = '';
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      killGroup(child);
    }, limitMs);
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => {
        output += text;
      });
    }
    child.on('error', (error) => {
      output += `${command}: ${error.message}\n`;
    });
    child.on('close', (code) => {
      clearTimeout(timer);
      running.delete(child);
      killGroup(child);
      resolve({ code, output, isLate });
    });
  });
}

/** Ends every child that still runs. */
export function killChildren() {
  for (const child of running) killGroup(child);
}

function killGroup({ pid }) {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // Nobody is left in the group.
  }
}
