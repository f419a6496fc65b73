import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { WebSocket } from '../../src/index.ts';
import { closeCode, openClient } from '../behaviour/engine.ts';
import { makeCertificate } from '../e2e/certificate.ts';
import { refusalOf } from '../hub/refusal-of.ts';
import { start } from './fake-terminal.ts';

/** Runs `hawser serve` on a free port, and returns where it listens. */
async function serve(...args: string[]) {
  const server = start(['serve', '--port', '0', ...args]);
  const [, title, url] = await server.stdout.until(/^(.*) on (wss?:\S+)\n/);
  return { ...server, title, url: url! };
}

/** The options for a certificate of the test's. */
function certificateFiles(): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'hawser-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const { cert, key } = makeCertificate();
  const files = { cert: join(folder, 'cert.pem'), key: join(folder, 'key.pem') };
  writeFileSync(files.cert, cert);
  writeFileSync(files.key, key);
  return ['--cert', files.cert, '--key', files.key];
}

function nextMessage(ws: WebSocket): Promise<string> {
  return new Promise((resolve) => ws.once('message', (data) => resolve(String(data))));
}

describe('hawser serve', () => {
  it('sends messages back, and says who comes and goes', async () => {
    const { title, url, stderr, stop, ended } = await serve();
    expect(title).toBe('echo');
    const client = await openClient(`${url}/path`);
    const reply = nextMessage(client);
    client.send('hello');
    expect(await reply).toBe('hello');
    const closed = closeCode(client);
    stop();
    expect(await closed).toBe(1001);
    expect(await ended).toBe(0);
    expect(stderr.text).toMatch(/^\+ 127\.0\.0\.1:(\d+) \/path\n- 127\.0\.0\.1:\1 \/path 1001\n$/);
  });

  it('sends messages to all', async () => {
    const { title, url } = await serve('--broadcast', '--quiet');
    expect(title).toBe('broadcast');
    const clients = [await openClient(url), await openClient(url)];
    const got = clients.map(nextMessage);
    clients[0]!.send('all');
    expect(await Promise.all(got)).toEqual(['all', 'all']);
  });

  it('connects clients with commands', async () => {
    const { title, url } = await serve('--exec', 'read line; echo "got $line"');
    expect(title).toBe('read line; echo "got $line"');
    const client = await openClient(url);
    const reply = nextMessage(client);
    const closed = closeCode(client);
    client.send('it');
    expect([await reply, await closed]).toEqual(['got it', 1000]);
  });

  it('lets no page talk to a command, unless it is named', async () => {
    const page = { headers: { Origin: 'http://localhost:3000' } };
    const { url } = await serve('--exec', 'cat');
    expect((await refusalOf(url, page.headers)).status).toBe(403);
    await openClient(url);
    const named = await serve('--exec', 'cat', '--origin', 'http://localhost:3000');
    await openClient(named.url, page);
    expect((await refusalOf(named.url, { Origin: 'http://localhost:3001' })).status).toBe(403);
    for (const args of [[], ['--exec', 'cat', '--origin', 'any']]) {
      await openClient((await serve(...args)).url, page);
    }
  });

  it('reads no more of a client than that takes back', async () => {
    const pause = vi.spyOn(WebSocket.prototype, 'pause');
    const resume = vi.spyOn(WebSocket.prototype, 'resume');
    onTestFinished(() => void vi.restoreAllMocks());
    const { url } = await serve();
    const client = await openClient(url, { perMessageDeflate: false });
    client.pause();
    pause.mockClear();
    const message = 'x'.repeat(2 ** 20);
    let sent = 0;
    while (pause.mock.calls.length === 0) {
      client.send(message);
      sent++;
      await client.ready();
    }
    let received = 0;
    client.on('message', () => received++);
    client.resume();
    while (received < sent) await once(client, 'message');
    expect(resume.mock.calls.length).toBeGreaterThan(1);
  });

  it('serves wss: and permessage-deflate', async () => {
    const { url } = await serve(...certificateFiles(), '--deflate');
    expect(url).toMatch(/^wss:/);
    const client = await openClient(url, { rejectUnauthorized: false });
    expect(client.extensions).toBe('permessage-deflate');
  });

  it.each<[string, () => string[]]>([
    ['by prior knowledge', () => []],
    ['by ALPN', certificateFiles],
  ])('takes HTTP/2 beside HTTP/1.1: %s', async (_name, args) => {
    const { url, stderr } = await serve('--http2', ...args());
    for (const http2 of [true, false]) {
      const client = await openClient(url, { rejectUnauthorized: false, http2 });
      const reply = nextMessage(client);
      client.send('hello');
      expect(await reply).toBe('hello');
      const closed = closeCode(client);
      client.close(1000);
      await closed;
    }
    await stderr.until(/^(?:\+ .*\n- .*\n){2}$/);
    expect(stderr.text).toMatch(/^\+ (\S+ \/ over HTTP\/2)\n- \1 1000\n\+ (\S+ \/)\n- \2 1000\n$/);
  });

  it('takes no HTTP/2 unless it is told to', async () => {
    const { url } = await serve(...certificateFiles());
    const client = new WebSocket(url, { rejectUnauthorized: false, http2: true });
    const [error] = await once(client, 'error');
    expect(error.code).toBe('WS_ERR_HTTP2_UNSUPPORTED');
  });

  it('says that it cannot listen', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    onTestFinished(() => void taken.close());
    await new Promise((resolve) => taken.once('listening', resolve));
    const { port } = taken.address() as { port: number };
    const { ended, stderr } = start(['serve', '--port', String(port)]);
    expect(await ended).toBe(1);
    expect(stderr.text).toContain('EADDRINUSE');
  });

  it.each([
    [['somewhere'], /options alone/],
    [['--cert', 'x'], /go together/],
    [['--broadcast', '--exec', 'cat'], /do not go together/],
    [['--origin', 'localhost:3000'], /Invalid origin: localhost:3000/],
    [['--port', 'x'], /--port wants a number/],
  ])('refuses %j', async (args, words) => {
    const { ended, stderr } = start(['serve', '--port', '0', ...args]);
    expect(await ended).toBe(2);
    expect(stderr.text).toMatch(words);
  });
});
