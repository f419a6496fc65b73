import { once } from 'node:events';
import { SignJWT } from 'jose';
import { expect, onTestFinished } from 'vitest';
import { freePorts } from '../../../examples/chat-cluster/cluster/free-ports.mts';
import { HubClient } from '../../../src/client/index.ts';
import { createHub } from '../../../src/hub/index.ts';
import { WebSocket } from '../../../src/web/index.ts';
import { type Case, nextText, PLATFORM, startPeer } from './program.ts';

/** Draws a component and everything below it, as a server does: its first picture, before there is a connection. */
const drawn = (component: string) => `
import { renderToString } from 'react-dom/server';
console.log(renderToString(<${component} token="secret" />));
`;

/** A client that says what it is sent by `said` events. */
const HUB_OF_CLIENT = `${PLATFORM}
const print = (...words: unknown[]): void => console.log(...words);
const show = print;
const reload = print;
`;

/** The programs of README.md and of the pages about one feature. */
export const FEATURES: Record<string, Case> = {
  'README.md § Ten lines': {
    async check(start) {
      const ws = await (await start()).connect();
      ws.send('text');
      expect(await once(ws, 'message')).toEqual([Buffer.from('text'), false]);
    },
  },

  'README.md § Ten lines (2)': {
    async check(start) {
      const { wss, url } = await startPeer();
      const closed = new Promise((resolve) => {
        wss.on('connection', (ws) => {
          ws.on('message', (data) => ws.send(data));
          ws.on('close', (code, reason) => resolve([code, String(reason)]));
        });
      });
      expect(await (await start({ peer: url })).ended()).toBe('hello\n');
      expect(await closed).toEqual([1000, 'done']);
    },
  },

  'README.md § The WebSocket of browsers: `hawser/web`': {
    async check(start) {
      const { wss, url } = await startPeer();
      const connection = once(wss, 'connection');
      const program = await start({ peer: url });
      const [ws, { url: path }] = await connection;
      expect([path, ws.protocol]).toEqual(['/chat', 'v2.chat']);
      ws.send('news');
      await program.printed('news');
      ws.close();
      await program.ended();
    },
  },

  'README.md § The WebSocket of browsers: `hawser/web` (2)': {
    after: 'console.log(closeCode, reason);',
    async check(start) {
      const { wss, url } = await startPeer();
      wss.on('connection', (ws) => {
        ws.send('one');
        ws.send('two');
        ws.close(4000, 'bye');
      });
      expect(await (await start({ peer: url })).ended()).toBe('one\ntwo\n4000 bye\n');
    },
  },

  'README.md § Rooms, answers, sessions: `hawser/hub`': {
    async check(start) {
      const program = await start();
      const ws = await program.connect('/?name=Ada');
      ws.send('{ "type": "$join", "id": 1, "data": { "room": "lobby" } }');
      expect(JSON.parse(await nextText(ws))).toMatchObject({ id: 1 });
      const texts: string[] = [];
      ws.on('message', (data) => texts.push(String(data)));
      ws.send('{ "type": "say", "id": 2, "data": "hello" }');
      while (texts.length < 2) await once(ws, 'message');
      const messages = texts.map((text) => JSON.parse(text));
      expect(messages.find(({ id }) => id === 2)).toMatchObject({ data: { at: expect.any(Number) } });
      expect(messages.find(({ type }) => type === 'said')).toMatchObject({
        data: { from: 'Ada', text: 'hello' },
      });
    },
  },

  'README.md § A client that comes back: `hawser/client`, `hawser/react`': {
    before: `${PLATFORM}const freshToken = async () => 'secret';`,
    async check(start) {
      const { wss, url } = await startPeer();
      const connection = once(wss, 'connection');
      const program = await start({ peer: url });
      const [ws, { url: path }] = await connection;
      expect([path, await nextText(ws)]).toEqual(['/?token=secret', 'waits until there is a connection']);
      ws.send('{"type":"chat","text":"hello"}');
      await program.printed('hello');
    },
  },

  'README.md § A client that comes back: `hawser/client`, `hawser/react` (2)': {
    after: drawn('Ticker'),
    packages: ['react', 'react-dom'],
    async check(start) {
      expect(await (await start()).ended()).toContain('<button>');
    },
  },

  'docs/back-pressure.md § Sending no faster than the peer reads': {
    async check(start) {
      const ws = await (await start()).connect();
      let count = 0;
      let last = '';
      ws.on('message', (data) => {
        count++;
        last = String(data);
        if (count === 1_000_000) ws.close();
      });
      await once(ws, 'close');
      expect([count, last]).toEqual([1_000_000, 'line 999999']);
    },
  },

  'docs/streams.md § Messages one by one': {
    async check(start) {
      expect(await (await start()).ended()).toBe('open \nhello\n');
    },
  },

  'docs/streams.md § Connections one by one': {
    async check(start) {
      const program = await start();
      const ws = await program.connect();
      ws.send('text');
      expect(await nextText(ws)).toBe('text');
      ws.close(4000);
      expect(await program.printed('closed')).toContain('closed 4000');
    },
  },

  'docs/streams.md § One message as a stream': {
    async check(start) {
      expect(await (await start()).ended()).toBe('stored\n');
    },
  },

  'docs/proxies.md § Proxies': {
    replace: { 'proxy.example:3128': '127.0.0.1:1' },
    async check(start) {
      expect(await (await start()).ended()).toMatch(/^WS_ERR_PROXY_UNREACHABLE The proxy can't be reached: /);
    },
  },

  'docs/client.md § `ReconnectingWebSocket`': {
    before: `${PLATFORM}
const freshToken = async (): Promise<string> => 'secret';
const show = (text: unknown): void => console.log(text);
const askTheUser = (retry: () => void): void => console.log(retry);
`,
    async check(start) {
      const { wss, url } = await startPeer();
      const connection = once(wss, 'connection');
      const program = await start({ peer: url });
      const [ws, { url: path }] = await connection;
      expect([path, await nextText(ws)]).toEqual(['/?token=secret', '{"type":"hello"}']);
      ws.send('{"type":"chat","text":"from the server"}');
      await program.printed('from the server');
      ws.terminate();
      expect(await program.printed('attempt')).toMatch(/attempt 1 in \d+ ms/);
    },
  },

  'docs/client.md § `HubClient`': {
    before: HUB_OF_CLIENT,
    after: 'print(id); setImmediate(() => client.close());',
    async check(start) {
      const [port = 0] = await freePorts(0);
      const hub = createHub({ port, authorizeJoin: () => true });
      const heard: string[] = [];
      const both = new Promise<void>((resolve) => {
        hub.on('say', (data) => {
          const { text } = data as { text: string };
          heard.push(text);
          if (heard.length === 2) resolve();
          void hub.to('lobby').emit('said', { from: 'Ada', text });
          return { id: 'seven' };
        });
      });
      try {
        const program = await start({ peer: `ws://localhost:${port}` });
        expect(await program.printed('seven')).toContain('lobby Ada hello');
        await both;
        expect(heard).toEqual(['hello', 'this arrives']);
      } finally {
        await hub.close();
      }
    },
  },

  'docs/back-pressure.md § A peer that does not read': {
    replace: {
      '8081': '8080',
      '10_000': '20',
      'at: Date.now()': "at: Date.now(), rest: 'x'.repeat(500_000)",
    },
    async check(start) {
      const program = await start();
      const ws = await program.connect();
      ws.pause();
      expect(await program.printed('behind by')).toMatch(/^behind by \d+$/m);
    },
  },

  'docs/back-pressure.md § Messages that come before anybody listens': {
    replace: { '8082': '8080' },
    async check(start) {
      const program = await start();
      const ws = await program.connect('/', { headers: { Authorization: 'Ada' } });
      ws.send('first');
      expect(await program.printed('first')).toBe('Ada first\n');
    },
  },

  'docs/compression.md § Compression': {
    async check(start) {
      expect((await (await start()).connect()).extensions).toBe('permessage-deflate');
    },
  },

  'docs/hub.md § The hub: rooms, typed events, answers, sessions': {
    async check(start) {
      const program = await start();
      const client = new HubClient(`ws://localhost:${program.port}/?name=Ada`, { WebSocket });
      onTestFinished(() => client.close());
      await program.connect();
      const said = new Promise((resolve) => client.on('said', resolve));
      await client.join('lobby');
      expect(await client.request('say', { text: 'hello' })).toEqual({ id: expect.any(String) });
      expect(await said).toEqual({ from: 'Ada', text: 'hello' });
      await expect(client.request('say', { text: '' })).rejects.toMatchObject({ code: 'EMPTY' });
    },
  },

  'docs/hub.md § Who is let in': {
    before: "const key = new TextEncoder().encode('a secret of thirty-two bytes or more');",
    after: "hub.on('who', (_data, socket) => socket.context.user);",
    packages: ['jose'],
    async check(start) {
      const program = await start();
      const key = new TextEncoder().encode('a secret of thirty-two bytes or more');
      const sign = (exp: number) =>
        new SignJWT({})
          .setProtectedHeader({ alg: 'HS256' })
          .setSubject('Ada')
          .setExpirationTime(exp)
          .sign(key);
      const now = Math.floor(Date.now() / 1000);
      expect(await program.attempt('/')).toMatch(/401$/);
      const token = await sign(now + 100);
      const ws = await program.connect('/', { protocols: ['hawser.hub.v1', `bearer.${token}`] });
      expect(ws.protocol).toBe('hawser.hub.v1');
      const other = await program.connect('/', { headers: { Cookie: `session=${await sign(now + 3)}` } });
      other.send('{ "type": "who", "id": 1 }');
      expect(JSON.parse(await nextText(other))).toMatchObject({ id: 1, data: 'Ada' });
      expect((await once(other, 'close'))[0]).toBe(4401);
      expect(await program.attempt('/', { headers: { Cookie: `session=${await sign(now - 100)}` } })).toMatch(
        /401$/,
      );
    },
  },

  'docs/hub.md § Draining': {
    before: "import { createHub } from 'hawser/hub';\nconst hub = createHub({ port: 8080 });",
    async check(start) {
      const program = await start();
      const ws = await program.connect();
      const closed = once(ws, 'close');
      program.kill('SIGTERM');
      expect((await closed)[0]).toBe(1001);
      await program.ended();
    },
  },

  'docs/migrating-from-ws.md § Types': {
    before: "import WebSocket from 'hawser';\nconst url = 'ws://localhost:8080';",
    after: "ws.on('message', () => ws.close()); other.on('message', () => other.close());",
    async check(start) {
      const { wss, url } = await startPeer();
      wss.on('connection', (ws) => ws.send(Buffer.from('binary')));
      await (await start({ peer: url })).ended();
    },
  },

  'docs/react.md § The hooks: `hawser/react`': {
    after: drawn('Chat'),
    packages: ['react', 'react-dom'],
    async check(start) {
      expect(await (await start()).ended()).toBe('<ul aria-busy="true"></ul>\n');
    },
  },

  'docs/reliability.md § Faults of peers': {
    after: `
import WebSocket from 'hawser';
new WebSocket('ws://localhost:8080');
`,
    async check(start) {
      expect(await (await start()).ended()).toMatch(/^ECONNREFUSED .* ws:\/\/localhost:\d+\/$/m);
    },
  },

  'docs/reliability.md § Heartbeat': {
    async check(start) {
      const { wss, url } = await startPeer();
      const connection = once(wss, 'connection');
      const program = await start({ peer: url });
      await connection;
      await program.connect();
    },
  },

  'docs/reliability.md § Shutting down': {
    before: "import { WebSocketServer } from 'hawser';\nconst wss = new WebSocketServer({ port: 8080 });",
    async check(start) {
      const program = await start();
      const ws = await program.connect();
      const closed = once(ws, 'close');
      program.kill('SIGTERM');
      const [code, reason] = await closed;
      expect([code, String(reason)]).toEqual([1001, 'restart']);
      await program.ended();
    },
  },

  'docs/reliability.md § Web pages of others': {
    before: "import { createServer } from 'node:http';\nconst server = createServer();",
    async check(start) {
      const program = await start();
      await program.connect('/', { origin: `http://localhost:${program.port}` });
      expect(await program.attempt('/', { origin: 'https://example.com' })).toMatch(/403$/);
    },
  },

  'docs/scaling.md § One machine': {
    replace: {
      'clusterAdapter() });':
        "clusterAdapter(), authorizeJoin: () => true });\n  hub.on('say', (text) => void hub.to('all').emit('said', text));",
    },
    async check(start) {
      const program = await start();
      await program.connect();
      const clients = await Promise.all(
        Array.from({ length: 8 }, async () => {
          const client = new HubClient(`ws://localhost:${program.port}/`, { WebSocket });
          onTestFinished(() => client.close());
          await client.join('all');
          return client;
        }),
      );
      const heard = clients.map((client) => new Promise((resolve) => client.on('said', resolve)));
      clients[0]!.emit('say', 'to all processes');
      expect(new Set(await Promise.all(heard))).toEqual(new Set(['to all processes']));
      program.kill('SIGTERM');
    },
  },

  'docs/scaling.md § Several machines': {
    packages: ['redis', '@redis/client'],
    replace: { '10.0.0.5:6379': '127.0.0.1:1' },
    after: "hub.events.on('failure', (failure) => console.log(failure));",
    async check(start) {
      // Nobody listens there: the node runs, and tells of it. test/redis has those with a server.
      const program = await start();
      await program.connect();
      await program.printed('ECONNREFUSED');
    },
  },

  'examples/socket.io/README.md § Two ways to change the engine': {
    before: "import { createServer } from 'node:http';\nconst httpServer = createServer();",
    after: "io.on('connection', (socket) => socket.emit('hello')); httpServer.listen(8080);",
    installed: ['socket.io@4'],
    async check(start) {
      const ws = await (await start()).connect('/socket.io/?EIO=4&transport=websocket');
      expect(await nextText(ws)).toMatch(/^0\{"sid":/);
      ws.send('40');
      expect(await nextText(ws)).toMatch(/^40\{"sid":/);
      expect(await nextText(ws)).toBe('42["hello"]');
    },
  },
};
