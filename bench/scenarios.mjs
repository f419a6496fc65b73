// What is measured. `target` is the most that Hawser's figure may be of that of ws.

/**
 * `kind` says how: `echo`, `broadcast` and `handshake` measure a server's CPU, `client` that of clients, `memory` a server's
 * memory. `messages` are in flight on each of `connections`, written `atATime` or all at once; `variety` is how many different turns of messages there are.
 */
export const SCENARIOS = [
  echo('echo-20-1', 'echo 20 B, 100 connections, 1 in flight', ['binary', 20], 100, 1, 0.75),
  echo('echo-20-64', 'echo 20 B, 50 connections, 64 in flight', ['binary', 20], 50, 64, 0.05),
  echo('echo-1k-16', 'echo 1 KiB, 20 connections, 16 in flight', ['binary', 1024], 20, 16, 0.17),
  echo('echo-64k', 'echo 64 KiB, 10 connections', ['binary', 65_536], 10, 1, 0.4),
  echo('echo-1m', 'echo 1 MiB, 4 connections', ['binary', 1_048_576], 4, 1, 0.65),
  echo('text-20-64', 'text echo 20 B, 50 connections, 64 in flight', ['text', 20], 50, 64),
  echo('text-1k-16', 'text echo 1 KiB, 20 connections, 16 in flight', ['text', 1024], 20, 16),
  {
    id: 'broadcast-128-1000',
    title: '128 B to 1,000 connections, per delivery',
    kind: 'broadcast',
    payload: ['binary', 128],
    connections: 1000,
    messages: 1,
    target: 0.7,
  },
  deflate('deflate-1k-1', 'deflate echo 1 KiB of JSON, 50 connections, 1 in flight', 1024, 50, 1, 64, 0.2),
  deflate('deflate-1k-16', 'deflate echo 1 KiB of JSON, 20 connections, 16 in flight', 1024, 20, 16, 8, 0.12),
  deflate('deflate-64k', 'deflate echo 64 KiB of JSON, 8 connections', 65_536, 8, 1, 4, 0.6),
  {
    ...echo('tls-20-64', 'echo 20 B over TLS, 50 connections, 64 in flight', ['binary', 20], 50, 64, 0.25),
    tls: true,
  },
  {
    id: 'handshake',
    title: 'opening handshake, 16 at a time',
    kind: 'handshake',
    connections: 16,
    target: 0.65,
  },
  {
    id: 'client-recv-20-64',
    title: 'client receives 20 B, 50 connections, 64 at a time (CPU of the client)',
    kind: 'client',
    payload: ['binary', 20],
    connections: 50,
    // So many before the client answers, that the answers cost nothing.
    messages: 4096,
    atATime: 64,
    target: 0.1,
  },
  { id: 'idle', title: 'memory of an idle connection', kind: 'memory', connections: 8000, target: 0.8 },
  {
    id: 'idle-deflate',
    title: 'memory of an idle connection, with deflate',
    kind: 'memory',
    payload: ['json', 1024],
    connections: 500,
    messages: 1,
    deflate: true,
  },
];

export function unitOf({ kind }) {
  return kind === 'memory' ? 'bytes' : 'µs';
}

/** What a peer has to be able to do for a scenario, beside plain echo. */
export function needsOf({ deflate, payload, kind }) {
  return [...(deflate ? ['deflate'] : []), ...(payload?.[0] === 'text' ? ['text'] : []), kind];
}

function echo(id, title, payload, connections, messages, target) {
  return { id, title, kind: 'echo', payload, connections, messages, target };
}

function deflate(id, title, bytes, connections, messages, variety, target) {
  return { ...echo(id, title, ['json', bytes], connections, messages, target), variety, deflate: true };
}
