import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseSync } from 'rolldown/utils';
import { describe, expect, inject, it } from 'vitest';
import { createProject } from './project.ts';

// What each entry point gives its users: a change here is a change of the public API.

const MAIN = [
  'PerMessageDeflate',
  'PreparedMessage',
  'Receiver',
  'Sender',
  'WebSocket',
  'WebSocketServer',
  'createWebSocketStream',
  'extension',
  'subprotocol',
];
const READY_STATES = ['CLOSED', 'CLOSING', 'CONNECTING', 'OPEN'];
const MAIN_TYPES = [
  'AddressInfo',
  'AllowedOrigins',
  'BinaryType',
  'BroadcastOptions',
  'BufferReport',
  'CertMeta',
  'ChannelMessages',
  'ChannelName',
  'ClientOptions',
  'CloseEvent',
  'CloseInfo',
  'CloseReport',
  'ConnectionLimits',
  'ConnectionReport',
  'Data',
  'DefaultBinaryType',
  'DrainOptions',
  'DrainResult',
  'ErrorEvent',
  'ErrorReport',
  'Event',
  'EventListenerOptions',
  'FinishRequestCallback',
  'Handshake',
  'HeartbeatOptions',
  'HubRefusalReport',
  'HubRoomReport',
  'HubSocketReport',
  'LatencyReport',
  'LimitName',
  'LimitReport',
  'MessageEvent',
  'MessageOptions',
  'MessageReport',
  'MessageStream',
  'OpenInfo',
  'PerMessageDeflateOptions',
  'ProxyOption',
  'ProxySettings',
  'RawData',
  'ReadyState',
  'SendData',
  'SendStreamOptions',
  'SentMessageReport',
  'ServerOptions',
  'SlowPeerPolicy',
  'StreamChunk',
  'StreamSource',
  'StreamedConnection',
  'VerifyClient',
  'VerifyClientCallbackAsync',
  'VerifyClientCallbackSync',
  'VerifyClientInfo',
  'WebSocketClass',
  'WebSocketEventMap',
  'WebSocketEvents',
  'WebSocketServerEvents',
];
const CORE = [
  'BINARY',
  'CLOSE',
  'CONTINUATION',
  'CloseCode',
  'MAX_CONTROL_PAYLOAD_BYTES',
  'PING',
  'PONG',
  'Protocol',
  'ProtocolError',
  'TEXT',
  'Utf8Validator',
  'applyMask',
  'createFrameHeader',
  'frameHeaderLength',
  'isValidCloseCode',
  'isValidUtf8',
  'parseClosePayload',
  'parseFrameHeader',
  'serializeClosePayload',
  'serializeFrame',
  'writeFrameHeader',
];
const CORE_TYPES = [
  'Allocate',
  'BackPressure',
  'ClosePayload',
  'Compression',
  'CompressionCallback',
  'FrameHeader',
  'FrameRules',
  'FrameWriter',
  'IsUtf8',
  'MessageOpcode',
  'Payload',
  'PayloadSource',
  'PayloadMemory',
  'ProtocolErrorCode',
  'ProtocolEvents',
  'ProtocolOptions',
  'Role',
  'SendCallback',
  'SendOptions',
  'Transport',
  'UnreadPayload',
];

const WEB = ['CloseEvent', 'WebSocket', 'WebSocketError', 'WebSocketStream'];
const WEB_TYPES = [
  'BinaryType',
  'CloseEventInit',
  'WebSocketCloseInfo',
  'WebSocketEventMap',
  'WebSocketInit',
  'WebSocketOpenInfo',
  'WebSocketStreamOptions',
];

const HUB = [
  'DEFAULT_HISTORY',
  'DEFAULT_LIMITS',
  'HUB_ERRORS',
  'HubCloseCode',
  'HubError',
  'Refused',
  'createHub',
  'memoryAdapter',
  'tokenOf',
];
const HUB_TYPES = [
  'Adapter',
  'AdapterNode',
  'AdapterReport',
  'AllowedOrigins',
  'CheckedHandler',
  'Contract',
  'DataOf',
  'DrainOptions',
  'DrainResult',
  'EmitOptions',
  'Handler',
  'HandlerOptions',
  'HeartbeatOptions',
  'HistoryLimits',
  'Hub',
  'HubClose',
  'HubErrorCode',
  'HubEvents',
  'HubLimits',
  'HubOptions',
  'HubServerOptions',
  'HubSocket',
  'MaybePromise',
  'Member',
  'Namespace',
  'NamespaceOptions',
  'NodeRequest',
  'Offset',
  'OnConnection',
  'OnDisconnect',
  'OpenContract',
  'Rate',
  'RefusalDetails',
  'ReplyTo',
  'RequestOptions',
  'RoomEntry',
  'RoomHistory',
  'RoomMessage',
  'RoomTarget',
  'SchemaIssue',
  'SessionRecord',
  'StandardSchema',
  'TokenPlaces',
];

