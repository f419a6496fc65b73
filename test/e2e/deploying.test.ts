import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { freePorts } from '../../examples/chat-cluster/cluster/free-ports.mts';
import { findHaproxy } from '../../scripts/haproxy.mjs';
import { findNginx } from '../../scripts/nginx.mjs';
import { WebSocket, WebSocketServer } from '../../src/index.ts';
import { pathOf, temporaryFolder } from '../system/program.ts';

const PAGES = ['deploying.md', 'choosing-a-transport.md'].map((name) =>
  readFileSync(fileURLToPath(new URL(`../../docs/${name}`, import.meta.url)), 'utf8'),
);
const [DEPLOYING = '', CHOOSING = ''] = PAGES;

interface Node {
  readonly port: number;
  /** The X-Forwarded-For of each connection. */
  readonly forwarded: unknown[];
  readonly stop: () => void;
}

describe('the configurations of the pages', () => {
  it('nginx: upgrades, the address of the client, a node that is gone', async () => {
    const [a, b] = [await startNode('a'), await startNode('b')];
    const [port = 0] = await freePorts(0);
    const config = block(DEPLOYING, 'nginx')
      .replace('listen 80;', `listen 127.0.0.1:${port};`)
      .replace('127.0.0.1:8080', `127.0.0.1:${a.port}`)
      .replace('127.0.0.1:8081', `127.0.0.1:${b.port}`);
    await startNginx(config, port);
    await expectBoth(`ws://127.0.0.1:${port}/live`, [a, b]);
  });

  it('nginx: one location is enough', async () => {
    const node = await startNode('a');
    const [port = 0] = await freePorts(0);
    const location = block(CHOOSING, 'nginx').replace('127.0.0.1:8080', `127.0.0.1:${node.port}`);
    await startNginx(`server { listen 127.0.0.1:${port};\n${location} }`, port);
    expect(await nameOfNode(`ws://127.0.0.1:${port}/live`)).toBe('a');
  });

  it('HAProxy: upgrades, the address of the client, a node that is gone', async () => {
    const [a, b] = [await startNode('a'), await startNode('b')];
    const [port = 0] = await freePorts(0);
    const config = block(DEPLOYING, 'haproxy')
      .replace('bind :80', `bind 127.0.0.1:${port}`)
      .replace('127.0.0.1:8080', `127.0.0.1:${a.port}`)
      .replace('127.0.0.1:8081', `127.0.0.1:${b.port}`);
    const folder = temporaryFolder('deploying');
    writeFileSync(join(folder, 'haproxy.cfg'), config);
    start(pathOf(findHaproxy()), ['-db', '-f', join(folder, 'haproxy.cfg')]);
    await listening(port);
    await expectBoth(`ws://127.0.0.1:${port}/live`, [a, b]);
  });
});

/** Both nodes are reached, know their client, and do for each other. */
async function expectBoth(url: string, [a, b]: [Node, Node]): Promise<void> {
  const reached = new Set<string>();
  while (reached.size < 2) reached.add(await nameOfNode(url, { 'X-Forwarded-For': '203.0.113.7' }));
  // The last address is the proxy's word, those before it are anybody's.
  for (const { forwarded } of [a, b]) expect(String(forwarded[0])).toMatch(/(^|, )127\.0\.0\.1$/);
  a.stop();
  for (let i = 0; i < 4; i++) expect(await nameOfNode(url)).toBe('b');
}

/** Connects, with a message there and back, and returns which node it was; tries again what a proxy answers by 502 and 503. */
async function nameOfNode(url: string, headers = {}): Promise<string> {
  for (;;) {
    const ws = new WebSocket(url, { headers });
    ws.on('open', () => ws.send('who'));
    const result = await once(ws, 'message').then(
      ([data]) => String(data),
      (error: Error) => error,
    );
    ws.terminate();
    if (typeof result === 'string') return result;
    if (!/50[23]/.test(result.message)) throw result;
  }
}

async function startNode(name: string): Promise<Node> {
  const server = createServer((_request, response) => response.end());
  const wss = new WebSocketServer({ server, heartbeat: true });
  const forwarded: unknown[] = [];
  wss.on('connection', (ws, request) => {
    forwarded.push(request.headers['x-forwarded-for']);
    ws.on('message', () => ws.send(name));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const stop = (): void => {
    for (const ws of wss.clients) ws.terminate();
    server.close();
    server.closeAllConnections();
  };
  onTestFinished(stop);
  return { port: (server.address() as AddressInfo).port, forwarded, stop };
}

async function startNginx(http: string, port: number): Promise<void> {
  const folder = temporaryFolder('deploying');
  const paths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `${name}_temp_path ${folder}/${name};`,
  );
  const config = `daemon off; pid ${folder}/nginx.pid; error_log stderr; events {}
http { access_log off; ${paths.join(' ')}
${http}
}`;
  writeFileSync(join(folder, 'nginx.conf'), config);
  start(pathOf(findNginx()), ['-p', folder, '-c', 'nginx.conf', '-e', 'stderr']);
  await listening(port);
}

function start(program: string, args: string[]): void {
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  onTestFinished(async () => {
    child.kill('SIGTERM');
    if (child.exitCode === null) await once(child, 'exit');
  });
}

async function listening(port: number): Promise<void> {
  while (
    !(await fetch(`http://127.0.0.1:${port}/`).then(
      () => true,
      () => false,
    ))
  );
}

/** Returns the first block of a page in a language. */
function block(page: string, language: string): string {
  const found = new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, 'm').exec(page);
  if (found === null) throw new Error(`There is no block of ${language}`);
  return found[1]!;
}
