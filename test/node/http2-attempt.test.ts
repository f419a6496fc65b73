import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { OutgoingHttpHeaders, ServerHttp2Stream } from 'node:http2';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Http2Attempt, type Http2Choice } from '../../src/node/http2-attempt.ts';
import type { ClientRequest, Opened } from '../../src/node/opening-handshake.ts';
import {
  END_HEADERS,
  fieldBlock,
  GOAWAY,
  HEADERS,
  type Http2Attacker,
  h2Frame,
  RST_STREAM,
} from '../behaviour/http2-peer.ts';
import { attackClients } from '../security/http2-attacker.ts';
import { openSession, startHttp2 } from './http2-pair.ts';

/** What an attempt told, in order. */
interface Attempted {
  readonly attempt: Http2Attempt;
  readonly log: unknown[];
  readonly done: Promise<void>;
  readonly opened: () => Opened | undefined;
  readonly response: () => IncomingMessage | undefined;
}

interface Settings {
  readonly choice?: Http2Choice;
  readonly wantsUnexpectedResponse?: boolean;
  readonly upgrade?: Partial<ClientRequest['upgrade']>;
  readonly handshakeTimeout?: number;
}

function attempt(port: number, settings: Settings = {}): Attempted {
  const { choice = true, wantsUnexpectedResponse = false, upgrade, handshakeTimeout = 0 } = settings;
  const log: unknown[] = [];
  let opened: Opened | undefined;
  let unexpected: IncomingMessage | undefined;
  let settle = (): void => {};
  const done = new Promise<void>((resolve) => {
    settle = resolve;
  });
  const request: ClientRequest = {
    target: { secure: false, host: '127.0.0.1', port, options: {} },
    upgrade: { target: '/', host: 'a:1', version: 13, subprotocols: [], ...upgrade },
    deflate: undefined,
    handshakeTimeout,
  };
  const made = new Http2Attempt(
    request,
    {
      websocket: {},
      wantsUnexpectedResponse: () => wantsUnexpectedResponse,
      onUnexpectedResponse(_request, response) {
        log.push(response.statusCode);
        unexpected = response;
        settle();
      },
      onUpgrade: (response) => log.push(`upgrade ${response.httpVersion} ${response.statusCode}`),
      onOpened(told) {
        log.push('opened');
        opened = told;
        settle();
      },
      onFailed(error) {
        log.push((error as { code?: string }).code ?? error.message);
        settle();
      },
    },
    choice,
  );
  onTestFinished(() => {
    made.abort();
    opened?.socket.destroy();
  });
  return { attempt: made, log, done, opened: () => opened, response: () => unexpected };
}

async function serve(answer: (stream: ServerHttp2Stream, headers: OutgoingHttpHeaders) => void) {
  const started = await startHttp2();
  started.server.on('stream', (stream, headers) => {
    stream.on('error', () => {});
    answer(stream, headers);
  });
  return started;
}

const ACCEPT = (stream: ServerHttp2Stream): void => stream.respond({ ':status': 200 });

