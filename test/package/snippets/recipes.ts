import { once } from 'node:events';
import { statSync } from 'node:fs';
import { expect } from 'vitest';
import { makeCertificate } from '../../e2e/certificate.ts';
import { type Case, nextText, startPeer } from './program.ts';

const page = (heading: string) => `docs/recipes.md § ${heading}`;

export const RECIPES: Record<string, Case> = {
  [page('Several endpoints on one server')]: {
    async check(start) {
      const program = await start();
      expect(await nextText(await program.connect('/chat'))).toBe('chat');
      const prices = await program.connect('/prices');
      expect([await nextText(prices), prices.extensions]).toEqual(['prices', 'permessage-deflate']);
      expect(await program.attempt('/other')).toBe('Unexpected server response: 404');
    },
  },

  [page('Who it is, found out before there is a connection')]: {
    async check(start) {
      const program = await start();
      const headers = { Authorization: 'Bearer secret' };
      expect(await nextText(await program.connect('/', { headers }))).toBe('hello Ada');
      expect(await program.attempt('/')).toBe('Unexpected server response: 401');
    },
  },

  [page('Everybody but the sender')]: {
    async check(start) {
      const program = await start();
      const [one, two] = [await program.connect(), await program.connect()];
      const heard: string[] = [];
      one.on('message', (data) => heard.push(String(data)));
      const received = nextText(two);
      one.send('from one');
      expect(await received).toBe('from one');
      const back = once(one, 'message');
      two.send('from two');
      await back;
      expect(heard).toEqual(['from two']);
    },
  },

  [page('JSON, and what is none')]: {
    async check(start) {
      const program = await start();
      const ws = await program.connect();
      ws.send('{"type":"add","a":1,"b":2}');
      expect(JSON.parse(await nextText(ws))).toEqual({ type: 'sum', value: 3 });
      const faults: [string | Buffer, number][] = [
        [Buffer.from('x'), 1003],
        ['{', 1007],
        ['7', 1007],
        ['{"type":"toString"}', 1008],
        ['x'.repeat(16 * 1024 + 1), 1009],
      ];
      for (const [message, code] of faults) {
        const peer = await program.connect();
        peer.send(message);
        expect((await once(peer, 'close'))[0]).toBe(code);
      }
    },
  },

  [page('A request that waits for its answer')]: {
    async check(start) {
      const { wss, url } = await startPeer();
      wss.on('connection', (ws) => {
        ws.on('message', (data) => {
          const { id, method, params } = JSON.parse(String(data));
          if (method === 'double') ws.send(JSON.stringify({ id, result: params * 2 }));
        });
      });
      const program = await start({ peer: url });
      expect(await program.ended()).toBe('42\nnothing: no answer in 50 ms\n');
    },
  },

  [page('So many messages a second, and no more')]: {
    async check(start) {
      const program = await start();
      const slow = await program.connect();
      slow.send('one');
      expect(await nextText(slow)).toBe('one');
      const fast = await program.connect();
      for (let i = 0; i < 1_000; i++) fast.send('x');
      const [code, reason] = await once(fast, 'close');
      expect([code, String(reason)]).toEqual([1008, 'too fast']);
    },
  },

  [page('A file, or any stream')]: {
    async check(start) {
      const program = await start();
      const ws = await program.connect();
      let length = 0;
      ws.on('message', (data: Buffer) => {
        length += data.length;
      });
      await once(ws, 'close');
      expect(length).toBe(statSync(process.execPath).size);
    },
  },

  [page('TLS, with an authority of your own')]: {
    files: () => {
      const { key, cert } = makeCertificate();
      return { 'key.pem': String(key), 'cert.pem': String(cert) };
    },
    async check(start) {
      expect(await (await start()).ended()).toBe('safe\n');
    },
  },

  [page('On one machine, without a port')]: {
    async check(start) {
      expect(await (await start()).ended()).toBe('by a file\n');
    },
  },

  [page('Versions, by subprotocol')]: {
    async check(start) {
      const program = await start();
      await program.connect('/?wait');
      const answers = [['chat.v1'], ['other', 'chat.v1', 'chat.v2']].map(async (protocols) => {
        return nextText(await program.connect('/', { protocols }));
      });
      expect(await Promise.all(answers)).toEqual(['this is chat.v1', 'this is chat.v2']);
      const none = await program.connect();
      expect((await once(none, 'close'))[0]).toBe(1002);
      expect(await program.attempt('/', { protocols: ['chat.v3'] })).toBe('Server sent no subprotocol');
    },
  },

  [page('Numbers, as bytes')]: {
    async check(start) {
      const ws = await (await start()).connect();
      const number = Buffer.alloc(8);
      number.writeDoubleBE(1.5);
      ws.send(number);
      const [data] = await once(ws, 'message');
      expect((data as Buffer).readDoubleBE()).toBe(3);
      ws.send('text');
      expect((await once(ws, 'close'))[0]).toBe(1003);
    },
  },

  [page('A test of your own server')]: {
    async check(start) {
      expect(await (await start()).ended()).toMatch(/^# pass 1$/m);
    },
  },
};
