import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished } from 'vitest';
import { WebSocket, WebSocketServer } from '../../../src/index.ts';
import { makeCertificate } from '../../e2e/certificate.ts';
import { type Case, nextText, type Program } from './program.ts';

const CERTIFICATE = `import { readFileSync } from 'node:fs';
const key = readFileSync('key.pem');
const cert = readFileSync('cert.pem');
`;

/** Tells each client how it came. */
const TELL = `wss.on('connection', (ws, request) => ws.send(request.httpVersion));`;

function certificateFiles(): Record<string, string> {
  const { key, cert } = makeCertificate();
  return { 'key.pem': String(key), 'cert.pem': String(cert) };
}

/** Resolves with what a server says that it is connected to by, as soon as it listens. */
async function versionOf({ port }: Program, scheme: 'ws' | 'wss', http2: boolean): Promise<string> {
  for (;;) {
    const ws = new WebSocket(`${scheme}://127.0.0.1:${port}`, { http2, rejectUnauthorized: false });
    onTestFinished(() => ws.terminate());
    const text = nextText(ws);
    text.catch(() => {});
    const error = await once(ws, 'open').then(
      () => undefined,
      (reason: NodeJS.ErrnoException) => reason,
    );
    if (error === undefined) return text;
    if (error.code !== 'ECONNREFUSED') throw error;
  }
}

/** The programs of docs/http2.md. */
export const HTTP2: Record<string, Case> = {
  'docs/http2.md § Servers': {
    before: CERTIFICATE,
    after: TELL,
    files: certificateFiles,
    async check(start) {
      const program = await start();
      expect(await versionOf(program, 'wss', true)).toBe('2.0');
      expect(await versionOf(program, 'wss', false)).toBe('1.1');
    },
  },

  'docs/http2.md § Servers (2)': {
    before: `import { WebSocketServer } from 'hawser';\n${CERTIFICATE}`,
    after: TELL,
    files: certificateFiles,
    async check(start) {
      const program = await start();
      expect(await versionOf(program, 'wss', true)).toBe('2.0');
      expect(await versionOf(program, 'wss', false)).toBe('1.1');
    },
  },

  'docs/http2.md § Servers (3)': {
    before: `import { createServer } from 'node:http2';
import { WebSocketServer } from 'hawser';
const server = createServer({ settings: { enableConnectProtocol: true } });
const wss = new WebSocketServer({ noServer: true });
`,
    after: `${TELL}\nserver.listen(8080);`,
    async check(start) {
      expect(await versionOf(await start(), 'ws', true)).toBe('2.0');
    },
  },

  'docs/http2.md § Clients': {
    before: `import { WebSocket } from 'hawser';`,
    after: `ws.on('open', () => ws.close(1000));`,
    async check(start) {
      const wss = new WebSocketServer({ port: 0, http2: true });
      await once(wss, 'listening');
      onTestFinished(() => wss.close());
      const connection = once(wss, 'connection');
      const program = await start({ peer: `ws://127.0.0.1:${(wss.address() as AddressInfo).port}` });
      expect((await connection)[1].httpVersion).toBe('2.0');
      await program.ended();
    },
  },
};
