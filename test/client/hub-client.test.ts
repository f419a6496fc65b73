import { afterEach, describe, expect, expectTypeOf, it } from 'vitest';
import { HubError } from '../../src/client/index.ts';
import { HubCloseCode, type HubSocket } from '../../src/hub/index.ts';
import { serveHub } from '../hub/served-hub.ts';
import { connectClient, createClient, next } from './connected-client.ts';
import { Cutter } from './cutter.ts';
import { FakeWebSocket } from './fake-websocket.ts';

type Chat = {
  client: {
    say: (data: { text: string }) => { id: string };
    typing: (data: boolean) => void;
    leave: () => void;
  };
  server: {
    said: (data: { from: string; text: string }) => void;
    confirm: (data: string) => boolean;
  };
};

const allowAll = { authorizeJoin: () => true };

describe('the types', () => {
  it('are inferred from one contract', async () => {
    const { hub, url } = await serveHub<Chat>();
    hub.on('say', ({ text }) => ({ id: text }));
    const client = await connectClient<Chat>(url);
    const reply = await client.request('say', { text: 'a' });
    expectTypeOf(reply).toEqualTypeOf<{ id: string }>();
    expect(reply).toEqual({ id: 'a' });
    client.on('said', (data) => expectTypeOf(data).toEqualTypeOf<{ from: string; text: string }>());
    client.on('confirm', () => true);
    // @ts-expect-error There is no such event.
    client.on('other', () => {});
    // @ts-expect-error The answer is a boolean.
    client.on('confirm', () => 'yes');
    // @ts-expect-error The data is an object.
    expect(() => client.emit('say', 'a')).not.toThrow();
    expectTypeOf(client.emit('typing', true)).toEqualTypeOf<void>();
    expectTypeOf(client.emit('say', { text: '' }, { reliable: true })).toEqualTypeOf<
      Promise<{ id: string }>
    >();
  });
});

