import { once } from 'node:events';
import { createServer } from 'node:net';
import { expect } from 'vitest';
import { type Case, nextText } from './program.ts';

const page = (heading: string) => `docs/deploying.md § ${heading}`;

export const DEPLOYING: Record<string, Case> = {
  [page('Kubernetes: ready, draining, gone')]: {
    env: { GRACE_MS: '300' },
    async check(start) {
      const program = await start();
      const ws = await program.connect();
      ws.send('echo');
      expect(await nextText(ws)).toBe('echo');
      const status = async (path: string) =>
        (await fetch(`http://localhost:${program.port}${path}`, { headers: { Connection: 'close' } })).status;
      expect([await status('/ready'), await status('/alive'), await status('/')]).toEqual([200, 200, 404]);
      const closed = once(ws, 'close');
      program.kill('SIGTERM');
      while ((await status('/ready')) === 200);
      // It is out of the list only later: whoever comes meanwhile is served.
      expect(await status('/alive')).toBe(200);
      const late = await program.connect();
      late.send('late');
      expect(await nextText(late)).toBe('late');
      expect((await closed)[0]).toBe(1001);
      await program.ended();
    },
  },

  [page('systemd: a socket that stays')]: {
    env: { LISTEN_FDS: '1' },
    async check(start) {
      // The one who listens is this process, as systemd would be.
      const held = createServer().listen(0);
      await once(held, 'listening');
      const { fd } = (held as unknown as { _handle: { fd: number } })._handle;
      const { port } = held.address() as { port: number };
      const program = await start({ listener: fd });
      held.close();
      const ws = await program.connect('/', {}, port);
      ws.send('echo');
      expect(await nextText(ws)).toBe('echo');
      const closed = once(ws, 'close');
      program.kill('SIGTERM');
      expect((await closed)[0]).toBe(1001);
      await program.ended();
    },
  },
};