describe('Http2Attempt', () => {
  it('opens, with what the server agreed to', async () => {
    const asked: OutgoingHttpHeaders[] = [];
    const { port, url, sockets } = await serve((stream, headers) => {
      asked.push(headers);
      stream.respond({ ':status': 200, 'sec-websocket-protocol': 'b' });
      stream.write('first');
    });
    const settings = { upgrade: { subprotocols: ['a', 'b'], target: '/x' } };
    const first = attempt(port, settings);
    await first.done;
    expect([first.log, first.opened()!.subprotocol]).toEqual([['upgrade 2.0 200', 'opened'], 'b']);
    expect(String((await once(first.opened()!.socket, 'data'))[0])).toBe('first');
    expect(asked[0]).toMatchObject({ ':authority': 'a:1', ':path': '/x', ':protocol': 'websocket' });
    const second = attempt(port, { ...settings, choice: await openSession(url) });
    await second.done;
    expect([second.log.at(-1), sockets()]).toEqual(['opened', 2]);
  });

  it.each<[string, (stream: ServerHttp2Stream) => void, unknown[]]>([
    [
      'another status',
      (stream) => stream.respond({ ':status': 403 }, { endStream: true }),
      ['Unexpected server response: 403'],
    ],
    [
      'an answer to another request',
      (stream) => stream.respond({ ':status': 200, 'sec-websocket-protocol': 'x' }),
      ['upgrade 2.0 200', 'Server sent a subprotocol but none was requested'],
    ],
    ['a reset', (stream) => stream.close(2), ['ERR_HTTP2_STREAM_ERROR']],
    ['a reset without an error', (stream) => stream.close(8), ['ECONNRESET']],
    ['the end of the session', (stream) => stream.session!.destroy(), ['ECONNRESET']],
  ])('fails by %s', async (_name, answer, expected) => {
    const { port } = await serve(answer);
    const { log, done } = attempt(port);
    await done;
    expect(log).toEqual(expected);
  });

  it('hands a refusal over with its body, to who wants it', async () => {
    const { port } = await serve((stream) => {
      stream.respond({ ':status': 401, 'www-authenticate': 'Basic' });
      stream.end('who are you?');
    });
    const { log, done, response } = attempt(port, { wantsUnexpectedResponse: true });
    await done;
    let body = '';
    for await (const chunk of response()!) body += chunk;
    expect([log, response()!.headers['www-authenticate'], body]).toEqual([[401], 'Basic', 'who are you?']);
  });

  it('fails where there is no HTTP/2, where it is not allowed, and in time', async () => {
    const closed = attempt(1);
    await closed.done;
    const { port } = await startHttp2({});
    const without = attempt(port);
    await without.done;
    const silent = await serve(() => {});
    const late = attempt(silent.port, { handshakeTimeout: 50 });
    await late.done;
    expect([closed.log, without.log, late.log]).toEqual([
      ['ECONNREFUSED'],
      ['WS_ERR_HTTP2_UNSUPPORTED'],
      ['Opening handshake has timed out'],
    ]);
  });

  it('falls back to HTTP/1.1', async () => {
    const { port } = await startHttp2({});
    const { log, done } = attempt(port, { choice: 'auto' });
    await done;
    // The server has nothing else than HTTP/2 to answer with.
    expect(log).toHaveLength(1);
    expect(log).not.toEqual(['WS_ERR_HTTP2_UNSUPPORTED']);
  });

  it('tells nothing when it is given up, and leaves the others of its session alone', async () => {
    const { port } = await serve(ACCEPT);
    const kept = attempt(port);
    const given = attempt(port);
    given.attempt.abort();
    await kept.done;
    expect([kept.log.at(-1), given.log]).toEqual(['opened', []]);
  });

  it('does not begin with what can not be sent', () => {
    expect(() => attempt(1, { upgrade: { headers: { 'a b': 'c' } } })).toThrow(TypeError);
  });
});

/** What a server by hand does with a session: it sends the frames at once, and to each request. */
interface Answer {
  readonly atOnce?: Buffer;
  readonly toRequest?: (stream: number) => Buffer;
  readonly end?: boolean;
}

/** A server by hand, which has an answer for each session; the last is for all that follow, too. */
async function answerSessions(...answers: readonly [Answer, ...Answer[]]) {
  const sessions: Http2Attacker[] = [];
  const url = await attackClients((session) => {
    const answer = answers[sessions.length] ?? answers.at(-1)!;
    sessions.push(session);
    // Until the session ends.
    answerRequests(session, answer).catch(() => {});
  });
  return { url: url.replace('ws:', 'http:'), port: Number(new URL(url).port), sessions };
}

async function answerRequests(session: Http2Attacker, { atOnce, toRequest, end }: Answer): Promise<void> {
  if (atOnce !== undefined) session.socket.write(atOnce);
  for (let next = 1; toRequest !== undefined; next += 2) {
    await session.until(({ type, stream }) => type === HEADERS && stream === next);
    session.socket.write(toRequest(next));
    if (end) session.socket.end();
  }
}

function reset(code: number): (stream: number) => Buffer {
  return (stream) => h2Frame(RST_STREAM, 0, stream, Buffer.from([0, 0, 0, code]));
}

function goaway(lastStream: number, code: number): Buffer {
  return h2Frame(GOAWAY, 0, 0, Buffer.from([0, 0, 0, lastStream, 0, 0, 0, code]));
}

