import { describe, expect, it } from 'vitest';
import { askForTunnel, tunnelRequest } from '../../../src/node/proxy/http-tunnel.ts';
import { readProxy } from '../../../src/node/proxy/proxy-server.ts';
import { socketPair } from '../socket-pair.ts';

describe('tunnelRequest', () => {
  it('has the credentials of the URL', () => {
    const proxy = readProxy({ url: 'http://m%40e:s@proxy', headers: { A: 'b' } }, 'x');
    expect(tunnelRequest(proxy, '::1', '443')).toBe(
      'CONNECT [::1]:443 HTTP/1.1\r\nHost: [::1]:443\r\n' +
        `Proxy-Authorization: Basic ${btoa('m@e:s')}\r\nA: b\r\n\r\n`,
    );
  });

  it('has none where there are none', () => {
    expect(tunnelRequest(readProxy({ url: 'proxy' }, 'x'), 'a', 1)).not.toContain('Authorization');
  });
});

async function ask(answer: string, { byBytes = false, end = false } = {}) {
  const { near, far } = await socketPair();
  near.allowHalfOpen = false;
  const asked = askForTunnel(near, 'CONNECT');
  // Who waits may be told before anybody listens.
  asked.catch(() => {});
  if (byBytes) for (const letter of answer) far.write(letter);
  else far.write(answer);
  if (end) far.end();
  return { near, far, asked };
}

describe('askForTunnel', () => {
  it('leaves what is behind the head in the socket, which is paused', async () => {
    const { near, asked } = await ask('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nrest');
    await asked;
    expect(near.isPaused()).toBe(true);
    expect(String(near.read())).toBe('rest');
    expect(near.listenerCount('data') + near.listenerCount('close')).toBe(0);
  });

  it('takes any 2xx, byte by byte, behind interim responses', async () => {
    const { near, asked } = await ask('HTTP/1.1 100 Go on\r\n\r\nHTTP/1.0 299 Yes\r\n\r\n', {
      byBytes: true,
    });
    await asked;
    expect(near.isPaused()).toBe(true);
  });

  it.each([101, 302, 403, 407, 502])('%i is a refusal', async (statusCode) => {
    const { asked } = await ask(`HTTP/1.1 ${statusCode} No\r\nContent-Length: 4\r\n\r\nnope`);
    await expect(asked).rejects.toMatchObject({ code: 'WS_ERR_PROXY_REFUSED', statusCode });
  });

  it.each(['SSH-2.0-OpenSSH\r\n', `HTTP/1.1 200 OK\r\nA: ${'b'.repeat(100_000)}`])(
    'what is no head within its limits is no answer',
    async (text) => {
      const { asked } = await ask(text);
      await expect(asked).rejects.toMatchObject({
        code: 'WS_ERR_PROXY_RESPONSE',
        cause: { code: expect.stringMatching(/^HPE_/) },
      });
    },
  );

  it('tells when the proxy hangs up', async () => {
    const { asked } = await ask('HTTP/1.1 200', { end: true });
    await expect(asked).rejects.toMatchObject({
      code: 'WS_ERR_PROXY_UNREACHABLE',
      cause: { code: 'ECONNRESET' },
    });
  });
});