const CLIENT = ['HUB_ERRORS', 'HubClient', 'HubCloseCode', 'HubError', 'ReconnectingWebSocket'];
const CLIENT_TYPES = [
  'Answer',
  'BinaryType',
  'ClientHeartbeat',
  'Close',
  'ConnectionState',
  'Contract',
  'DataOf',
  'Disconnected',
  'EventContext',
  'FamiliarOptions',
  'HubClientEvents',
  'HubClientOptions',
  'HubClose',
  'HubErrorCode',
  'LifecycleEvents',
  'Member',
  'MessageMap',
  'OpenContract',
  'Overflow',
  'Provided',
  'QueueLimits',
  'Reconnecting',
  'ReconnectingEvents',
  'ReconnectingOptions',
  'ReliableOptions',
  'ReplyTo',
  'RequestOptions',
  'Sendable',
  'StandardEvents',
  'WebSocketClass',
  'WebSocketShape',
];
const REACT = ['useHub', 'useHubEvent', 'useWebSocket'];
const REACT_TYPES = [
  'ConnectionStatus',
  'HookUrl',
  'SocketSnapshot',
  'UseHub',
  'UseHubOptions',
  'UseWebSocket',
  'UseWebSocketOptions',
];

describe('hawser', () => {
  it.each(['mjs', 'js'])('throws in a browser: index.browser.%s', async (ending) => {
    const called = `import('./node_modules/hawser/dist/index.browser.${ending}').then((m) => m.default())`;
    expect(await evaluate(`await ${called}.catch((error) => error.message)`)).toMatch(
      /^hawser does not work in the browser/,
    );
    const condition = ending === 'mjs' ? 'import' : 'require';
    expect(await evaluate(`require('hawser/package.json').exports['.'].${condition}.browser`)).toBe(
      `./dist/index.browser.${ending}`,
    );
  });

  it('requires as a class with these statics', async () => {
    expect(await namesIn(`require('hawser')`)).toEqual([...MAIN, 'Server', ...READY_STATES].sort());
  });

  it('keeps the name and the length that libraries look at', async () => {
    expect(await evaluate(`(({ name, length }) => [name, length])(require('hawser'))`)).toEqual([
      'WebSocket',
      3,
    ]);
    expect(await evaluate(`require('hawser').Server.name`)).toBe('WebSocketServer');
  });

  it('imports as these names', async () => {
    expect(await namesIn(`await import('hawser')`)).toEqual([...MAIN, 'default'].sort());
  });

  it('has these types', () => {
    expect(declaredNames('index.d.mts')).toEqual([...MAIN, ...MAIN_TYPES, 'default'].sort());
  });
});

describe('hawser/core', () => {
  it('requires as these names', async () => {
    expect(await namesIn(`require('hawser/core')`)).toEqual(CORE);
  });

  it('imports as these names', async () => {
    expect(await namesIn(`await import('hawser/core')`)).toEqual(CORE);
  });

  it('imports as these names in a browser', async () => {
    expect(await namesIn(`await import('./node_modules/hawser/dist/core.mjs')`)).toEqual(CORE);
  });

  it('has these types', () => {
    expect(declaredNames('types/core/index.d.ts')).toEqual([...CORE, ...CORE_TYPES].sort());
  });
});

describe('hawser/web', () => {
  it('requires as these names', async () => {
    expect(await namesIn(`require('hawser/web')`)).toEqual(WEB);
  });

  it('imports as the same classes', async () => {
    expect(await namesIn(`await import('hawser/web')`)).toEqual(WEB);
    const same = `(await import('hawser/web')).WebSocket === require('hawser/web').WebSocket`;
    expect(await evaluate(same)).toBe(true);
  });

  it.each(['mjs', 'js'])('is the platform in a browser: web.browser.%s', async (ending) => {
    const browser = `await import('./node_modules/hawser/dist/web.browser.${ending}')`;
    const isPlatform = `(globalThis.CloseEvent = class {}, (${browser}).CloseEvent === globalThis.CloseEvent)`;
    expect(await evaluate(isPlatform)).toBe(true);
    expect(await evaluate(`require('hawser/package.json').exports['./web'].browser`)).toMatchObject({
      import: './dist/web.browser.mjs',
      default: './dist/web.browser.js',
    });
  });

  it('keeps the names of its classes', async () => {
    expect(await evaluate(`Object.values(require('hawser/web')).map(({ name }) => name).sort()`)).toEqual(
      WEB,
    );
  });

  it('has these types', () => {
    expect(declaredNames('types/web/index.d.ts')).toEqual([...WEB, ...WEB_TYPES].sort());
  });
});

describe('hawser/hub', () => {
  it('requires as these names', async () => {
    expect(await namesIn(`require('hawser/hub')`)).toEqual(HUB);
  });

  it('imports as the same', async () => {
    expect(await namesIn(`await import('hawser/hub')`)).toEqual(HUB);
    expect(await evaluate(`(await import('hawser/hub')).createHub === require('hawser/hub').createHub`)).toBe(
      true,
    );
  });

  it('stands on the same classes as the main entry', async () => {
    const prepared = `new (require('hawser').PreparedMessage)('a')`;
    const program = `(() => {
      const hub = require('hawser/hub').createHub({ noServer: true });
      return [hub.sockets.size, ${prepared}.length];
    })()`;
    expect(await evaluate(program)).toEqual([0, 1]);
  });

  it('has these types', () => {
    expect(declaredNames('types/hub/index.d.ts')).toEqual([...HUB, ...HUB_TYPES].sort());
  });
});

