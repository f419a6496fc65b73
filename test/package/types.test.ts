import { describe, expect, it } from 'vitest';
import { createProject } from './project.ts';

/** What every program can say of the two classes and of the types, whichever way it got them. */
const USE = `
const server: WebSocketServer = new WebSocketServer({ port: 0, perMessageDeflate: { threshold: 1024 } }, () => {});
const options: ClientOptions = { handshakeTimeout: 1000, headers: { 'x-test': '1' } };
const ws: WebSocket = new WebSocket('ws://127.0.0.1', ['chat'], options);
ws.on('message', (data: RawData, isBinary: boolean) => ws.send(String(data), { binary: isBinary }));
ws.on('close', (code: number, reason: Buffer) => ws.close(code, reason));
const state: 0 | 1 | 2 | 3 = ws.readyState;
for (const client of server.clients ?? []) {
  const same: WebSocket = client;
  if (same.readyState === WebSocket.OPEN) same.send(new Uint8Array(1));
}
class Session extends WebSocket {
  user = state;
}
const session: WebSocket = new Session('ws://127.0.0.1');
function receive(data: WebSocket.RawData, through: WebSocket.Server): WebSocket.ClientOptions {
  const alias: typeof WebSocketServer = WebSocket.Server;
  return through instanceof alias && data instanceof Buffer ? {} : options;
}
// @ts-expect-error There is no such method.
ws.dispatch(session, receive);
// @ts-expect-error A port is a number.
new WebSocketServer({ port: '80' });
`;

/** What a program can say of the WebSocket of the web. */
const WEB_USE = `
const page = new web.WebSocket(new URL('ws://127.0.0.1'), ['chat']);
page.onmessage = ({ data, origin }) => console.log(data, origin);
page.addEventListener('close', function (event) {
  const closed: web.CloseEvent = event;
  this.binaryType = closed.code === web.WebSocket.OPEN ? 'blob' : 'arraybuffer';
});
page.send(new Blob(['x']));
const init: web.WebSocketInit = { protocols: 'chat', headers: new Headers(), tls: { rejectUnauthorized: false } };
const target: EventTarget = new web.WebSocket('ws://127.0.0.1', init);
console.log(target);
// @ts-expect-error There is no such method.
page.ping();
`;

/** What a program can say of the client and the hooks. */
const CLIENT_USE = `
type Chat = {
  client: { say: (data: { text: string }) => { id: string } };
  server: { said: (data: { from: string; text: string }) => void };
};
const reconnecting = new client.ReconnectingWebSocket<{ chat: { text: string } }>(
  async () => 'ws://127.0.0.1',
  [],
  { WebSocket: web.WebSocket, queue: { overflow: 'drop-oldest' } },
);
reconnecting.on('chat', ({ text }) => text.length);
reconnecting.on('reconnecting', ({ attempt, delayMs }) => attempt + delayMs);
reconnecting.addEventListener('close', ({ code }) => code.toFixed());
reconnecting.onmessage = ({ data }) => console.log(data);
const chat = new client.HubClient<Chat>('ws://127.0.0.1', { WebSocket: WebSocket });
chat.on('said', ({ from, text }, { room }) => console.log(from, text, room));
chat.on('gap', ({ room }) => room.length);
const reply: Promise<{ id: string }> = chat.request('say', { text: 'x' });
// @ts-expect-error There is no such event.
chat.emit('sing', reply);
function Room(url: string | null) {
  const { client: held, status } = react.useHub<Chat>(url);
  react.useHubEvent(held, 'said', ({ text }) => text.length);
  react.useHubEvent(held, 'connected', ({ resumed }) => resumed);
  const { send, lastMessage } = react.useWebSocket(url, { onMessage: (message: unknown) => message });
  return { status, send, lastMessage };
}
console.log(Room);
`;

/** What a program can say of metrics, and of the channels. */
const METRICS_USE = `
class Counted {
  constructor(configuration: { name: string; labelNames: string[] }) {}
  inc(labels: { [label: string]: string }, value: number): void {}
  observe(labels: { [label: string]: string }, value: number): void {}
}
const register = { removeSingleMetric: (name: string) => {}, contentType: 'text/plain' };
const stopped: void = metrics
  .createMetrics({ client: { Counter: Counted, Gauge: Counted, Histogram: Counted, register }, register })
  .stop();
subscribe('hawser:message:in', (message) => {
  const { bytes, role } = message as ChannelMessages['hawser:message:in'];
  console.log(bytes.toFixed(), role === 'server', stopped);
});
`;

const REQUIRE = `
import { subscribe } from 'node:diagnostics_channel';
import metrics = require('hawser/metrics');
type ChannelMessages = WebSocket.ChannelMessages;
import WebSocket = require('hawser');
import web = require('hawser/web');
import core = require('hawser/core');
import client = require('hawser/client');
import react = require('hawser/react');
import WebSocketServer = WebSocket.WebSocketServer;
type RawData = WebSocket.RawData;
type ClientOptions = WebSocket.ClientOptions;
const itself: typeof WebSocket = WebSocket.WebSocket;
const opcode: core.MessageOpcode = core.TEXT;
console.log(itself, opcode, new core.Utf8Validator());
${USE}${WEB_USE}${CLIENT_USE}${METRICS_USE}`;

