import { once } from 'node:events';
import { expect } from 'vitest';
import { freePorts } from '../../../examples/chat-cluster/cluster/free-ports.mts';
import { HubClient } from '../../../src/client/index.ts';
import { createHub } from '../../../src/hub/index.ts';
import { WebSocket } from '../../../src/web/index.ts';
import { type Case, nextText, PLATFORM, startPeer } from './program.ts';

const page = (heading: string) => `docs/guide.md § ${heading}`;

export const GUIDE: Record<string, Case> = {
  [page('1. A message there and back')]: {
    async check(start) {
      const ws = await (await start()).connect();
      ws.send(Buffer.from([1, 2]));
      expect(await once(ws, 'message')).toEqual([Buffer.from([1, 2]), true]);
      ws.send('text');
      expect(await once(ws, 'message')).toEqual([Buffer.from('text'), false]);
    },
  },

  [page('1. A message there and back (2)')]: {
    async check(start) {
      const { wss, url } = await startPeer();
      wss.on('connection', (ws) => ws.on('message', (data, binary) => ws.send(data, { binary })));
      expect(await (await start({ peer: url })).ended()).toBe('false hello\n');
    },
  },

  [page('2. Beside a web server')]: {
    async check(start) {
      const program = await start();
      expect(await nextText(await program.connect('/live?a'))).toBe('you came by /live?a');
      expect(await program.attempt('/other')).toBe('Unexpected server response: 400');
      expect(await (await fetch(`http://localhost:${program.port}/`)).text()).toBe('a page');
    },
  },

  [page('3. Who may come in')]: {
    async check(start) {
      const program = await start();
      const headers = { Cookie: 'theme=dark; session=7f3a' };
      expect(await nextText(await program.connect('/', { headers }))).toBe('hello Ada');
      expect(await program.attempt('/', { headers: { Cookie: 'session=0' } })).toMatch(/401$/);
      expect(await program.attempt('/', { headers, origin: 'https://example.net' })).toMatch(/403$/);
    },
  },

  [page('4. Not to be taken down')]: {
    async check(start) {
      const program = await start();
      const [ws, other, third] = [
        await program.connect(),
        await program.connect(),
        await program.connect('/', { maxPayload: 10 }),
      ];
      third.on('error', () => {});
      const received = nextText(other);
      ws.send('to the others');
      expect(await received).toBe('to the others');
      ws.send('x'.repeat(64 * 1024 + 1));
      expect((await once(ws, 'close'))[0]).toBe(1009);
      expect(await program.printed('\n')).toContain('WS_ERR_UNSUPPORTED_MESSAGE_LENGTH');
    },
  },

  [page('5. To stop quietly')]: {
    async check(start) {
      const program = await start();
      const ws = await program.connect();
      const closed = once(ws, 'close');
      program.kill('SIGTERM');
      const [code, reason] = await closed;
      expect([code, String(reason)]).toEqual([1001, 'restart']);
      expect(await program.ended()).toBe('1 closed, 0 cut off\n');
    },
  },

  [page('6. Clients that come back')]: {
    before: PLATFORM,
    async check(start) {
      const { wss, url } = await startPeer();
      const first = once(wss, 'connection');
      const program = await start({ peer: url });
      const [ws] = await first;
      expect(await nextText(ws)).toBe('sent before there is a connection');
      const second = once(wss, 'connection');
      ws.terminate();
      const [again] = await second;
      again.send('welcome back');
      expect(await program.printed('welcome back')).toBe(
        'connected\ndisconnected 1006\nconnected\nmessage welcome back\n',
      );
    },
  },

  [page('7. Rooms, requests, sessions')]: {
    async check(start) {
      const program = await start();
      expect(await program.attempt('/')).toMatch(/401$/);
      const client = new HubClient(`ws://localhost:${program.port}/?name=Ada`, { WebSocket });
      const said = new Promise((resolve) => client.on('said', resolve));
      await client.join('lobby');
      expect(await client.request('say', { text: 'hello' })).toEqual({ at: expect.any(Number) });
      expect(await said).toEqual({ from: 'Ada', text: 'hello' });
      await expect(client.join('elsewhere')).rejects.toThrow();
      const disconnected = new Promise((resolve) => client.on('disconnected', resolve));
      program.kill('SIGTERM');
      expect(await disconnected).toMatchObject({ code: 1001 });
      client.close();
      await program.ended();
    },
  },

  [page('7. Rooms, requests, sessions (2)')]: {
    before: PLATFORM,
    after: 'client.close();',
    async check(start) {
      const [port = 0] = await freePorts(0);
      const hub = createHub({ port, authorizeJoin: () => true });
      hub.on('say', (data) => {
        const { text } = data as { text: string };
        void hub.to('lobby').emit('said', { from: 'Ada', text });
        return { at: 0 };
      });
      try {
        const program = await start({ peer: `ws://localhost:${port}` });
        expect((await program.ended()).split('\n').sort()).toEqual([
          '',
          'Ada: hello',
          'heard at 1970-01-01T00:00:00.000Z',
        ]);
      } finally {
        await hub.close();
      }
    },
  },
};