describe('a hub client', () => {
  it('is told of events, with their room', async () => {
    const { hub, url } = await serveHub(allowAll);
    const client = await connectClient(url);
    await client.join('a');
    const got: unknown[] = [];
    const all = new Promise<void>((resolve) => {
      client.on('news', (data, context) => {
        got.push([data, context.room]);
        if (got.length === 3) resolve();
      });
    });
    hub.to('a').emit('news', 1);
    hub.emit('news', 2);
    hub.sockets.get(client.id!)!.emit('news', 3);
    await all;
    expect(got).toEqual([
      [1, 'a'],
      [2, '$all'],
      [3, undefined],
    ]);
    expect(client.rooms).toEqual(['a']);
  });

  it.each([true, false])(
    'sends what it was given before there was a connection, in order; reliable: %s',
    async (reliable) => {
      const { hub, url } = await serveHub();
      const got: unknown[] = [];
      const done = new Promise<void>((resolve) => {
        hub.on('n', (data) => {
          if (got.push(data) === 100) resolve();
        });
      });
      const client = createClient(url);
      for (let n = 0; n < 100; n++) {
        if (reliable) void client.emit('n', n, { reliable });
        else client.emit('n', n);
      }
      await done;
      expect(got).toEqual(Array.from({ length: 100 }, (_, n) => n));
    },
  );

  it('refuses what is too much to wait, or drops it and says so', async () => {
    const queue = { maxMessages: 1 };
    const strict = createClient('ws://127.0.0.1:1', { startClosed: true, queue });
    strict.emit('a', 1);
    expect(() => strict.emit('b', 1)).toThrow(expect.objectContaining({ name: 'QuotaExceededError' }));
    const lax = createClient('ws://127.0.0.1:1', {
      startClosed: true,
      queue: { ...queue, overflow: 'drop-oldest' },
    });
    const dropped = next(lax, 'dropped');
    lax.emit('a', 1);
    lax.emit('b', 1);
    expect(await dropped).toEqual({ type: 'a', data: 1 });
    const awaited = lax.request('c', 1);
    lax.emit('d', 1);
    await expect(lax.request('e', 1)).rejects.toMatchObject({ name: 'QuotaExceededError' });
    lax.close();
    await expect(awaited).rejects.toMatchObject({ code: 'CLOSED' });
  });

  it('takes and sends binary data', async () => {
    const { hub, url } = await serveHub();
    hub.on('reverse', (data) => Uint8Array.from(data as Uint8Array).reverse());
    const client = await connectClient(url);
    expect(await client.request('reverse', Uint8Array.of(1, 2, 3))).toEqual(Uint8Array.of(3, 2, 1));
  });

  it('answers the hub, with the first answer of its handlers', async () => {
    const { hub, url } = await serveHub();
    const client = await connectClient(url);
    const socket = hub.sockets.get(client.id!)!;
    client.on('sum', () => undefined);
    client.on('sum', async (data) => (data as number[]).reduce((a, b) => a + b));
    client.on('refuse', () => {
      throw new HubError('BUSY', 'not now', { until: 5 });
    });
    expect(await socket.request('sum', [1, 2])).toBe(3);
    await expect(socket.request('refuse', 1)).rejects.toMatchObject({
      code: 'BUSY',
      message: 'not now',
      details: { until: 5 },
    });
    await expect(socket.request('unknown', 1)).rejects.toMatchObject({ code: 'UNKNOWN_TYPE' });
  });

  it('rejects with what the hub says, with TIMEOUT and with ABORTED', async () => {
    const { hub, url } = await serveHub();
    hub.on('slow', () => new Promise(() => {}));
    const client = await connectClient(url);
    await expect(client.request('missing', 1)).rejects.toMatchObject({ code: 'UNKNOWN_TYPE' });
    await expect(client.request('slow', 1, { timeoutMs: 1 })).rejects.toMatchObject({ code: 'TIMEOUT' });
    const stop = new AbortController();
    const aborted = client.request('slow', 1, { signal: stop.signal });
    stop.abort();
    await expect(aborted).rejects.toMatchObject({ code: 'ABORTED' });
    await expect(client.join('closed')).rejects.toMatchObject({ code: 'FORBIDDEN' });
  });

  it('does not send what was given up before there was a connection', async () => {
    const { hub, url } = await serveHub();
    const got: unknown[] = [];
    hub.on('n', (data) => void got.push(data));
    hub.on('end', () => true);
    const client = createClient(url);
    const stop = new AbortController();
    const given = client.request('n', 1, { signal: stop.signal });
    stop.abort();
    await expect(given).rejects.toMatchObject({ code: 'ABORTED' });
    await client.request('end', undefined);
    expect(got).toEqual([]);
  });

  it('is told of events that were refused', async () => {
    const { url } = await serveHub();
    const client = await connectClient(url);
    const refused = next(client, 'refused');
    client.emit('missing', 1);
    expect(await refused).toMatchObject({ code: 'UNKNOWN_TYPE' });
  });

  it('cannot use the types of the protocol', async () => {
    const { url } = await serveHub();
    const client = await connectClient(url);
    expect(() => client.emit('$hello', 1)).toThrow(TypeError);
    expect(() => client.request('', 1)).toThrow(TypeError);
    expect(() => client.on('$reply', () => {})).toThrow(TypeError);
  });

  it('keeps on when a handler throws, which the platform reports', async () => {
    const { hub, url } = await serveHub();
    const client = await connectClient(url);
    const failure = new Error('of the application');
    const reported = new Promise((resolve) => {
      const listeners = process.listeners('uncaughtException');
      process.removeAllListeners('uncaughtException');
      process.once('uncaughtException', (error) => {
        for (const listener of listeners) process.on('uncaughtException', listener);
        resolve(error);
      });
    });
    client.on('news', () => {
      throw failure;
    });
    const second = new Promise((resolve) => client.on('news', resolve));
    hub.emit('news', 1);
    expect(await second).toBe(1);
    expect(await reported).toBe(failure);
  });

  it('knows the latency', async () => {
    const { url } = await serveHub();
    const client = createClient(url, { heartbeat: false });
    expect(client.latencyMs).toBeUndefined();
    const { latencyMs } = await next(client, 'latency');
    expect(client.latencyMs).toBe(latencyMs);
    expect(latencyMs).toBeGreaterThan(0);
  });

  it('is put into rooms and out of them by the hub', async () => {
    const { hub, url } = await serveHub();
    const client = await connectClient(url);
    const socket = hub.sockets.get(client.id!)!;
    const joined = next(client, 'joined');
    await socket.join('b');
    expect(await joined).toEqual({ room: 'b' });
    expect(client.rooms).toEqual(['b']);
    const left = next(client, 'left');
    await socket.leave('b');
    expect(await left).toEqual({ room: 'b' });
    expect(client.rooms).toEqual([]);
  });

  it('leaves rooms, also those that it is not in', async () => {
    const { url } = await serveHub(allowAll);
    const client = await connectClient(url);
    await client.join('a');
    await client.leave('a');
    await client.leave('a');
    expect(client.rooms).toEqual([]);
  });

  it('is told of presence', async () => {
    const { url } = await serveHub({ ...allowAll, presence: (socket: HubSocket) => socket.id });
    const client = await connectClient(url);
    const presence = next(client, 'presence');
    await client.join('a');
    const itself = { id: client.id, info: client.id };
    expect(await presence).toEqual({ room: 'a', joined: [itself] });
    expect(await client.members('a')).toEqual([itself]);
    await expect(client.members('b')).rejects.toMatchObject({ code: 'NOT_JOINED' });
  });

  it('ends its session when it is closed, and rejects who waits', async () => {
    const { hub, url } = await serveHub();
    hub.on('slow', () => new Promise(() => {}));
    const client = await connectClient(url);
    const gone = new Promise((resolve) => hub.onDisconnect((_, close) => resolve(close.code)));
    const waiting = client.request('slow', 1);
    const reliable = client.emit('slow', 1, { reliable: true });
    client.close();
    expect(client.state).toBe('closing');
    await expect(waiting).rejects.toMatchObject({ code: 'CLOSED' });
    await expect(reliable).rejects.toMatchObject({ code: 'CLOSED' });
    expect(await gone).toBe(1000);
    const id = client.id;
    client.reconnect();
    expect(await next(client, 'connected')).toMatchObject({ resumed: false });
    expect(client.id).not.toBe(id);
  });

  it('rejects who waits when it is closed before it was ever connected', async () => {
    const client = createClient('ws://127.0.0.1:1', { startClosed: true });
    expect(client.state).toBe('idle');
    const waiting = client.request('a', 1);
    client.close();
    await expect(waiting).rejects.toMatchObject({ code: 'CLOSED' });
  });

  it('tells why an attempt failed, and tries again', async () => {
    const { url } = await serveHub();
    const failure = new Error('no token');
    let calls = 0;
    const client = createClient(async () => (++calls === 1 ? Promise.reject(failure) : url));
    expect(await next(client, 'attemptFailed')).toEqual({ error: failure });
    await next(client, 'connected');
  });

  it('offers its own subprotocols besides', async () => {
    const offered: unknown[] = [];
    const { url } = await serveHub({
      authorize: (request) => void offered.push(request.headers['sec-websocket-protocol']),
    });
    await connectClient(url, { protocols: ['token.1'] });
    await connectClient(url, { protocols: async () => ['token.2'] });
    expect(offered).toEqual(['hawser.hub.v1,token.1', 'hawser.hub.v1,token.2']);
  });
});

