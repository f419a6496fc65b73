import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { Input } from '../../src/cli/input.ts';
import { Session, type SessionSettings } from '../../src/cli/session.ts';
import { WebSocket } from '../../src/index.ts';
import { echo, startTestServer } from '../behaviour/engine.ts';
import { fakeTerminal } from './fake-terminal.ts';

const PLAIN: Omit<SessionSettings, 'url'> = {
  subprotocols: [],
  client: { perMessageDeflate: false },
  isBinary: false,
  isInteractive: false,
  json: false,
  messages: Infinity,
  waitMs: 0,
  pingMs: undefined,
  quiet: true,
};

async function open(onConnection: (ws: WebSocket) => void, settings: Partial<SessionSettings> = {}) {
  const { wss, url } = await startTestServer();
  wss.on('connection', onConnection);
  const fake = fakeTerminal();
  const input = new Input(fake.terminal, { isBinary: false, isInteractive: false, onInterrupt: () => {} });
  const controller = new AbortController();
  onTestFinished(() => input.close());
  const session = new Session({ ...PLAIN, url, ...settings }, fake.terminal, input, controller.signal);
  return { ...fake, session, controller };
}

describe('Session', () => {
  it('says whether it was this end that wanted it to end', async () => {
    const { session } = await open((ws) => ws.close(4000));
    expect([await session.ended, session.isOver]).toEqual([3, false]);
    const { session: other, controller } = await open(echo);
    controller.abort();
    expect([await other.ended, other.isOver]).toEqual([0, true]);
  });

  it('does not even begin when all is over', async () => {
    const { wss, url } = await startTestServer();
    const { terminal, stderr } = fakeTerminal();
    const input = new Input(terminal, { isBinary: false, isInteractive: false, onInterrupt: () => {} });
    const session = new Session({ ...PLAIN, url }, terminal, input, AbortSignal.abort());
    expect([await session.ended, session.isOver, stderr.text]).toEqual([0, true, '']);
    expect(wss.clients.size).toBe(0);
  });

  it.each([false, true])('lets no server command the terminal of a person, with json: %j', async (json) => {
    const { wss, url } = await startTestServer();
    wss.on('connection', (ws) => {
      ws.send('["\\u001b\u009b2J"]');
      ws.send('\u001b]0;title\u0007');
      ws.close(4000, '\u001b[2J');
    });
    const fake = fakeTerminal({ isTTY: true });
    const input = new Input(fake.terminal, { isBinary: false, isInteractive: false, onInterrupt: () => {} });
    onTestFinished(() => input.close());
    const settings = { ...PLAIN, url, json, quiet: false };
    const session = new Session(settings, fake.terminal, input, new AbortController().signal);
    expect(await session.ended).toBe(3);
    expect(fake.stdout.text).toContain('␛]0;title␇');
    expect(fake.stderr.text).toContain('closed with 4000: ␛[2J');
    expect(fake.stdout.text + fake.stderr.text).not.toMatch(/[^\P{Cc}\r\n]/u);
  });

  it('holds the server up while nobody reads what it says', async () => {
    let onPaused: () => void;
    const paused = new Promise<void>((resolve) => {
      onPaused = resolve;
    });
    const pause = vi.spyOn(WebSocket.prototype, 'pause').mockImplementation(function (this: WebSocket) {
      pause.mockRestore();
      this.pause();
      onPaused();
    });
    const { session, stdout } = await open((ws) => {
      for (let i = 0; i < 4; i++) ws.send('x'.repeat(2 ** 18));
      ws.close(1000);
    });
    stdout.pause();
    await paused;
    stdout.resume();
    expect(await session.ended).toBe(0);
    expect(stdout.text).toBe(`${'x'.repeat(2 ** 18)}\n`.repeat(4));
  });

  it('leaves also when nobody reads what the server says', async () => {
    const pause = vi.spyOn(WebSocket.prototype, 'pause');
    onTestFinished(() => void vi.restoreAllMocks());
    const { session, stdout, controller } = await open((ws) => {
      for (let i = 0; i < 64; i++) ws.send('x'.repeat(2 ** 18));
    });
    stdout.pause();
    while (pause.mock.calls.length === 0) await new Promise(setImmediate);
    controller.abort();
    expect(await session.ended).toBe(0);
  });
});
