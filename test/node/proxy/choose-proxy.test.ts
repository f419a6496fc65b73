import { describe, expect, it } from 'vitest';
import { chooseProxy, type ProxyOption } from '../../../src/node/proxy/choose-proxy.ts';

const secure = { secure: true, host: 'a.com', port: 443, socketPath: undefined };
const plain = { ...secure, secure: false, port: '80' };

const hostFor = (destination: typeof secure | typeof plain, env: NodeJS.ProcessEnv): string | undefined =>
  chooseProxy('env', destination, env)?.host;

describe('an option', () => {
  it.each([undefined, null, false] as const)('%s is no proxy, whatever the environment says', (option) => {
    expect(chooseProxy(option, secure, { ALL_PROXY: 'http://env' })).toBeUndefined();
  });

  it.each(['http://one', new URL('http://one'), { url: 'one' }, { url: new URL('http://one') }])(
    '%o is one, whatever the environment says',
    (option) => {
      expect(chooseProxy(option, secure, { NO_PROXY: '*' })?.host).toBe('one');
    },
  );

  it.each(['', 'ftp://one', true, 7, {}, { url: 7 }, []])('%o is refused', (option) => {
    expect(() => chooseProxy(option as ProxyOption, secure, {})).toThrow(
      expect.objectContaining({
        code: 'WS_ERR_INVALID_PROXY',
        message: expect.stringMatching(/^Invalid proxy in the option "proxy": /),
      }),
    );
  });

  it('does not lead to a Unix socket', () => {
    const unix = { ...plain, socketPath: '/run/a.sock' };
    expect(chooseProxy('http://one', unix, {})).toBeUndefined();
    expect(chooseProxy('env', unix, { ALL_PROXY: 'one' })).toBeUndefined();
  });
});

describe("'env'", () => {
  it.each([
    ['wss_proxy', 1, undefined],
    ['WSS_PROXY', 1, undefined],
    ['https_proxy', 1, undefined],
    ['HTTPS_PROXY', 1, undefined],
    ['ws_proxy', undefined, 1],
    ['WS_PROXY', undefined, 1],
    ['http_proxy', undefined, 1],
    ['HTTP_PROXY', undefined, 1],
    ['all_proxy', 1, 1],
    ['ALL_PROXY', 1, 1],
  ])('%s is for wss %s, ws %s', (name, forSecure, forPlain) => {
    const found = (count: number | undefined) => count && 'proxy';
    expect(hostFor(secure, { [name]: 'http://proxy' })).toBe(found(forSecure));
    expect(hostFor(plain, { [name]: 'http://proxy' })).toBe(found(forPlain));
  });

  it('has an order', () => {
    const env: NodeJS.ProcessEnv = {};
    for (const name of ['ALL_PROXY', 'all_proxy', 'HTTPS_PROXY', 'https_proxy', 'WSS_PROXY', 'wss_proxy']) {
      env[name] = `http://${name.toLowerCase().replace('_', '-')}-${name === name.toLowerCase()}`;
      expect(hostFor(secure, env)).toBe(new URL(env[name]).hostname);
    }
    expect(hostFor(secure, { https_proxy: '', HTTPS_PROXY: 'other' })).toBe('other');
  });

  it.each(['no_proxy', 'NO_PROXY'])('%s has exceptions, also for a port', (name) => {
    const env = { ALL_PROXY: 'proxy', [name]: 'b.com,a.com:80' };
    expect(hostFor(secure, env)).toBe('proxy');
    expect(hostFor(plain, env)).toBeUndefined();
  });

  it('does not take what a client of a CGI program says', () => {
    const env = { HTTP_PROXY: 'http://evil', REQUEST_METHOD: 'GET' };
    expect(hostFor(plain, env)).toBeUndefined();
    expect(hostFor(plain, { ...env, http_proxy: 'http://good' })).toBe('good');
    expect(hostFor(plain, { HTTP_PROXY: 'http://good' })).toBe('good');
  });

  it('goes with what is for the proxy', () => {
    const proxy = chooseProxy({ url: 'env', tls: { ca: 'x' } }, secure, { ALL_PROXY: 'https://proxy' });
    expect(proxy).toMatchObject({ host: 'proxy', tls: { ca: 'x' } });
  });

  it('names the variable that is wrong', () => {
    expect(() => hostFor(secure, { HTTPS_PROXY: 'ftp://a' })).toThrow(/^Invalid proxy in HTTPS_PROXY: /);
  });
});