describe('a hub client, of a hub that the test plays', () => {
  afterEach(() => {
    FakeWebSocket.made = [];
  });

  function connect() {
    const client = createClient('ws://a', { WebSocket: FakeWebSocket });
    const socket = FakeWebSocket.last;
    socket.open();
    const sent = () => socket.sent.map((frame) => JSON.parse(String(frame)));
    const receive = (message: object) => socket.receive(JSON.stringify(message));
    const welcome = { id: 'me', session: 's', resumed: false, offset: '1-0' };
    return {
      client,
      socket,
      sent,
      receive,
      welcome: () => receive({ type: '$reply', id: 1, data: welcome }),
    };
  }

  it('says hello first, and is connected when it is answered', () => {
    const { client, sent, welcome } = connect();
    client.emit('early', 1);
    expect([client.state, client.id, sent()]).toEqual([
      'connecting',
      undefined,
      [{ type: '$hello', data: { rooms: {} }, id: 1 }],
    ]);
    welcome();
    expect([client.state, client.id]).toEqual(['connected', 'me']);
    expect(sent().slice(1)).toEqual([
      { type: 'early', data: 1 },
      { type: '$ping', id: 2 },
    ]);
  });

  it('says which session it had, and how far it got', () => {
    const { client, socket, receive, welcome } = connect();
    welcome();
    receive({ type: 'n', data: 1, room: '$all', mid: 'm', offset: '2-0' });
    socket.end();
    client.reconnect();
    FakeWebSocket.last.open();
    expect(client.state).toBe('reconnecting');
    expect(JSON.parse(String(FakeWebSocket.last.sent[0])).data).toEqual({
      session: 's',
      rooms: { $all: '2-0' },
    });
  });

  it('drops messages that it has, and tells of gaps', () => {
    const { client, receive, welcome } = connect();
    welcome();
    const got: unknown[] = [];
    client.on('n', (data) => got.push(data));
    client.on('gap', ({ room }) => got.push(room));
    const send = (data: number, offset: string) =>
      receive({ type: 'n', data, room: 'a', mid: `m${data}`, offset });
    send(1, '5-0');
    send(1, '5-0');
    receive({ type: '$gap', data: { room: 'a' } });
    send(2, '3-0');
    receive({ type: '$later', data: 'of another version' });
    expect(got).toEqual([1, 'a', 2]);
  });

  it('tells of what is none of the protocol', () => {
    const { client, socket, welcome } = connect();
    welcome();
    const refused: unknown[] = [];
    client.on('refused', ({ code }) => refused.push(code));
    socket.receive('no JSON');
    socket.receive(Uint8Array.of(2).buffer);
    expect(refused).toEqual(['BAD_MESSAGE', 'BAD_MESSAGE']);
  });

  it('closes when its hello is refused', () => {
    const { client, socket, receive } = connect();
    const refused: unknown[] = [];
    client.on('refused', ({ code }) => refused.push(code));
    receive({ type: '$error', id: 1, data: { code: 'BAD_MESSAGE' } });
    expect([refused, client.state, socket.closedWith]).toEqual([['BAD_MESSAGE'], 'closing', [1000]]);
  });

  it('leaves rooms that are not of the session any more', () => {
    const { client, socket, receive, welcome } = connect();
    welcome();
    receive({ type: '$joined', data: { room: 'a', offset: '1-0' } });
    socket.end();
    client.reconnect();
    const left: unknown[] = [];
    client.on('left', ({ room }) => left.push(room));
    FakeWebSocket.last.open();
    const { id } = JSON.parse(String(FakeWebSocket.last.sent[0]));
    const rooms = { $all: { offset: '1-0', gap: false } };
    const data = { id: 'me', session: 's', resumed: true, rooms };
    FakeWebSocket.last.receive(JSON.stringify({ type: '$reply', id, data }));
    expect([left, client.rooms]).toEqual([['a'], []]);
  });

  it('answers on the connection that asked, or not at all', async () => {
    const { client, socket, receive, welcome } = connect();
    welcome();
    let answer!: (value: unknown) => void;
    client.on('ask', () => new Promise((resolve) => (answer = resolve)));
    receive({ type: 'ask', id: 1 });
    await new Promise((resolve) => setImmediate(resolve));
    socket.end();
    answer('late');
    await new Promise((resolve) => setImmediate(resolve));
    client.reconnect();
    FakeWebSocket.last.open();
    expect(FakeWebSocket.last.sent.filter((frame) => String(frame).includes('late'))).toEqual([]);
  });
});