const IMPORT = `
import { subscribe } from 'node:diagnostics_channel';
import * as metrics from 'hawser/metrics';
import WebSocket, { WebSocket as Named, WebSocketServer, type ChannelMessages, type ClientOptions, type RawData } from 'hawser';
import * as web from 'hawser/web';
import * as client from 'hawser/client';
import * as react from 'hawser/react';
import { ProtocolError, TEXT, type MessageOpcode, type ProtocolErrorCode } from 'hawser/core';
const named: typeof WebSocket = Named;
const opcode: MessageOpcode = TEXT;
function codeOf(error: unknown): ProtocolErrorCode | undefined {
  return error instanceof ProtocolError ? error.code : undefined;
}
console.log(named, opcode, codeOf);
${USE}${WEB_USE}${CLIENT_USE}${METRICS_USE}`;

/** In ESM alone: what CommonJS only has as a property. */
const IMPORT_ESM = `
// @ts-expect-error Server is a static of the class, not a named export.
import { Server } from 'hawser';
${IMPORT}
console.log(Server);`;

const STRICT = {
  strict: true,
  noEmit: true,
  target: 'ES2022',
  lib: ['ES2022'],
  types: ['node'],
  // The declarations of the package are checked, too.
  skipLibCheck: false,
};

const COMPILED = { code: 0, output: '' };

describe.each([
  ['node16, CommonJS, import = require', 'main.cts', REQUIRE, { module: 'node16' }],
  ['node16, CommonJS, import', 'main.cts', IMPORT, { module: 'node16' }],
  ['node16, ESM, import', 'main.mts', IMPORT_ESM, { module: 'node16' }],
  ['nodenext, ESM, import', 'main.mts', IMPORT_ESM, { module: 'nodenext' }],
  [
    'bundler, CommonJS, import = require',
    'main.ts',
    REQUIRE,
    { module: 'commonjs', moduleResolution: 'bundler' },
  ],
  ['bundler, preserve, import = require', 'main.ts', REQUIRE, { module: 'preserve' }],
  ['bundler, ESM, import', 'main.ts', IMPORT_ESM, { module: 'esnext', moduleResolution: 'bundler' }],
  [
    'exact optional properties',
    'main.mts',
    IMPORT_ESM,
    { module: 'node16', exactOptionalPropertyTypes: true },
  ],
])('a TypeScript program: %s', (_, file, program, compilerOptions) => {
  it('compiles', () => expect(compile(file, program, compilerOptions)).resolves.toEqual(COMPILED));
});

it('has a WebSocket that stands in for the one of the DOM library', () => {
  const program = `
import { CloseEvent, WebSocket as Strict } from 'hawser/web';
const ws: WebSocket = new Strict('ws://127.0.0.1');
const event: globalThis.CloseEvent = new CloseEvent('close', { code: 1000 });
const message: Event = event;
ws.onclose = (event) => console.log(event.code, message);
function connect(Implementation: typeof WebSocket): WebSocket {
  return new Implementation('ws://127.0.0.1', 'chat');
}
connect(Strict);
globalThis.WebSocket = Strict;
`;
  const options = { module: 'node16', lib: ['ES2022', 'DOM', 'DOM.Iterable'] };
  return expect(compile('main.mts', program, options)).resolves.toEqual(COMPILED);
});

it('has a client and hooks for pages, which know nothing of Node', () => {
  const program = `
import { HubClient, ReconnectingWebSocket } from 'hawser/client';
import { useHub, useWebSocket } from 'hawser/react';
const ws = new ReconnectingWebSocket('/chat', ['chat'], { WebSocket, signal: AbortSignal.timeout(1000) });
ws.onclose = ({ code, reason, wasClean }) => console.log(code, reason, wasClean);
ws.addEventListener('message', (event: MessageEvent) => console.log(event.data), { once: true });
ws.send(new Blob(['x']));
const target: EventTarget = ws;
const client = new HubClient(new URL(location.href), { WebSocket });
client.on('anything', (data: unknown, { room }) => console.log(data, room, target));
client.emit('anything');
const hooks = [useHub(location.href).client, useWebSocket(null).socket];
console.log(hooks);
`;
  const options = { module: 'esnext', moduleResolution: 'bundler', types: [], lib: ['ES2022', 'DOM'] };
  return expect(compile('main.ts', program, options)).resolves.toEqual(COMPILED);
});

it('takes the callbacks that programs write for ws', () => {
  const program = `
import WebSocket from 'hawser';
declare const ws: WebSocket;
ws.send('text', (error?: Error) => error?.message);
ws.send('text', { compress: false }, (error?: Error) => error?.message);
ws.ping('', true, (error?: Error) => error?.message);
`;
  return expect(compile('main.mts', program, { module: 'node16' })).resolves.toEqual(COMPILED);
});

function compile(file: string, program: string, compilerOptions: object) {
  const tsconfig = { compilerOptions: { ...STRICT, ...compilerOptions }, files: [file] };
  const files = { [file]: program, 'tsconfig.json': JSON.stringify(tsconfig) };
  const project = createProject(files, ['@types/node', 'undici-types']);
  return project.tool('tsc', ['--pretty', 'false']);
}