describe.each([
  ['redis', ['redisAdapter'], ['BacklogLimits', 'RedisAdapterOptions', 'RedisClient', 'RedisSource']],
  ['cluster', ['ClusterPrimary', 'clusterAdapter'], ['ClusterAdapterOptions', 'ClusterPeer']],
  [
    'metrics',
    ['createMetrics'],
    ['MetricConfiguration', 'MetricLabels', 'Metrics', 'MetricsClient', 'MetricsOptions', 'MetricsRegister'],
  ],
])('hawser/%s', (name, values, types) => {
  it('requires and imports as these names', async () => {
    expect(await namesIn(`require('hawser/${name}')`)).toEqual(values);
    expect(await namesIn(`await import('hawser/${name}')`)).toEqual(values);
  });

  it('has these types', () => {
    expect(declaredNames(`types/${name}/index.d.ts`)).toEqual([...values, ...types].sort());
  });
});

it('listens with hawser/metrics to the very channels of hawser', async () => {
  const program = `(() => {
    const client = require('prom-client');
    const metrics = require('hawser/metrics').createMetrics({ client });
    const { hasSubscribers } = require('node:diagnostics_channel').channel('hawser:open');
    metrics.stop();
    return hasSubscribers;
  })()`;
  expect(await evaluate(program, ['prom-client', 'tdigest', 'bintrees', '@opentelemetry/api'])).toBe(true);
});

it('says which packages a Redis adapter needs, where they are not', async () => {
  const node = `{ id: 'x', history: { count: 1, ageMs: 1 } }`;
  const opened = `require('hawser/redis').redisAdapter({ url: 'redis://127.0.0.1' }).open(${node})`;
  expect(await evaluate(`await ${opened}.catch((error) => error.message)`)).toMatch(/npm install redis/);
});

describe('hawser/client', () => {
  it('requires as these names', async () => {
    expect(await namesIn(`require('hawser/client')`)).toEqual(CLIENT);
  });

  it('imports as the same classes', async () => {
    expect(await namesIn(`await import('hawser/client')`)).toEqual(CLIENT);
    const same = `(await import('hawser/client')).HubClient === require('hawser/client').HubClient`;
    expect(await evaluate(same)).toBe(true);
  });

  it('imports as these names in a browser', async () => {
    expect(await namesIn(`await import('./node_modules/hawser/dist/client.mjs')`)).toEqual(CLIENT);
  });

  it('has these types', () => {
    expect(declaredNames('types/client/index.d.ts')).toEqual([...CLIENT, ...CLIENT_TYPES].sort());
  });
});

describe('hawser/react', () => {
  it('requires and imports as these names, also in a browser', async () => {
    expect(await namesIn(`require('hawser/react')`, ['react'])).toEqual(REACT);
    expect(await namesIn(`await import('hawser/react')`, ['react'])).toEqual(REACT);
    expect(await namesIn(`await import('./node_modules/hawser/dist/react.mjs')`, ['react'])).toEqual(REACT);
  });

  it.each(['react.mjs', 'react.js'])('is for the client, to those who look: %s', (file) => {
    const path = join(inject('installed'), 'dist', file);
    expect(readFileSync(path, 'utf8')).toMatch(/^("use strict";\n)?"use client";/);
  });

  it('has these types', () => {
    expect(declaredNames('types/react/index.d.ts')).toEqual([...REACT, ...REACT_TYPES].sort());
  });
});

it('has no other entry point', async () => {
  expect(await evaluate(`Object.keys(require('hawser/package.json').exports)`)).toEqual([
    '.',
    './core',
    './web',
    './hub',
    './redis',
    './cluster',
    './metrics',
    './client',
    './react',
    './package.json',
  ]);
});

function namesIn(expression: string, packages?: readonly string[]): Promise<unknown> {
  return evaluate(`Object.keys(${expression}).sort()`, packages);
}

/** Evaluates in plain Node, in a project that has the package installed. */
async function evaluate(expression: string, packages: readonly string[] = []): Promise<unknown> {
  const program = `(async () => console.log(JSON.stringify(${expression})))()`;
  const { code, output } = await createProject({ 'main.cjs': program }, packages).node('main.cjs');
  if (code !== 0) throw new Error(output);
  return JSON.parse(output);
}

function declaredNames(file: string): string[] {
  const path = join(inject('installed'), 'dist', file);
  const { staticExports } = parseSync(path, readFileSync(path, 'utf8')).module;
  return staticExports
    .flatMap(({ entries }) => entries)
    .map(({ exportName }) => exportName.name ?? exportName.kind.toLowerCase())
    .sort();
}
