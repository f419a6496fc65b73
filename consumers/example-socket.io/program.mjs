import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { next, within } from '../scenario/waiting.mjs';

const SERVER = fileURLToPath(new URL('../example/server.mjs', import.meta.url));

/** Runs a step with the example's program as a child; `end` sends SIGTERM, and gives the exit code. */
export async function runAsProgram(env, step) {
  const child = spawn(process.execPath, [SERVER], {
    env: { ...process.env, ...env, PORT: '0' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = next(child, 'close');
  const end = async () => {
    child.kill('SIGTERM');
    return (await ended)[0];
  };
  await step({ port: await within(portOf(child), 'the port'), end });
}

function portOf({ stdout }) {
  return new Promise((resolve) => {
    stdout.setEncoding('utf8').once('data', (text) => resolve(Number(/localhost:(\d+)/.exec(text)?.[1])));
  });
}
