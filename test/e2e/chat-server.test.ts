import { once } from 'node:events';
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import type { Chat } from '../../examples/chat/chat-server.mjs';
import { createChat } from '../../examples/chat/chat-server.mjs';
import type { ClientOptions } from '../../src/api/options.ts';
import { WebSocket, WebSocketServer } from '../../src/index.ts';

interface Message {
  type: string;
  clientId?: string;
  resumeKey?: string;
}

interface Visitor {
  ws: WebSocket;
  id: string;
  say(message: unknown): void;
  next(type: string): Promise<Message>;
}

let chat: Chat;
let port: number;
const visitors: Visitor[] = [];

afterEach(async () => {
  for (const { ws } of visitors.splice(0)) ws.terminate();
  await chat.close();
});

describe('the chat server', () => {
  it('welcomes with an unguessable id', async () => {
    await start();
    const { ws } = connect();

    const welcome = JSON.parse((await once(ws, 'message'))[0].toString());

    expect(welcome).toEqual({
      type: 'welcome',
      clientId: expect.stringMatching(/^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/),
      message: 'Connected to the chat',
      people: [],
    });
  });

  it('carries a chat message to the others and not back', async () => {
    await start();
    const ada = await visit();
    const grace = await visit();

    ada.say({ type: 'chat', text: '  ahoy  ' });
    const heard = await grace.next('chat');
    ada.say({ type: 'ping' });

    expect(heard).toMatchObject({ from: ada.id, text: 'ahoy', timestamp: expect.any(Number) });
    // Had the message come back, it would have come before this.
    expect((await ada.next('any')).type).toBe('joined');
    expect((await ada.next('any')).type).toBe('people');
    expect((await ada.next('any')).type).toBe('pong');
  });

  it.each([
    ['ping', { type: 'ping' }, { type: 'pong', timestamp: expect.any(Number) }],
    ['an unknown type', { type: 'dance' }, { type: 'error', message: 'Unknown message type' }],
    ['an inherited type', { type: 'toString' }, { type: 'error', message: 'Unknown message type' }],
    ['no object', 42, { type: 'error', message: 'Invalid JSON' }],
    ['an empty text', { type: 'chat', text: ' ' }, { refused: 'chat', message: 'A message needs some text' }],
    ['a text too long', { type: 'chat', text: 'x'.repeat(1001), ref: 7 }, { refused: 'chat', ref: 7 }],
    ['no name', { type: 'join' }, { refused: 'join', message: 'Please tell us your name' }],
    ['a name too long', { type: 'join', name: 'x'.repeat(25) }, { refused: 'join' }],
    ['a name that turns the writing around', { type: 'join', name: 'a\u202eb' }, { refused: 'join' }],
    ['an invisible name', { type: 'join', name: '\u200d' }, { refused: 'join' }],
  ])('answers %s', async (_what, message, expected) => {
    await start();
    const ada = await visit();

    ada.say(message);

    expect(await ada.next('any')).toMatchObject(expected);
  });

  it('answers what is no JSON, and binary', async () => {
    await start();
    const ada = await visit();

    ada.ws.send('{"type":');
    expect(await ada.next('any')).toEqual({ type: 'error', message: 'Invalid JSON' });
    ada.ws.send(Buffer.from('{"type":"ping"}'));
    expect(await ada.next('any')).toEqual({ type: 'error', message: 'Invalid JSON' });
  });

  it('tells the others who comes, takes another name, and leaves', async () => {
    await start();
    const ada = await visit();
    const grace = await visit();

    grace.say({ type: 'join', name: ' Grace   Hopper ' });
    expect(await ada.next('system')).toMatchObject({ message: 'Grace Hopper joined the chat' });
    expect(await ada.next('people')).toMatchObject({ people: [{ id: grace.id, name: 'Grace Hopper' }] });
    grace.say({ type: 'join', name: 'Amazing Grace' });
    expect(await ada.next('system')).toMatchObject({ message: 'Grace Hopper is now Amazing Grace' });
    grace.ws.close();
    expect(await ada.next('system')).toMatchObject({ message: 'Amazing Grace left the chat' });
  });

  it('lets somebody take the place of their own lost connection without a word to the others', async () => {
    await start();
    const ada = await visit();
    const lost = await visit();
    lost.say({ type: 'join', name: 'Grace' });
    const { resumeKey } = await lost.next('joined');
    await ada.next('people');
    const closed = once(lost.ws, 'close');

    const grace = await visit();
    grace.say({ type: 'join', name: 'Grace', resumeKey });

    expect(await grace.next('joined')).toMatchObject({ name: 'Grace' });
    expect((await closed)[0]).toBe(1006);
    expect(await ada.next('any')).toEqual({ type: 'people', people: [{ id: grace.id, name: 'Grace' }] });
  });

  it('refuses whoever sends too much at once', async () => {
    await start();
    const ada = await visit();

    for (let ref = 1; ref <= 11; ref += 1) ada.say({ type: 'chat', text: 'spam', ref });

    expect(await ada.next('error')).toMatchObject({ refused: 'chat', ref: 11 });
  });

  it('closes with 1009 when a message is larger than it takes', async () => {
    await start();
    const ada = await visit();

    ada.ws.send('x'.repeat(8 * 1024 + 1));

    expect((await once(ada.ws, 'close'))[0]).toBe(1009);
  });

  it('cuts off whoever does not answer its pings, and keeps whoever does', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    onTestFinished(() => {
      vi.useRealTimers();
    });
    await start({ heartbeatMs: 30_000 });
    const alive = await visit();
    const silent = await visit({ autoPong: false });
    const pinged = Promise.all([once(alive.ws, 'ping'), once(silent.ws, 'ping')]);
    const cutOff = once(silent.ws, 'close');

    vi.advanceTimersByTime(30_000);
    await pinged;
    // The answer to this comes after the server has read the pong that went before it.
    alive.say({ type: 'ping' });
    await alive.next('pong');
    const pingedAgain = once(alive.ws, 'ping');
    vi.advanceTimersByTime(30_000);

    expect((await cutOff)[0]).toBe(1006);
    await pingedAgain;
    expect(alive.ws.readyState).toBe(WebSocket.OPEN);
  });

  it('refuses the pages of other sites', async () => {
    await start();
    for (const origin of ['http://elsewhere.example', 'null', `http://localhost:${port}.elsewhere.example`]) {
      const { ws } = connect({ origin });
      const [error] = await once(ws, 'error');
      expect(error.message).toBe('Unexpected server response: 401');
    }
  });

  it('says goodbye with 1001 when it ends', async () => {
    await start();
    const ada = await visit();
    const closed = once(ada.ws, 'close');

    await chat.close();

    const [code, reason] = await closed;
    expect([code, reason.toString()]).toEqual([1001, 'The server is shutting down']);
  });

  it('serves its page with strict headers, and nothing else', async () => {
    await start();
    const page = await fetch(`http://localhost:${port}/`);
    expect(page.status).toBe(200);
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'; script-src 'self'");
    expect(page.headers.get('x-content-type-options')).toBe('nosniff');
    expect(await page.text()).not.toMatch(/<script(?![^>]* src=)|<style| style=| on\w+=/);

    expect((await fetch(`http://localhost:${port}/../server.mjs`)).status).toBe(404);
    expect((await fetch(`http://localhost:${port}/`, { method: 'POST' })).status).toBe(405);
  });
});

async function start(options: { heartbeatMs?: number } = {}): Promise<void> {
  chat = createChat({ WebSocketServer, log: () => {}, ...options });
  port = await chat.listen(0);
}

async function visit(options?: ClientOptions): Promise<Visitor> {
  const visitor = connect(options);
  visitor.id = String((await visitor.next('welcome')).clientId);
  return visitor;
}

function connect(options: ClientOptions = {}): Visitor {
  const ws = new WebSocket(`ws://localhost:${port}/chat`, options);
  const inbox: Message[] = [];
  ws.on('message', (data) => {
    inbox.push(JSON.parse(data.toString()));
  });
  const visitor = {
    ws,
    id: '',
    say: (message: unknown) => ws.send(JSON.stringify(message)),
    /** Takes the next message of this type, 'any' for whichever, and drops those before it. */
    async next(type: string): Promise<Message> {
      for (;;) {
        const message = inbox.shift();
        if (message === undefined) await once(ws, 'message');
        else if (type === 'any' || message.type === type) return message;
      }
    },
  };
  visitors.push(visitor);
  return visitor;
}
