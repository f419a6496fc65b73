import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { connect, decided, header, requested, serveScript } from './client-peers.ts';
import { ENGINES } from './engines.ts';

describe.each(ENGINES)('the address of a client of $name', (engine) => {
  describe('as an agent is asked for it', () => {
    it.each([
      ['ws://localhost', 'localhost', 80],
      ['wss://localhost', 'localhost', 443],
      ['http://localhost', 'localhost', 80],
      ['https://localhost', 'localhost', 443],
      ['ws://localhost:80', 'localhost', 80],
      ['wss://localhost:443', 'localhost', 443],
      ['wss://localhost:80', 'localhost', '80'],
      ['ws://localhost:443', 'localhost', '443'],
      ['ws://localhost:8080', 'localhost', '8080'],
      ['ws://LOCALHOST', 'localhost', 80],
      ['ws://[::1]', '::1', 80],
      ['ws://[::1]:8080', '::1', '8080'],
      ['wss://[2001:db8::0:1]', '2001:db8::1', 443],
      ['ws://127.1', '127.0.0.1', 80],
      ['ws://user:pass@localhost:1', 'localhost', '1'],
      ['ws://ä.example', 'xn--4ca.example', 80],
    ])('%s is the host %s and the port %o', (address, host, port) => {
      const { opts } = requested(engine, address);
      expect(opts.host).toBe(host);
      expect(opts.port).toBe(port);
      expect(opts.socketPath ?? undefined).toBeUndefined();
    });

    it.each([
      ['ws://localhost', '/'],
      ['ws://localhost/', '/'],
      ['ws://localhost/a', '/a'],
      ['ws://localhost/a/../b', '/b'],
      ['ws://localhost?a=b', '/?a=b'],
      ['ws://localhost/?', '/'],
      ['ws://localhost/a?b=c&d=%20e f', '/a?b=c&d=%20e%20f'],
      ['ws://localhost/ä', '/%C3%A4'],
      ['ws://localhost/a:b', '/a:b'],
      ['ws+unix:/run/x.sock', '/'],
      ['ws+unix:/run/x.sock:', '/'],
      ['ws+unix:/run/x.sock:/', '/'],
      ['ws+unix:/run/x.sock:/a?b', '/a?b'],
      ['ws+unix:/run/x.sock:/a:b:/c', '/a:b:/c'],
      ['ws+unix:/run/x.sock:/?a:b', '/?a:b'],
      ['ws+unix:/run/x.sock:a', 'a'],
    ])('%s is the path %s', (address, path) => {
      expect(requested(engine, address).req.path).toBe(path);
    });

    it.each([
      ['ws+unix:/run/x.sock', '/run/x.sock'],
      ['ws+unix:/run/x.sock?a=b', '/run/x.sock?a=b'],
      ['ws+unix:/run/x.sock?a:/b', '/run/x.sock?a'],
      ['ws+unix:/run/x.sock:/a', '/run/x.sock'],
      ['ws+unix:/run/x.sock:/a:/b', '/run/x.sock'],
      ['ws+unix:///run/x.sock:/a', '/run/x.sock'],
      ['ws+unix://host/run/x.sock:/a', '/run/x.sock'],
      ['ws+unix:./x.sock:/a', './x.sock'],
      ['ws+unix:x.sock', 'x.sock'],
      ['ws+unix:/run/a b.sock', '/run/a%20b.sock'],
      ['ws+unix:/run/a%20b.sock', '/run/a%20b.sock'],
    ])('%s is the socket %s', (address, socketPath) => {
      expect(requested(engine, address).opts.socketPath).toBe(socketPath);
    });

    it('is a GET', () => {
      expect(requested(engine, 'ws://localhost').req.method).toBe('GET');
    });

    it.each([
      ['ws://localhost', 'localhost'],
      ['ws://localhost:80', 'localhost'],
      ['wss://localhost:443', 'localhost'],
      ['https://localhost', 'localhost'],
      ['ws://localhost:443', 'localhost:443'],
      ['wss://localhost:80', 'localhost:80'],
      ['ws://localhost:8080', 'localhost:8080'],
      ['ws://[::1]', '[::1]'],
      ['ws://[::1]:8080', '[::1]:8080'],
      ['ws://user:pass@localhost:1', 'localhost:1'],
      ['ws+unix:/run/x.sock:/a', 'localhost'],
      ['ws+unix://host/run/x.sock:/a', 'host'],
    ])('%s is the Host %s', (address, host) => {
      expect(requested(engine, address).req.getHeader('Host')).toBe(host);
    });

    it.each([
      ['host', 'example.com'],
      ['hostname', 'example.com'],
      ['port', 1234],
      ['path', '/other'],
      ['socketPath', '/run/other.sock'],
      ['protocol', 'foo:'],
      ['method', 'POST'],
      ['timeout', 1],
    ])('is not changed by the option %s', (name, value) => {
      const { req, opts } = requested(engine, 'ws://localhost:8080/a', [], { [name]: value });
      expect(req).toMatchObject({ method: 'GET', path: '/a' });
      expect(req.getHeader('Host')).toBe('localhost:8080');
      expect(opts).toMatchObject({ host: 'localhost', port: '8080' });
      expect(opts.socketPath ?? undefined).toBeUndefined();
      expect(opts.timeout).toBeUndefined();
    });
  });

  describe('on the wire', () => {
    it.each([
      ['/', 'GET / HTTP/1.1'],
      ['/a?b=c', 'GET /a?b=c HTTP/1.1'],
      ['/ä b', 'GET /%C3%A4%20b HTTP/1.1'],
      ['/?', 'GET / HTTP/1.1'],
    ])('%s is the line %s', async (path, line) => {
      const server = await serveScript();
      expect(await decided(connect(engine, `ws://${server.authority}${path}`))).toBe('open');
      expect(server.heads[0]!.split('\r\n')[0]).toBe(line);
    });

    it('is the host and port', async () => {
      const server = await serveScript();
      expect(await decided(connect(engine, server.url))).toBe('open');
      expect(header(server.heads[0], 'Host')).toEqual([server.authority]);
    });

    it('may be http:', async () => {
      const server = await serveScript();
      const ws = connect(engine, new URL(server.url.replace('ws:', 'http:')));
      expect(await decided(ws)).toBe('open');
      expect(ws.url).toBe(server.url);
    });

    it.each(['host', 'hostname', 'port', 'path', 'socketPath', 'protocol', 'method', 'timeout'])(
      'is not changed by the option %s',
      async (name) => {
        const server = await serveScript();
        const value = name === 'port' || name === 'timeout' ? 1 : 'other';
        expect(await decided(connect(engine, server.url, { [name]: value }))).toBe('open');
        expect(server.heads[0]).toMatch(/^GET \/ HTTP\/1\.1\r\n/);
        expect(header(server.heads[0], 'Host')).toEqual([server.authority]);
      },
    );

    it.each([
      ['', '/'],
      [':', '/'],
      [':/', '/'],
      [':/a?b', '/a?b'],
      [':/a:b:/c', '/a:b:/c'],
    ])('is a Unix socket, and %o behind it', async (rest, target) => {
      const socketPath = temporarySocketPath();
      const server = await serveScript(undefined, { socketPath });
      const ws = connect(engine, `ws+unix:${socketPath}${rest}`);
      expect(await decided(ws)).toBe('open');
      expect(ws.url).toBe(`ws+unix:${socketPath}${rest}`);
      expect(server.heads[0]!.split('\r\n')[0]).toBe(`GET ${target} HTTP/1.1`);
      expect(header(server.heads[0], 'Host')).toEqual(['localhost']);
    });

    it('is an error of the network where nobody listens', async () => {
      const ws = connect(engine, `ws://127.0.0.1:${await unusedPort()}/`);
      const failed = new Promise((resolve) => ws.on('error', (error) => resolve([error, ws.readyState])));
      expect(await failed).toEqual([
        expect.objectContaining({ code: 'ECONNREFUSED', syscall: 'connect', address: '127.0.0.1' }),
        engine.WebSocket.CLOSING,
      ]);
    });

    it('is an error where there is no such Unix socket', async () => {
      const ws = connect(engine, `ws+unix:${temporarySocketPath()}`);
      const error = await new Promise((resolve) => ws.on('error', resolve));
      expect(error).toMatchObject({ code: 'ENOENT', syscall: 'connect' });
    });

    it('is an error where there is no such name', async () => {
      const lookup = (_name: string, _options: object, callback: (error: Error) => void): void => {
        process.nextTick(callback, Object.assign(new Error('getaddrinfo ENOTFOUND'), { code: 'ENOTFOUND' }));
      };
      const ws = connect(engine, 'ws://nowhere.invalid', { lookup });
      const error = await new Promise((resolve) => ws.on('error', resolve));
      expect(error).toMatchObject({ code: 'ENOTFOUND' });
    });
  });
});

function temporarySocketPath(): string {
  const folder = mkdtempSync(join(tmpdir(), 'hawser-compat-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return join(folder, 'x.sock');
}

/** A port that nobody listens on any more. */
async function unusedPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