function respond(status: string): (stream: number) => Buffer {
  return (stream) => h2Frame(HEADERS, END_HEADERS, stream, fieldBlock({ ':status': status }));
}

const ACCEPTS: Answer = { toRequest: respond('200') };
const REFUSES: Answer = { toRequest: reset(7) };

describe('a request that the server has done nothing with', () => {
  it.each<[string, Answer]>([
    ['REFUSED_STREAM', REFUSES],
    ['GOAWAY', { toRequest: () => goaway(0, 0) }],
    ['GOAWAY with an error', { toRequest: () => goaway(0, 11) }],
    ['GOAWAY in two steps', { toRequest: () => Buffer.concat([goaway(127, 0), goaway(0, 0)]) }],
    ['GOAWAY before it is sent', { atOnce: goaway(0, 0) }],
  ])('is made again on another session: %s', async (_name, answer) => {
    const { port, sessions } = await answerSessions(answer, ACCEPTS);
    const { log, done } = attempt(port);
    await done;
    expect([log, sessions.length]).toEqual([['upgrade 2.0 200', 'opened'], 2]);
  });

  it.each<[string, Answer, string]>([
    ['a reset by another code', { toRequest: reset(2) }, 'ERR_HTTP2_STREAM_ERROR'],
    ['GOAWAY with it as the last', { toRequest: () => goaway(1, 11) }, 'ERR_HTTP2_SESSION_ERROR'],
    [
      'GOAWAY without an error, with it as the last',
      { toRequest: () => goaway(1, 0), end: true },
      'ECONNRESET',
    ],
    ['the end of the session', { toRequest: () => Buffer.alloc(0), end: true }, 'ECONNRESET'],
    [
      'REFUSED_STREAM after an interim response',
      { toRequest: (stream) => Buffer.concat([respond('103')(stream), reset(7)(stream)]) },
      'ERR_HTTP2_STREAM_ERROR',
    ],
  ])('is not what fails by %s', async (_name, answer, code) => {
    const { port, sessions } = await answerSessions(answer, ACCEPTS);
    const { log, done } = attempt(port);
    await done;
    expect([log, sessions.length]).toEqual([[code], 1]);
  });

  it('is made again once', async () => {
    const { port, sessions } = await answerSessions(REFUSES);
    const { log, done } = attempt(port);
    await done;
    expect([log, sessions.length]).toEqual([['ERR_HTTP2_STREAM_ERROR'], 2]);
  });

  it('is not made again on a session of the caller’s', async () => {
    const { url, port, sessions } = await answerSessions(REFUSES, ACCEPTS);
    const { log, done } = attempt(port, { choice: await openSession(url) });
    await done;
    expect([log, sessions.length]).toEqual([['ERR_HTTP2_STREAM_ERROR'], 1]);
  });

  it('leaves a session that takes no more to those that are on it', async () => {
    const toRequest = (stream: number): Buffer => (stream === 1 ? respond('200') : reset(7))(stream);
    const { port, sessions } = await answerSessions({ toRequest }, ACCEPTS);
    const first = attempt(port);
    await first.done;
    const others = [attempt(port), attempt(port)];
    await Promise.all(others.map(({ done }) => done));
    const last = attempt(port);
    await last.done;
    expect([...others, last].map(({ log }) => log.at(-1))).toEqual(['opened', 'opened', 'opened']);
    expect([first.opened()!.socket.destroyed, sessions.length]).toEqual([false, 2]);
  });

  it('has the time that there was for the first', async () => {
    const { port, sessions } = await answerSessions(REFUSES, {});
    const { log, done } = attempt(port, { handshakeTimeout: 200 });
    await done;
    expect([log, sessions.length]).toEqual([['Opening handshake has timed out'], 2]);
    await sessions[1]!.closed;
  });

  it('is given up with the attempt', async () => {
    let came = (): void => {};
    const again = new Promise<void>((resolve) => {
      came = resolve;
    });
    const toRequest = (): Buffer => {
      came();
      return Buffer.alloc(0);
    };
    const { port, sessions } = await answerSessions(REFUSES, { toRequest });
    const { attempt: given, log } = attempt(port);
    await again;
    given.abort();
    await Promise.all(sessions.map(({ closed }) => closed));
    expect([log, sessions.length]).toEqual([[], 2]);
  });
});