describe('a hub client whose connection is cut', () => {
  it('goes on with its session, and gets what it missed', async () => {
    const { hub, url } = await serveHub(allowAll);
    const cutter = await Cutter.before(url);
    const client = await connectClient(cutter.url);
    await client.join('a');
    const got: unknown[] = [];
    const last = new Promise<void>((resolve) => {
      client.on('n', (data) => {
        got.push(data);
        if (data === 5) resolve();
      });
    });
    hub.to('a').emit('n', 1);
    cutter.refuse(true);
    cutter.cut();
    await next(client, 'disconnected');
    expect(client.state).toBe('reconnecting');
    for (const n of [2, 3, 4]) hub.to('a').emit('n', n);
    cutter.refuse(false);
    const { id } = client;
    expect(await next(client, 'connected')).toEqual({ id, resumed: true });
    hub.to('a').emit('n', 5);
    await last;
    expect(got.slice(-4)).toEqual([2, 3, 4, 5]);
  });

  it('is told of a gap when the history is too short', async () => {
    const { hub, url } = await serveHub({ ...allowAll, history: { count: 1 } });
    const cutter = await Cutter.before(url);
    const client = await connectClient(cutter.url);
    await client.join('a');
    cutter.refuse(true);
    cutter.cut();
    await next(client, 'disconnected');
    for (const n of [1, 2, 3]) hub.to('a').emit('n', n);
    cutter.refuse(false);
    const third = new Promise((resolve) => client.on('n', resolve));
    expect(await next(client, 'gap')).toEqual({ room: 'a' });
    expect(await third).toBe(3);
  });

  it('is told of gaps and joins its rooms again when its session is lost', async () => {
    const { hub, url } = await serveHub({ ...allowAll, history: { ageMs: 0 } });
    const cutter = await Cutter.before(url);
    const client = await connectClient(cutter.url);
    await client.join('a');
    const gaps: string[] = [];
    client.on('gap', ({ room }) => gaps.push(room));
    const joined = next(client, 'joined');
    cutter.cut();
    expect(await next(client, 'connected')).toMatchObject({ resumed: false });
    await joined;
    expect(gaps.sort()).toEqual(['$all', 'a']);
    const got = new Promise((resolve) => client.on('n', resolve));
    hub.to('a').emit('n', 1);
    expect(await got).toBe(1);
  });

  it('leaves a room that it may not join again', async () => {
    let allowed = true;
    const { url } = await serveHub({ authorizeJoin: () => allowed, history: { ageMs: 0 } });
    const cutter = await Cutter.before(url);
    const client = await connectClient(cutter.url);
    await client.join('a');
    allowed = false;
    const left = next(client, 'left');
    cutter.cut();
    expect(await left).toEqual({ room: 'a' });
    expect(client.rooms).toEqual([]);
  });

  it('rejects requests that are out, and keeps those that are not', async () => {
    const { hub, url } = await serveHub();
    hub.on('slow', () => new Promise(() => {}));
    hub.on('fast', (data) => data);
    const cutter = await Cutter.before(url);
    const client = await connectClient(cutter.url);
    const out = client.request('slow', 1);
    cutter.cut();
    await expect(out).rejects.toMatchObject({ code: 'CLOSED' });
    expect(await client.request('fast', 2)).toBe(2);
  });

  it('has reliable events handled once, and gets the answer of the first time', async () => {
    const { hub, url } = await serveHub();
    const cutter = await Cutter.before(url);
    const client = await connectClient(cutter.url);
    let calls = 0;
    hub.on('once', () => {
      calls++;
      if (calls === 1) queueMicrotask(() => setImmediate(() => cutter.cut()));
      return calls;
    });
    expect(await client.emit('once', 1, { reliable: true })).toBe(1);
    expect(calls).toBe(1);
  });

  it('gives up after a close that refuses, and says so', async () => {
    const { hub, url } = await serveHub();
    const client = await connectClient(url);
    const waiting = client.request('n', 1);
    waiting.catch(() => {});
    hub.sockets.get(client.id!)!.close(HubCloseCode.FORBIDDEN);
    expect(await next(client, 'disconnected')).toMatchObject({ code: 4403, willReconnect: false });
    expect(client.state).toBe('closed');
  });
});
