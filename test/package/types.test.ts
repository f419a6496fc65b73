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

const REQUIRE = `
import WebSocket = require('hawser');
import core = require('hawser/core');
import WebSocketServer = WebSocket.WebSocketServer;
type RawData = WebSocket.RawData;
type ClientOptions = WebSocket.ClientOptions;
const itself: typeof WebSocket = WebSocket.WebSocket;
const opcode: core.MessageOpcode = core.TEXT;
console.log(itself, opcode, new core.Utf8Validator());
${USE}`;

const IMPORT = `
import WebSocket, { WebSocket as Named, WebSocketServer, type ClientOptions, type RawData } from 'hawser';
import { ProtocolError, TEXT, type MessageOpcode, type ProtocolErrorCode } from 'hawser/core';
const named: typeof WebSocket = Named;
const opcode: MessageOpcode = TEXT;
function codeOf(error: unknown): ProtocolErrorCode | undefined {
  return error instanceof ProtocolError ? error.code : undefined;
}
console.log(named, opcode, codeOf);
${USE}`;

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
