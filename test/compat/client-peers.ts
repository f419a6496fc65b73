import { type EventEmitter, once } from 'node:events';
import http, { type ClientRequest } from 'node:http';
import https from 'node:https';
import type { AddressInfo, Server, Socket } from 'node:net';
import net from 'node:net';
import tls, { type TlsOptions } from 'node:tls';
import { onTestFinished } from 'vitest';
import type { WebSocket } from 'ws';
import { RawPeer, upgradeResponse } from '../behaviour/raw-peer.ts';
import { ENGINES, type Engine } from './engines.ts';

/** A server whose responses a test writes by hand. */
export interface ScriptedServer {
  readonly port: number;
  /** `host:port`, as in a URL. */
  readonly authority: string;
  /** Of `ws:`, or of `wss:` with TLS; it ends in a slash. */
  readonly url: string;
  /** The heads of the requests so far. */
  readonly heads: readonly string[];
  /** What is connected, and what was. */
  readonly sockets: readonly Socket[];
}

export interface ScriptedServerOptions {
  /** Makes it a TLS server. */
  readonly tls?: TlsOptions | undefined;
  /** The path of a Unix socket to listen on, instead of a port. */
  readonly socketPath?: string | undefined;
}

/** Writes the response; a string is written as it is, and the socket stays open. */
export type Script = (head: string, socket: Socket) => string | Buffer | undefined;

/** Answers by upgrading; `headers` are added to the response's, or replace them. */
export function upgrading(headers: Readonly<Record<string, string>> = {}): Script {
  return (head) => upgradeResponse(head, headers);
}

/** Starts a server, for the test that is running, that answers each request as `script` says. */
export async function serveScript(
  script: Script = upgrading(),
  options: ScriptedServerOptions = {},
): Promise<ScriptedServer> {
  const heads: string[] = [];
  const sockets: Socket[] = [];
  const onSocket = (socket: Socket): void => {
    sockets.push(socket);
    const answer = (head: string): void => {
      heads.push(head);
      const response = script(head, socket);
      if (response !== undefined) socket.write(response, 'latin1');
    };
    // A peer that leaves without a request has its say in the test, not here.
    new RawPeer(socket).takeHead().then(answer, () => {});
  };
  const server = options.tls ? tls.createServer(options.tls, onSocket) : net.createServer(onSocket);
  server.on('tlsClientError', () => {});
  onTestFinished(() => stop(server, sockets));
  server.listen(options.socketPath ?? { port: 0, host: '127.0.0.1' });
  await once(server, 'listening');
  const port = options.socketPath === undefined ? (server.address() as AddressInfo).port : 0;
  const authority = `127.0.0.1:${port}`;
  return { port, authority, url: `${options.tls ? 'wss' : 'ws'}://${authority}/`, heads, sockets };
}

async function stop(server: Server, sockets: readonly Socket[]): Promise<void> {
  for (const socket of sockets) socket.destroy();
  await new Promise((resolve) => server.close(resolve));
}

/** The values of a header in the head of a request, or its start line for ''. */
export function header(head: string | undefined, name: string): string[] {
  return (head ?? '')
    .split('\r\n')
    .filter((line) => line.toLowerCase().startsWith(`${name.toLowerCase()}:`))
    .map((line) => line.slice(name.length + 1).trim());
}

/** Makes a client for the test that is running. Its arguments are open, since some are what the types forbid. */
export function connect({ WebSocket }: Engine, ...args: readonly unknown[]): WebSocket {
  const ws: WebSocket = Reflect.construct(WebSocket, args);
  onTestFinished(() => {
    // Whatever the test was about is said; the end of an attempt is an error otherwise.
    ws.on('error', () => {});
    ws.terminate();
  });
  return ws;
}

/** A way to make clients: Hawser has its own for most, and node:http where an option needs it. */
export interface ClientPath {
  readonly name: string;
  readonly engine: Engine;
  /** The options that lead there. */
  readonly over: object;
  /** Whether the request is one of node:http. */
  readonly isHttp: boolean;
}

export const PATHS: readonly ClientPath[] = ENGINES.flatMap((engine) => [
  { name: engine.name, engine, over: {}, isHttp: engine.name === 'ws' },
  { name: `${engine.name} with an agent of node:http`, engine, over: { agent: false }, isHttp: true },
]);

/** Resolves on 'open', 'error' or 'close', whatever comes first. */
export function decided(ws: WebSocket): Promise<string> {
  return new Promise((resolve) => {
    ws.on('open', () => resolve('open'));
    ws.on('error', (error) => resolve(`error ${error}`));
    ws.on('close', (code) => resolve(`close ${code}`));
  });
}

const EVENTS = ['upgrade', 'open', 'redirect', 'unexpected-response', 'message', 'error', 'close'] as const;

/**
 * Resolves on 'close' with all that the client told, in order: the names of the events, with the error or the code and
 * the reason. Events that change a client's behaviour when they are listened to are told only where they are named.
 */
export function trace(
  ws: WebSocket,
  also: readonly ('redirect' | 'unexpected-response')[] = [],
): Promise<string[]> {
  const told: string[] = [];
  for (const name of EVENTS) {
    if ((name === 'redirect' || name === 'unexpected-response') && !also.includes(name)) continue;
    (ws as EventEmitter).on(name, (...args: unknown[]) => told.push(describe(name, args)));
  }
  return new Promise((resolve) => ws.on('close', () => resolve(told)));
}

function describe(name: string, [first, second]: readonly unknown[]): string {
  if (name === 'error') return `error ${first}`;
  if (name === 'close') return `close ${first} '${second}'`;
  return name;
}

/** What a failed handshake tells. */
export function failure(message: string, name = 'Error'): string[] {
  return [`error ${name}: ${message}`, "close 1006 ''"];
}

/** What a client that an agent never gave a socket asked the agent for. */
export interface AgentRequest {
  readonly req: ClientRequest;
  readonly opts: http.RequestOptions & Readonly<Record<string, unknown>>;
}

export interface IdleAgent {
  readonly agent: http.Agent;
  readonly requests: readonly AgentRequest[];
}

/** An agent that does nothing, so that the client stays in CONNECTING. */
export function idleAgent({ secure = false } = {}): IdleAgent {
  const requests: AgentRequest[] = [];
  const addRequest = (req: ClientRequest, opts: AgentRequest['opts']): void =>
    void requests.push({ req, opts });
  const agent = Object.assign(secure ? new https.Agent() : new http.Agent(), { addRequest });
  return { agent, requests };
}

/** Makes a client whose request goes to an idle agent, and returns what the agent got by then. */
export function requested(
  engine: Engine,
  address: string | URL,
  protocols?: unknown,
  options: object = {},
): AgentRequest {
  const { agent, requests } = idleAgent({ secure: /^(wss|https):/.test(`${address}`) });
  connect(engine, address, protocols, { ...options, agent });
  if (requests.length !== 1) throw new Error(`${requests.length} requests`);
  return requests[0]!;
}
