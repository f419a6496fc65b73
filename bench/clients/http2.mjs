// Clients over HTTP/1.1 and HTTP/2 that know no messages: they write bytes, and count those that come back.
import { once } from 'node:events';
import { connect as connectHttp2 } from 'node:http2';
import { connect } from 'node:net';
import { BINARY, CLOSE, frame, maskedFrame } from '../frames.mjs';
import { PAYLOADS } from '../payloads.mjs';
import { say, settings } from '../servers/control.mjs';
import { answerMarks } from '../servers/marks.mjs';

const { port, mode, sessions, connections, messages, request } = settings;
const { batch, reply } = bytesOf(settings);

const CONNECT = {
  ':method': 'CONNECT',
  ':protocol': 'websocket',
  ':scheme': 'http',
  ':path': '/',
  'sec-websocket-version': '13',
};
/** Connections that are opened at once. */
const AT_A_TIME = 25;
/** So that no server waits for a window of ours. */
const WINDOW_BYTES = 16 * 2 ** 20;

const turns = Array(connections).fill(0);

const WAYS = {
  /** A connection of HTTP/1.1. */
  async none() {
    const socket = connect(port, '127.0.0.1');
    socket.on('error', fail).write(request);
    const [response] = await once(socket, 'data');
    if (!String(response).startsWith('HTTP/1.1 101 ')) fail(String(response));
    return socket;
  },

  /** A stream on the session that all share. */
  async one() {
    shared ??= openSession();
    return openStream(await shared);
  },

  /** A stream on a session of its own, as each browser has one. */
  async each() {
    const session = await openSession();
    const stream = await openStream(session);
    stream.once('close', () => session.close());
    return stream;
  },
};

let shared;

async function openSession() {
  const session = connectHttp2(`http://127.0.0.1:${port}`, { settings: { initialWindowSize: WINDOW_BYTES } });
  session.on('error', fail);
  session.once('connect', () => session.setLocalWindowSize(WINDOW_BYTES));
  await once(session, 'remoteSettings');
  return session;
}

async function openStream(session) {
  const stream = session.request(CONNECT, { endStream: false }).on('error', fail);
  const [headers] = await once(stream, 'response');
  if (headers[':status'] !== 200) fail(`status ${headers[':status']}`);
  return stream;
}

const MODES = {
  async echo() {
    const opened = await openAll();
    opened.forEach((duplex, i) => {
      onTurns(duplex, () => {
        turns[i]++;
        duplex.write(batch);
      });
      duplex.write(batch);
    });
  },

  /** The first writes, and all get it. */
  async broadcast() {
    const opened = await openAll();
    let got = 0;
    opened.forEach((duplex, i) => {
      onTurns(duplex, () => {
        turns[i]++;
        if (++got < connections) return;
        got = 0;
        opened[0].write(batch);
      });
    });
    opened[0].write(batch);
  },

  /** Opens, says Close, has the answer, and ends: again and again. */
  async handshake() {
    for (let i = 0; i < connections; i++) void openAgain(i).catch(fail);
  },
};

async function openAgain(i) {
  for (;;) {
    const duplex = await WAYS[sessions]();
    const closed = once(duplex, 'close');
    duplex.once('data', () => duplex.end());
    duplex.write(batch);
    await closed;
    turns[i]++;
  }
}

async function openAll() {
  const opened = [];
  while (opened.length < connections) {
    const count = Math.min(AT_A_TIME, connections - opened.length);
    opened.push(...(await Promise.all(Array.from({ length: count }, () => WAYS[sessions]()))));
  }
  for (const duplex of opened) duplex.on('close', () => fail('a connection ended'));
  return opened;
}

/** The first reply is compared, of the others the bytes are counted. */
function onTurns(duplex, onTurn) {
  let got = 0;
  let isFirst = true;
  duplex.on('data', (chunk) => {
    if (isFirst && !chunk.equals(reply.subarray(got, got + chunk.length))) fail('a reply is wrong');
    got += chunk.length;
    if (got < reply.length) return;
    if (got > reply.length) fail('a reply is too long');
    got = 0;
    isFirst = false;
    onTurn();
  });
}

/** What is written, and what has to come back: of bare streams the same. */
function bytesOf({ payloadBytes, raw }) {
  // 1000 (RFC 6455 §7.4.1).
  const normal = Buffer.from([0x03, 0xe8]);
  const [firstByte, payloads] =
    mode === 'handshake'
      ? [CLOSE, [normal]]
      : [BINARY, Array.from({ length: messages }, (_, i) => PAYLOADS.binary(payloadBytes, i))];
  const batch = Buffer.concat(payloads.map((payload) => maskedFrame(firstByte, payload)));
  return { batch, reply: raw ? batch : Buffer.concat(payloads.map((payload) => frame(firstByte, payload))) };
}

function fail(why) {
  console.error(why);
  process.exit(1);
}

answerMarks(turns, messages);
await MODES[mode]();
say({});
