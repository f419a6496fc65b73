import { once } from 'node:events';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { WebSocket } from '../../src/index.ts';
import { startTestServer } from '../behaviour/engine.ts';
import { startHttpProxy } from '../behaviour/proxies.ts';
import { start } from './fake-terminal.ts';

/** A server, and what each connection is greeted with. */
async function serve(onConnection: (ws: WebSocket, headers: NodeJS.Dict<string | string[]>) => void) {
  const server = await startTestServer({ handleProtocols: ([first]) => first!, perMessageDeflate: true });
  server.wss.on('connection', (ws, { headers }) => onConnection(ws, headers));
  return server.url;
}

const echo = (ws: WebSocket): void =>
  void ws.on('message', (data, isBinary) => ws.send(data as Buffer, { binary: isBinary }));

describe('in a pipe', () => {
  it('lines become messages, and messages lines', async () => {
    const { stdin, stdout, stderr, ended } = start(['connect', await serve(echo), '--messages', '3']);
    stdin.end('one\ntwo\r\n\nfour');
    expect(await ended).toBe(0);
    expect(stdout.text).toBe('one\ntwo\n\n');
    expect(stderr.text).toMatch(/^connected to ws:\/\/127\.0\.0\.1:\d+\/ \(permessage-deflate\)$/m);
  });

  it('ends behind the end of stdin when nothing comes for a while', async () => {
    const { stdin, stdout, ended } = start(['connect', await serve(echo), '--wait', '0.2', '--quiet']);
    stdin.end('last words\n');
    expect(await ended).toBe(0);
    expect(stdout.text).toBe('last words\n');
  });

  it('passes bytes as they are', async () => {
    const { stdin, stdout, stderr, ended } = start([
      'connect',
      await serve(echo),
      '--binary',
      '--messages',
      '1',
      '--quiet',
    ]);
    stdin.write(Buffer.from([0, 1, 2]));
    expect(await ended).toBe(0);
    expect(stdout.text).toBe('\0\u0001\u0002');
    expect(stderr.text).toBe('');
  });

  it('shows bytes where text is expected', async () => {
    const url = await serve((ws) => {
      ws.send(Buffer.alloc(40, 0xab));
      ws.close();
    });
    const { stdout, ended } = start(['connect', url]);
    expect(await ended).toBe(0);
    expect(stdout.text).toBe(`binary, 40 B: ${'ab '.repeat(32)}…\n`);
  });

  it('lays JSON out', async () => {
    const url = await serve((ws) => {
      ws.send('{"a":[1]}');
      ws.send('[no JSON');
      ws.close();
    });
    const { stdout, ended } = start(['connect', url, '--json']);
    expect(await ended).toBe(0);
    expect(stdout.text).toBe('{\n  "a": [\n    1\n  ]\n}\n[no JSON\n');
  });

  it('holds stdin up while the server does not read', async () => {
    const url = await serve((ws) => {
      ws.pause();
      setTimeout(() => ws.resume(), 50);
      ws.on('message', (data) => ws.send(String((data as Buffer).length)));
    });
    const { stdin, stdout, ended } = start(['connect', url, '--no-deflate', '--messages', '64']);
    const line = `${'x'.repeat(2 ** 18)}\n`;
    for (let i = 0; i < 64; i++) {
      if (!stdin.write(line)) await once(stdin, 'drain');
    }
    expect(await ended).toBe(0);
    expect(stdout.text).toBe('262144\n'.repeat(64));
  });
});

