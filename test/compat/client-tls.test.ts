import https from 'node:https';
import net, { type Socket } from 'node:net';
import tls, { type TLSSocket, type TlsOptions } from 'node:tls';
import { beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import type { WebSocket } from 'ws';
import { type Certificate, makeCertificate } from '../e2e/certificate.ts';
import { connect, decided, failure, header, serveScript, trace } from './client-peers.ts';
import { difference } from './differences.ts';
import { ENGINES } from './engines.ts';

let server: Certificate;
let client: Certificate;

beforeAll(() => {
  server = makeCertificate();
  client = makeCertificate();
});

describe.each(ENGINES)('TLS of a client of $name', (engine) => {
  const serveTls = (options: TlsOptions = {}) => serveScript(undefined, { tls: { ...server, ...options } });
  const errorOf = (ws: WebSocket) =>
    new Promise<NodeJS.ErrnoException>((resolve) => ws.on('error', (error) => resolve(error)));

  it('opens without a look at the certificate, when told to', async () => {
    const { url, heads, authority } = await serveTls();
    const ws = connect(engine, url, { rejectUnauthorized: false });
    expect(await decided(ws)).toBe('open');
    expect(ws.url).toBe(url);
    expect(header(heads[0], 'Host')).toEqual([authority]);
  });

  it('opens for https:', async () => {
    const { url } = await serveTls();
    const ws = connect(engine, url.replace('wss:', 'https:'), { rejectUnauthorized: false });
    expect(await decided(ws)).toBe('open');
    expect(ws.url).toBe(url);
  });

  it('looks at the certificate by default', async () => {
    const { url, heads } = await serveTls();
    const ws = connect(engine, url);
    const error = errorOf(ws);
    expect(await trace(ws)).toEqual(failure('self-signed certificate'));
    expect(await error).toMatchObject({ code: 'DEPTH_ZERO_SELF_SIGNED_CERT' });
    expect(heads).toEqual([]);
  });

  it.each(['127.0.0.1', 'localhost'])('takes a certificate of ca for %s', async (host) => {
    const { port } = await serveTls();
    const ws = connect(engine, `wss://${host}:${port}`, { ca: server.cert, family: 4 });
    expect(await decided(ws)).toBe('open');
  });

  it('takes a secureContext', async () => {
    const { url } = await serveTls();
    const secureContext = tls.createSecureContext({ ca: server.cert });
    expect(await decided(connect(engine, url, { secureContext }))).toBe('open');
  });

  it('compares the name of the certificate with servername', async () => {
    const { port, url } = await serveTls();
    const options = { ca: server.cert, servername: 'other.example' };
    const error = await errorOf(connect(engine, `wss://localhost:${port}`, { ...options, family: 4 }));
    expect(error).toMatchObject({ code: 'ERR_TLS_CERT_ALTNAME_INVALID', host: 'other.example' });
    expect(await errorOf(connect(engine, url, options))).toMatchObject({
      code: 'ERR_TLS_CERT_ALTNAME_INVALID',
    });
  });

  it('asks checkServerIdentity', async () => {
    const { port } = await serveTls();
    const asked: string[] = [];
    const checkServerIdentity = (host: string) => {
      asked.push(host);
      return host === 'localhost' ? undefined : new Error('not that one');
    };
    const options = { ca: server.cert, checkServerIdentity, family: 4 };
    expect(await decided(connect(engine, `wss://localhost:${port}`, options))).toBe('open');
    const other = connect(engine, `wss://localhost:${port}`, { ...options, servername: 'a.example' });
    expect(await trace(other)).toEqual(failure('not that one'));
    expect(asked).toEqual(['localhost', 'a.example']);
  });

  it('shows a client certificate', async () => {
    const { url, sockets } = await serveTls({ requestCert: true, rejectUnauthorized: true, ca: client.cert });
    const options = { rejectUnauthorized: false, cert: client.cert, key: client.key };
    expect(await decided(connect(engine, url, options))).toBe('open');
    expect((sockets[0] as TLSSocket).authorized).toBe(true);
  });

  it('fails where a client certificate is missing', async () => {
    const { url } = await serveTls({ requestCert: true, rejectUnauthorized: true, ca: client.cert });
    const told = await trace(connect(engine, url, { rejectUnauthorized: false }));
    expect(told).toHaveLength(2);
    expect(told[0]).toMatch(/^error /);
    expect(told[1]).toBe("close 1006 ''");
  });

  it('takes the options of an agent', async () => {
    const { url } = await serveTls();
    const agent = new https.Agent({ rejectUnauthorized: false });
    expect(await decided(connect(engine, url, { agent }))).toBe('open');
    const strict = new https.Agent();
    const ws = connect(engine, url, { agent: strict });
    expect(await errorOf(ws)).toMatchObject({ code: 'DEPTH_ZERO_SELF_SIGNED_CERT' });
  });

  describe('the name that is sent', () => {
    const namesOf = async (host: string, options: object = {}) => {
      const { port, sockets } = await serveTls();
      const ws = connect(engine, `wss://${host}:${port}`, {
        rejectUnauthorized: false,
        family: 4,
        ...options,
      });
      expect(await decided(ws)).toBe('open');
      return (sockets[0] as TLSSocket).servername;
    };

    it.each([
      ['localhost', {}, 'localhost'],
      ['127.0.0.1', {}, false],
      ['127.0.0.1', { servername: 'a.example' }, 'a.example'],
      ['localhost', { servername: 'a.example' }, 'a.example'],
      ['localhost', { servername: '' }, false],
      ['localhost', { servername: undefined }, 'localhost'],
    ])('for %s with %o is %o', async (host, options, name) => {
      expect(await namesOf(host, options)).toBe(name);
    });

    it.each([
      ['localhost', undefined, 'localhost'],
      ['127.0.0.1', undefined, ''],
      ['[::1]', undefined, ''],
      ['localhost', '', ''],
      ['localhost', 'a.example', 'a.example'],
    ])('for %s with the option %o goes to tls.connect as %o', (host, servername, name) => {
      const sockets: Socket[] = [];
      const replaced = vi.spyOn(tls, 'connect').mockImplementation((() => {
        sockets.push(new net.Socket());
        return sockets[0] as TLSSocket;
      }) as typeof tls.connect);
      onTestFinished(() => replaced.mockRestore());
      connect(engine, `wss://${host}`, servername === undefined ? {} : { servername });
      expect(replaced).toHaveBeenCalledOnce();
      expect(replaced.mock.calls[0]![0]).toMatchObject({
        servername: name,
        host: host.replace(/[[\]]/g, ''),
        port: 443,
      });
      expect(replaced.mock.calls[0]![0]).not.toMatchObject({ path: expect.anything() });
    });
  });

  it(difference('client-alpn'), async () => {
    const { url, sockets } = await serveTls({ ALPNProtocols: ['h2', 'http/1.1'] });
    const ws = connect(engine, url, { rejectUnauthorized: false });
    expect(await decided(ws)).toBe('open');
    expect((sockets[0] as TLSSocket).alpnProtocol).toBe(engine.name === 'ws' ? false : 'http/1.1');
  });

  it.each(['TLSv1.2', 'TLSv1.3'] as const)('speaks %s alone, when told to', async (version) => {
    const { url, sockets } = await serveTls();
    const options = { rejectUnauthorized: false, minVersion: version, maxVersion: version };
    expect(await decided(connect(engine, url, options))).toBe('open');
    expect((sockets[0] as TLSSocket).getProtocol()).toBe(version);
  });

  it(`tells one error for versions that do not match; ${difference('client-tls-error')}`, async () => {
    const { url } = await serveTls({ minVersion: 'TLSv1.3' });
    const ws = connect(engine, url, { rejectUnauthorized: false, maxVersion: 'TLSv1.2' });
    const error = errorOf(ws);
    const told = await trace(ws);
    expect(told).toEqual([expect.stringMatching(/^error .*alert protocol version/s), "close 1006 ''"]);
    expect(await error).toMatchObject({
      code: engine.name === 'ws' ? 'EPROTO' : 'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION',
    });
  });

  it('tells an error of ws: to a TLS server', async () => {
    const { url } = await serveTls();
    const told = await trace(connect(engine, url.replace('wss:', 'ws:')));
    expect(told).toEqual([expect.stringMatching(/^error /), "close 1006 ''"]);
  });

  it(`tells an error of wss: to a server without TLS; ${difference('client-tls-error')}`, async () => {
    const plain = await serveText('HTTP/1.1 400 Bad Request\r\n\r\n');
    const ws = connect(engine, `wss://127.0.0.1:${plain}`, { rejectUnauthorized: false });
    expect(await errorOf(ws)).toMatchObject({
      code: engine.name === 'ws' ? 'EPROTO' : 'ERR_SSL_WRONG_VERSION_NUMBER',
      message: expect.stringContaining('wrong version number'),
    });
  });

  it('tells an error of a certificate that is none', async () => {
    const ws = connect(engine, 'wss://127.0.0.1:1', { cert: 'foo', key: 'bar' });
    const error = errorOf(ws);
    expect(await trace(ws)).toEqual([expect.stringMatching(/^error Error: error:/), "close 1006 ''"]);
    expect(await error).toMatchObject({ library: expect.any(String) });
  });

  it.each(['close', 'terminate'] as const)('may be left by %s() before it is there', async (method) => {
    const port = await serveText('');
    const ws = connect(engine, `wss://127.0.0.1:${port}`);
    const told = trace(ws);
    ws[method]();
    expect(await told).toEqual(failure('WebSocket was closed before the connection was established'));
  });

  it('ends with handshakeTimeout, where the server says nothing', async () => {
    const port = await serveText('');
    const ws = connect(engine, `wss://127.0.0.1:${port}`, { handshakeTimeout: 20 });
    expect(await trace(ws)).toEqual(failure('Opening handshake has timed out'));
  });

  it('carries messages', async () => {
    const { url, sockets } = await serveTls();
    const ws = connect(engine, url, { rejectUnauthorized: false });
    const message = new Promise((resolve) => ws.on('message', (data) => resolve(`${data}`)));
    await decided(ws);
    sockets[0]!.write(Buffer.from([0x81, 3, 0x66, 0x6f, 0x6f]));
    expect(await message).toBe('foo');
  });
});

/** Starts a server without TLS that says `text` to everybody, and returns its port. */
async function serveText(text: string): Promise<number> {
  const sockets = new Set<Socket>();
  const plain = net.createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.once('data', () => socket.write(text));
  });
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => plain.close(resolve));
  });
  plain.listen(0, '127.0.0.1');
  await new Promise((resolve) => plain.once('listening', resolve));
  return (plain.address() as net.AddressInfo).port;
}
