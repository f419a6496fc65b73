import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import net, { type AddressInfo, createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import * as everything from '../../src/index.ts';
import { WebSocket } from '../../src/index.ts';
import { startTestServer } from '../behaviour/engine.ts';
import { startHttpProxy } from '../behaviour/proxies.ts';
import { connectRaw, upgradeRequest, upgradeResponse } from '../behaviour/raw-peer.ts';
import { header, serveScript } from '../compat/client-peers.ts';
import { type Certificate, makeCertificate, makeExpiredCertificate } from '../e2e/certificate.ts';
import { ended } from './attack.ts';

let certificate: Certificate;
beforeAll(() => {
  certificate = makeCertificate();
});

/** The status that a server answers a page of `origin` with; Host is `host`. */
async function statusFor(port: number, origin: string, host: string): Promise<number> {
  const peer = await connectRaw(port);
  peer.socket.write(upgradeRequest({ Origin: origin, Host: host }), 'latin1');
  const head = await peer.takeHead();
  peer.socket.destroy();
  return Number(head.slice(9, 12));
}

/** What pages of others may call themselves, where https://example.com:8443 is the one. */
const FOREIGN = [
  'null',
  'http://example.com:8443',
  'https://example.com',
  'https://example.com:443',
  'https://example.com:8444',
  'https://example.com:84430',
  'https://example.com.evil.example:8443',
  'https://evilexample.com:8443',
  'https://evil.example:8443',
  'https://sub.example.com:8443',
  'https://example.com:8443@evil.example',
  'https://user@example.com:8443',
  'https://evil.example/https://example.com:8443',
  'https://evil.example#example.com:8443',
  'https://example.com:8443/',
  'https://example.com:8443, https://evil.example',
  'https://example.com%2eevil.example:8443',
  'https://exam\u00e5ple.com:8443',
  'wss://example.com:8443',
  'file://',
  'example.com:8443',
  '*',
  'https://*',
];

describe('pages of other origins', () => {
  it('row 25: no page of another origin passes a list, and the one that is named does', async () => {
    const { port } = await startTestServer({ origins: ['https://example.com:8443'] });
    for (const origin of FOREIGN) {
      expect([origin, await statusFor(port, origin, 'example.com:8443')]).toEqual([origin, 403]);
    }
    expect(await statusFor(port, 'https://example.com:8443', 'any')).toBe(101);
    expect(await statusFor(port, 'HTTPS://EXAMPLE.COM:8443', 'any')).toBe(101);
  });

  it("row 25: no page of another origin passes 'same-origin', and a page of this host, port and scheme does", async () => {
    const { port } = await startTestServer({ origins: 'same-origin' });
    for (const origin of [...FOREIGN, 'https://example.com:8443']) {
      expect([origin, await statusFor(port, origin, 'example.com')]).toEqual([origin, 403]);
    }
    expect(await statusFor(port, 'http://example.com', 'example.com')).toBe(101);
    expect(await statusFor(port, 'http://example.com:80', 'example.com')).toBe(101);
    // What a program sends which lies in Host too, as a rebound name would: the page's own name counts.
    expect(await statusFor(port, 'http://evil.example', '127.0.0.1')).toBe(403);
  });

  it('row 25: a page without TLS is of another origin than its host with TLS', async () => {
    const { url, port } = await startTestServer({ origins: 'same-origin', tls: certificate });
    const secure = url.replace('ws:', 'wss:');
    const open = (scheme: string): WebSocket =>
      new WebSocket(secure, { ca: certificate.cert, origin: `${scheme}://127.0.0.1:${port}` });
    expect(await ended(open('http'))).toEqual(['Unexpected server response: 403', 1006]);
    const ws = open('https');
    await once(ws, 'open');
    ws.terminate();
  });
});

const CREDENTIALS = { Authorization: 'Bearer token', Cookie: 'a=b', 'Proxy-Authorization': 'Basic YTpi' };

/** The heads of the requests to `addresses`, each redirected to the next, whatever host they name. */
async function followed(addresses: readonly string[], options: object): Promise<readonly string[]> {
  let requests = 0;
  const server = await serveScript((head) => {
    const location = addresses[++requests];
    return location === undefined
      ? upgradeResponse(head)
      : `HTTP/1.1 302 Found\r\nLocation: ${location}\r\nContent-Length: 0\r\n\r\n`;
  });
  const createConnection = (): net.Socket => net.connect(server.port, '127.0.0.1');
  const ws = new WebSocket(addresses[0]!, { createConnection, ...options });
  const end = ended(ws);
  ws.on('open', () => ws.terminate());
  await end;
  return server.heads;
}

describe('redirects', () => {
  it.each([
    ['ws://a.example/', 'ws://b.example/'],
    ['ws://a.example/', 'ws://a.example:81/'],
    ['ws://a.example/', 'ws://sub.a.example/'],
    ['wss://a.example/', 'ws://a.example/'],
    ['wss://a.example/', 'http://a.example/'],
    ['ws+unix:/run/a.sock:/', 'ws://localhost/'],
    ['ws+unix:/run/a.sock:/', 'ws+unix:/run/b.sock:/'],
  ])('row 28: redirects from %s to %s take no credentials along', async (...addresses) => {
    const options = { followRedirects: true, auth: 'user:password' };
    const heads = await followed(addresses, { ...options, headers: CREDENTIALS });
    expect(heads).toHaveLength(2);
    for (const name of Object.keys(CREDENTIALS)) {
      expect([name, header(heads[0], name).length, header(heads[1], name)]).toEqual([name, 1, []]);
    }
    const [, second] = await followed(addresses, options);
    expect(header(second, 'Authorization')).toEqual([]);
  });

  it('row 28: redirects by way of another host do not bring credentials back to others', async () => {
    const addresses = ['ws://a.example/', 'ws://b.example/', 'ws://c.example/', '//b.example/'];
    const heads = await followed(addresses, { followRedirects: true, headers: CREDENTIALS });
    expect(heads.map((head) => header(head, 'Authorization').length)).toEqual([1, 0, 0, 0]);
  });

  it('row 33: redirects are not followed where nobody asked for it', async () => {
    const inner = await serveScript();
    const outer = await serveScript(() => `HTTP/1.1 302 Found\r\nLocation: ${inner.url}\r\n\r\n`);
    for (const options of [{}, { agent: false }]) {
      const events = await ended(new WebSocket(outer.url, options));
      expect(events).toEqual(['Unexpected server response: 302', 1006]);
    }
    expect(inner.sockets).toEqual([]);
  });

  it('row 33: redirects do not lead from the network to a Unix socket', async () => {
    const options = { followRedirects: true };
    for (const address of ['ws://a.example/', 'wss://a.example/']) {
      expect(await followed([address, 'ws+unix:/run/a.sock:/containers/json'], options)).toHaveLength(1);
    }
    const local = ['ws+unix:/run/a.sock:/', 'ws+unix:/run/a.sock:/b'];
    expect(await followed(local, options)).toHaveLength(2);
  });

  it('row 33: redirects are followed a few times only', async () => {
    let count = 0;
    const server = await serveScript(() => `HTTP/1.1 302 Found\r\nLocation: /${count++}\r\n\r\n`);
    const events = await ended(new WebSocket(server.url, { followRedirects: true }));
    expect(events).toEqual(['Maximum redirects exceeded', 1006]);
    expect(server.heads).toHaveLength(11);
  });
});

describe('TLS', () => {
  const over = [{}, { agent: false }, { followRedirects: true }];

  it.each(over)('row 29: a certificate that nobody vouches for is refused, with %o', async (options) => {
    const { url, heads } = await serveScript(undefined, { tls: certificate });
    const events = await ended(new WebSocket(url, options));
    expect(events).toEqual(['DEPTH_ZERO_SELF_SIGNED_CERT', 1006]);
    expect(heads).toEqual([]);
  });

  it.each(over)('row 29: a certificate of another host is refused, with %o', async (options) => {
    const { port, heads } = await serveScript(undefined, { tls: certificate });
    const lookup = ((_host: string, { all }: { all?: boolean }, callback: (...args: unknown[]) => void) =>
      all ? callback(null, [{ address: '127.0.0.1', family: 4 }]) : callback(null, '127.0.0.1', 4)) as never;
    const url = `wss://bank.example:${port}/`;
    const events = await ended(new WebSocket(url, { ca: certificate.cert, lookup, ...options }));
    expect(events).toEqual(['ERR_TLS_CERT_ALTNAME_INVALID', 1006]);
    expect(heads).toEqual([]);
  });

  it.each(over)('row 29: a certificate that has expired is refused, with %o', async (options) => {
    const expired = makeExpiredCertificate();
    const { url, heads } = await serveScript(undefined, { tls: expired });
    const events = await ended(new WebSocket(url, { ca: expired.cert, ...options }));
    expect(events).toEqual(['CERT_HAS_EXPIRED', 1006]);
    expect(heads).toEqual([]);
  });

  it.each(over)(
    'row 29: nothing goes out in clear when the first address is dead, with %o',
    async (options) => {
      const server = createServer();
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      onTestFinished(() => void server.close());
      const first = new Promise<Buffer>((resolve) => {
        server.on('connection', (socket) => socket.once('data', resolve).on('error', () => {}));
      });
      const addresses = ['127.0.0.9', '127.0.0.1'].map((address) => ({ address, family: 4 }));
      const lookup = ((_host: string, _options: object, callback: (...args: unknown[]) => void) =>
        callback(null, addresses)) as never;
      const { port } = server.address() as AddressInfo;
      const ws = new WebSocket(`wss://localhost:${port}/`, { lookup, headers: CREDENTIALS, ...options });
      const end = ended(ws);
      const bytes = await first;
      // RFC 8446 §5.1: a record of a handshake.
      expect([...bytes.subarray(0, 2)]).toEqual([0x16, 3]);
      expect(bytes.toString('latin1')).not.toMatch(/GET |token|YTpi/);
      ws.terminate();
      await end;
    },
  );
});

describe('TLS through a proxy', () => {
  const over = [{}, { followRedirects: true }];

  it.each(over)('row 29: it is the server that has to vouch for itself, with %o', async (options) => {
    const { port, heads } = await serveScript(undefined, { tls: certificate });
    const { port: proxyPort, asked } = await startHttpProxy();
    const proxy = `http://127.0.0.1:${proxyPort}`;
    const url = `wss://127.0.0.1:${port}/`;
    const unknown = await ended(new WebSocket(url, { ...options, proxy }));
    expect(unknown).toEqual(['DEPTH_ZERO_SELF_SIGNED_CERT', 1006]);
    const elsewhere = `wss://bank.example:${port}/`;
    const otherHost = await ended(new WebSocket(elsewhere, { ...options, proxy, ca: certificate.cert }));
    expect(otherHost).toEqual(['ERR_TLS_CERT_ALTNAME_INVALID', 1006]);
    expect(heads).toEqual([]);
    expect(asked).toHaveLength(2);
  });

  it.each(over)(
    'row 29: a proxy that does not vouch for itself is asked for nothing, with %o',
    async (options) => {
      const { port, asked } = await startHttpProxy({ tls: certificate });
      const proxy = `https://me:secret@127.0.0.1:${port}`;
      // What is said of the server's certificate counts for the server alone.
      const events = await ended(
        new WebSocket('wss://bank.example/', { ...options, proxy, rejectUnauthorized: false }),
      );
      expect(events).toEqual(['WS_ERR_PROXY_UNREACHABLE', 1006]);
      expect(asked).toEqual([]);
    },
  );

  it.each(over)(
    'row 29: a proxy sees the request for the tunnel, and ciphertext, with %o',
    async (options) => {
      let onBytes: (bytes: Buffer) => void;
      const bytes = new Promise<Buffer>((resolve) => {
        onBytes = resolve;
      });
      const { port, asked } = await startHttpProxy({
        answer: (socket) => {
          socket.once('data', (chunk) => onBytes(chunk));
          socket.write('HTTP/1.1 200 OK\r\n\r\n');
        },
      });
      const proxy = `http://127.0.0.1:${port}`;
      const ws = new WebSocket('wss://bank.example/', { ...options, proxy, headers: CREDENTIALS });
      const end = ended(ws);
      // RFC 8446 §5.1: a record of a handshake.
      expect([...(await bytes).subarray(0, 2)]).toEqual([0x16, 3]);
      for (const text of [...asked, (await bytes).toString('latin1')]) {
        expect(text).not.toMatch(/GET |token|YTpi/);
      }
      ws.terminate();
      await end;
    },
  );
});

describe('what is not here', () => {
  const root = fileURLToPath(new URL('../../src/', import.meta.url));
  const sources = readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => ({ name, text: readFileSync(root + name, 'utf8') }));
  const naming = (pattern: RegExp): string[] =>
    sources.filter(({ text }) => pattern.test(text)).map(({ name }) => name.replaceAll('\\', '/'));

  it('row 32: comparing secrets: no server of ours looks at credentials', () => {
    const ofClients = /client|redirect|web\/|options|header-fields/;
    // It takes a token out of a request for the application, which is to know what it is worth.
    const handsOn = 'hub/request-token.ts';
    const looking = naming(/\.authorization\b|['"]authorization['"]/i).filter(
      (name) => !ofClients.test(name),
    );
    expect(looking).toEqual([handsOn]);
  });

  it('row 33: relays: no server of ours opens a connection', () => {
    expect(Object.keys(everything).filter((name) => /proxy|relay|tunnel|forward/i.test(name))).toEqual([]);
    expect(naming(/\b(net|tls)\s*\.connect\(|createConnection\(/).sort()).toEqual([
      'node/http-attempt.ts',
      'node/open-socket.ts',
      // To proxies, by a client.
      'node/proxy/socks-tunnel.ts',
    ]);
  });
});
