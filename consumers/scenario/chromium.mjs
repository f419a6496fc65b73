import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { resolve } from 'node:path';
import { within } from './waiting.mjs';

const FLAGS = [
  '--headless',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--remote-debugging-port=0',
];

/** Starts Chromium with a new profile, in the group of this process; gives the address of its debugger. */
export async function startChromium() {
  // In the folder of the consumer, and removed before it is used: a run that is killed can't clean up behind itself.
  const profile = resolve('profile');
  rmSync(profile, { recursive: true, force: true });
  const flags = [...FLAGS, `--user-data-dir=${profile}`];
  // Chromium refuses to run its sandbox as root.
  if (process.getuid?.() === 0) flags.push('--no-sandbox');
  const child = spawn(process.env.CHROMIUM_PATH, flags, { stdio: ['ignore', 'ignore', 'pipe'] });
  process.on('exit', () => child.kill('SIGKILL'));
  const closed = new Promise((resolve) => child.once('close', resolve));
  const endpoint = await within(endpointOf(child), 'the address of the debugger');
  return { endpoint, ended: () => within(closed, 'Chromium to end') };
}

function endpointOf({ stderr }) {
  return new Promise((resolve, reject) => {
    let output = '';
    stderr.setEncoding('utf8').on('data', (text) => {
      output += text;
      const [, endpoint] = /^DevTools listening on (ws:\S+)$/m.exec(output) ?? [];
      if (endpoint !== undefined) resolve(endpoint);
    });
    stderr.on('close', () => reject(new Error(`Chromium did not start:\n${output}`)));
  });
}