describe('options', () => {
  it('reach the request', async () => {
    let sent: NodeJS.Dict<string | string[]> = {};
    const url = await serve((ws, headers) => {
      sent = headers;
      ws.close();
    });
    const options = ['-H', 'X-One: 1', '--header', 'X-Two: a: b', '-s', 'chat', '--origin', 'http://here'];
    const { ended, stderr } = start(['connect', url, ...options, '--auth', 'me:secret', '--no-deflate']);
    expect(await ended).toBe(0);
    expect(sent).toMatchObject({
      'x-one': '1',
      'x-two': 'a: b',
      'sec-websocket-protocol': 'chat',
      origin: 'http://here',
      authorization: `Basic ${btoa('me:secret')}`,
    });
    expect(sent['sec-websocket-extensions']).toBeUndefined();
    expect(stderr.text).toContain('(chat)');
  });

  it('lead through a proxy', async () => {
    const { port, asked } = await startHttpProxy();
    const url = await serve((ws) => ws.close());
    const proxy = `http://me:secret@127.0.0.1:${port}`;
    expect(await start(['connect', url, '--proxy', proxy]).ended).toBe(0);
    expect(asked).toHaveLength(1);
    vi.stubEnv('WS_PROXY', proxy);
    onTestFinished(() => void vi.unstubAllEnvs());
    expect(await start(['connect', url]).ended).toBe(0);
    expect(asked).toHaveLength(2);
    expect(await start(['connect', url, '--proxy', 'none']).ended).toBe(0);
    expect(asked).toHaveLength(2);
  });

  it('limit the time that connecting takes', async () => {
    const { port } = await startHttpProxy({ answer: () => {} });
    const proxy = `127.0.0.1:${port}`;
    const { ended, stderr } = start(['connect', 'a.test', '--proxy', proxy, '--timeout', '0.05']);
    expect(await ended).toBe(1);
    expect(stderr.text).toContain('Opening handshake has timed out');
  });

  it('has pings answered', async () => {
    const { stderr } = start(['connect', await serve(echo), '--ping', '0.02']);
    await stderr.until(/pong after \d+\.\d ms\n.*pong after/s);
  });
});

describe('the end', () => {
  it.each([
    [1000, 'bye', 0, 'closed with 1000: bye'],
    [1001, '', 0, 'closed with 1001'],
    [4000, 'no', 3, 'closed with 4000: no'],
  ])('by the server with %i is told', async (code, reason, exitCode, words) => {
    const { ended, stderr } = start(['connect', await serve((ws) => ws.close(code, reason))]);
    expect(await ended).toBe(exitCode);
    expect(stderr.text).toContain(words);
  });

  it('without a Close frame is a failure', async () => {
    const { ended, stderr } = start(['connect', await serve((ws) => ws.terminate())]);
    expect(await ended).toBe(1);
    expect(stderr.text).toContain('1006');
  });

  it('before the beginning is a failure', async () => {
    const { ended, stderr } = start(['connect', 'ws://127.0.0.1:1/']);
    expect(await ended).toBe(1);
    expect(stderr.text).toMatch(/ECONNREFUSED/);
  });

  it('comes by a signal, with 1000', async () => {
    const codes: number[] = [];
    const url = await serve((ws) => ws.on('close', (code) => codes.push(code)));
    const { ended, stop, stderr } = start(['connect', url]);
    await stderr.until(/connected/);
    stop();
    expect(await ended).toBe(0);
    expect(codes).toEqual([1000]);
  });

  it('is no end with --reconnect', async () => {
    let count = 0;
    const url = await serve((ws) => {
      count++;
      if (count === 1) ws.terminate();
      else ws.send('back');
    });
    const { ended, stdout, stderr } = start(['connect', url, '--reconnect', '--messages', '1']);
    expect(await ended).toBe(0);
    expect(stdout.text).toBe('back\n');
    expect(stderr.text).toMatch(/connecting again in 0\.[0-5] s/);
  });

  it('loses nothing of what is to be said to the next one', async () => {
    const got: string[] = [];
    const url = await serve((ws) => {
      ws.on('message', (data) => {
        got.push(String(data));
        // What came is acknowledged; the connection is lost in between.
        if (got.length === 1) ws.terminate();
        if (got.length === 3) ws.close(1000);
      });
    });
    const { stdin, stderr } = start(['connect', url, '--reconnect', '--wait', '600']);
    stdin.write('one\n');
    await stderr.until(/connecting again/);
    stdin.write('two\nthree\n');
    await stderr.until(/closed with 1000/);
    expect(got).toEqual(['one', 'two', 'three']);
  });

  it('comes with the end of stdin, also when that came between two connections', async () => {
    let count = 0;
    const url = await serve((ws) => {
      if (++count === 1) ws.terminate();
    });
    const { stdin, stderr, ended } = start(['connect', url, '--reconnect', '--wait', '0']);
    await stderr.until(/connecting again/);
    stdin.end();
    expect(await ended).toBe(0);
    expect(count).toBe(2);
  });

  it('comes while --reconnect waits, by a signal', async () => {
    const { ended, stop, stderr } = start(['connect', 'ws://127.0.0.1:1/', '--reconnect']);
    await stderr.until(/connecting again/);
    stop();
    expect(await ended).toBe(0);
  });
});

describe('in a terminal', () => {
  it('keeps the line that is typed when the connection is another', async () => {
    let count = 0;
    const url = await serve((ws) => {
      echo(ws);
      if (++count === 1) ws.once('message', () => ws.terminate());
    });
    const terminal = start(['connect', url, '--reconnect'], { isTTY: true });
    const { stdin, stdout, stderr } = terminal;
    await stdout.until(/> /);
    stdin.write('bye\nhalf');
    await stderr.until(/connecting again.*connected to/s);
    stdin.write(' a line\n');
    await stdout.until(/< half a line\n/);
    stdin.write('\u0004');
    expect(await terminal.ended).toBe(0);
  });

  it('ends by Ctrl+C while it waits to connect again', async () => {
    const terminal = start(['connect', 'ws://127.0.0.1:1/', '--reconnect'], { isTTY: true });
    await terminal.stderr.until(/connecting again/);
    terminal.stop();
    expect(await terminal.ended).toBe(0);
  });

  it.each([
    ['--text-lines', '/ping\n'],
    ['--binary', '/ping\n'],
  ])('%s has no prompt, and no commands', async (option, sent) => {
    const args = ['connect', await serve(echo), option, '--messages', '1', '--quiet'];
    const { stdin, stdout, ended } = start(args, { isTTY: true });
    stdin.write(sent);
    expect(await ended).toBe(0);
    expect(stdout.text).toBe(sent);
  });

  it('messages come above the line that is typed', async () => {
    const { stdin, stdout, ended } = start(['connect', await serve(echo)], { isTTY: true });
    await stdout.until(/> /);
    stdin.write('hello\n');
    await stdout.until(/< hello\n/);
    expect(stdout.text).toContain('\r\u001b[K< hello\n');
    stdin.write('//slash\n');
    await stdout.until(/< \/slash\n/);
    stdin.write('/close 3000 enough\n');
    expect(await ended).toBe(0);
  });

  it('has commands', async () => {
    const { stdin, stderr, stdout, ended } = start(['connect', await serve(echo)], { isTTY: true });
    await stdout.until(/> /);
    stdin.write('/ping\n');
    await stderr.until(/pong after/);
    stdin.write('/help\n');
    await stderr.until(/\/close \[CODE/);
    stdin.write('/close 5\n');
    await stderr.until(/valid error code/);
    stdin.write('\u0003');
    expect(await ended).toBe(0);
  });
});

describe('wrong usage', () => {
  it.each([
    [[], /wants a URL/],
    [['ws://a', 'ws://b'], /wants one URL/],
    [['ws://'], /no URL/],
    [['ftp://a'], /protocol/],
    [['a', '--header', 'nothing'], /--header wants/],
    [['a', '--messages', '0'], /--messages wants a number of 1 or more, not "0"/],
    [['a', '--ca', '/nowhere/at/all'], /--ca: ENOENT/],
    [['a', '--nothing'], /There is no option --nothing$/m],
    [['a', '--mesages', '1'], /There is no option --mesages: did you mean --messages\?/],
    [['a', '--binary', '--text-lines'], /--binary and --text-lines do not go together/],
    [['a', '--proxy', 'ftp://b'], /Invalid proxy in the option "proxy"/],
    [['a', '--timeout', '0'], /--timeout wants a number/],
  ])('%j is told', async (args, words) => {
    const { ended, stderr } = start(['connect', ...args]);
    expect(await ended).toBe(2);
    expect(stderr.text).toMatch(words);
    expect(stderr.text).toContain('hawser connect --help');
  });
});
