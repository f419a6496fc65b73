import { describe, expect, it, onTestFinished } from 'vitest';
import { type CloseEvent, WebSocket } from '../../src/web/index.ts';
import { echo, nextConnection, startTestServer } from '../behaviour/engine.ts';
import { closePayload, frame, parseFrames } from '../behaviour/raw-frames.ts';
import { type RawPeer, serveRaw, upgradeResponse } from '../behaviour/raw-peer.ts';

function eventOf(ws: WebSocket, type: string): Promise<Event> {
  return new Promise((resolve) => ws.addEventListener(type, resolve, { once: true }));
}

async function serve(onPeer: (peer: RawPeer, head: string) => void): Promise<string> {
  const server = await serveRaw(onPeer);
  onTestFinished(() => server.close());
  return server.url;
}

/** The Close frame that `close` makes the client send, as its server sees it. */
async function closeFrame(close: (ws: WebSocket) => void): Promise<Buffer> {
  const peers: RawPeer[] = [];
  const ws = new WebSocket(
    await serve((peer, head) => {
      peers.push(peer);
      peer.socket.write(upgradeResponse(head));
    }),
  );
  await eventOf(ws, 'open');
  close(ws);
  await peers[0]!.until((received) => parseFrames(received).length === 1);
  return parseFrames(peers[0]!.received)[0]!.payload;
}

describe('the arguments of close()', () => {
  const ws = new WebSocket('ws://127.0.0.1:25/');

  it.each([0, 500, 999, 1001, 1005, 2999, 5000, 65536 + 1000, NaN, null, 'text', -1])(
    'refuse the code %o',
    (code) => {
      expect(() => ws.close(code as number)).toThrow(expect.objectContaining({ name: 'InvalidAccessError' }));
    },
  );

  it.each(['x'.repeat(124), 'å'.repeat(62), '\ud800'.repeat(42)])(
    'refuse a reason that is too long',
    (reason) => {
      for (const code of [1000, undefined]) {
        expect(() => ws.close(code, reason)).toThrow(expect.objectContaining({ name: 'SyntaxError' }));
      }
    },
  );

  it('are converted first, in order, and then checked', () => {
    expect(() => ws.close(1n as unknown as number)).toThrow(TypeError);
    expect(() => ws.close(5, Symbol('x') as unknown as string)).toThrow(TypeError);
    expect(() => ws.close(5, 'x'.repeat(124))).toThrow(
      expect.objectContaining({ name: 'InvalidAccessError' }),
    );
  });

  it.each<[string, Buffer, (ws: WebSocket) => void]>([
    ['no argument', Buffer.alloc(0), (ws) => ws.close()],
    ['undefined', Buffer.alloc(0), (ws) => ws.close(undefined)],
    ['a code', closePayload(1000), (ws) => ws.close(1000)],
    ['a code that is rounded', closePayload(3000), (ws) => ws.close(2999.6)],
    ['a code and a reason', closePayload(4999, 'å'), (ws) => ws.close(4999, 'å')],
    ['a reason alone', closePayload(1000, 'why'), (ws) => ws.close(undefined, 'why')],
    ['a surrogate', closePayload(3000, '\ufffd'), (ws) => ws.close(3000, '\ud800')],
    ['a reason that just fits', closePayload(3000, 'x'.repeat(123)), (ws) => ws.close(3000, 'x'.repeat(123))],
  ])('are sent: %s', async (_name, payload, close) => {
    expect(await closeFrame(close)).toEqual(payload);
  });
});

describe('close() in CONNECTING', () => {
  it('fails the connection: error and close, later', async () => {
    const ws = new WebSocket(await serve(() => {}));
    const log: unknown[] = [];
    ws.onopen = () => log.push('open');
    ws.onerror = () => log.push(['error', ws.readyState]);
    ws.onclose = ({ code, wasClean }) => log.push([code, wasClean, ws.readyState]);
    ws.close();
    ws.close(3000, 'again');
    log.push(['returned', ws.readyState]);
    await eventOf(ws, 'close');
    expect(log).toEqual([
      ['returned', 2],
      ['error', 3],
      [1006, false, 3],
    ]);
  });

  it('is final when the server has just answered', async () => {
    const server = await startTestServer();
    const accepted = nextConnection(server.wss, (peer) => peer);
    const ws = new WebSocket(server.url);
    const log: unknown[] = [];
    ws.onopen = () => log.push('open');
    ws.onerror = () => log.push('error');
    const closed = eventOf(ws, 'close');
    await accepted;
    ws.close();
    await closed;
    // Whether the answer came before the call depends on the network: either way there is one story.
    expect(log).toEqual(['error']);
    expect(ws.readyState).toBe(3);
  });

  it('lets the next connection to the address begin', async () => {
    const server = await startTestServer();
    server.wss.on('connection', echo);
    const first = new WebSocket(server.url);
    const second = new WebSocket(server.url);
    first.close();
    await eventOf(second, 'open');
    expect([first.readyState, second.readyState]).toEqual([3, 1]);
  });
});

describe('the closing handshake', () => {
  it('begun here: CLOSING at once, messages are dropped, CLOSED at the end', async () => {
    const ws = new WebSocket(
      await serve((peer, head) => {
        peer.socket.write(upgradeResponse(head));
        void peer
          .until((received) => parseFrames(received).length === 1)
          .then(() =>
            peer.socket.end(
              Buffer.concat([frame(0x81, 'late', false), frame(0x88, closePayload(3001, 'x'), false)]),
            ),
          );
      }),
    );
    const log: unknown[] = [];
    ws.onmessage = ({ data }) => log.push(data);
    ws.onerror = () => log.push('error');
    await eventOf(ws, 'open');
    ws.close(3000, 'mine');
    log.push(ws.readyState);
    const { code, reason, wasClean } = (await eventOf(ws, 'close')) as CloseEvent;
    expect([...log, code, reason, wasClean, ws.readyState]).toEqual([2, 3001, 'x', true, 3]);
  });

  it('begun by the server: CLOSING in a task, the code is its code', async () => {
    let peer: RawPeer | undefined;
    const ws = new WebSocket(
      await serve((accepted, head) => {
        peer = accepted;
        peer.socket.write(
          Buffer.concat([
            Buffer.from(upgradeResponse(head)),
            frame(0x81, 'last', false),
            frame(0x88, '', false),
          ]),
        );
      }),
    );
    const states: number[] = [];
    ws.onmessage = () => states.push(ws.readyState);
    await eventOf(ws, 'message');
    await new Promise((resolve) => setImmediate(resolve));
    states.push(ws.readyState);
    await peer!.until((received) => parseFrames(received).length === 1);
    ws.close(4000);
    peer!.socket.end();
    const { code, reason, wasClean } = (await eventOf(ws, 'close')) as CloseEvent;
    expect(parseFrames(peer!.received)).toMatchObject([{ opcode: 8, payload: Buffer.alloc(0) }]);
    expect([...states, code, reason, wasClean]).toEqual([1, 2, 1005, '', true]);
  });

  it('may be asked for in the close event, and comes to nothing', async () => {
    const ws = new WebSocket('ws://127.0.0.1:25/');
    let count = 0;
    await new Promise<void>((resolve) => {
      ws.onclose = () => {
        count++;
        ws.close(3000);
        setImmediate(resolve);
      };
    });
    expect([count, ws.readyState]).toEqual([1, 3]);
  });

  it('is not clean when the server leaves without an answer', async () => {
    const ws = new WebSocket(
      await serve((peer, head) => {
        peer.socket.write(upgradeResponse(head));
        void peer.until((received) => parseFrames(received).length === 1).then(() => peer.socket.end());
      }),
    );
    await eventOf(ws, 'open');
    const error = eventOf(ws, 'error');
    ws.close(3000);
    const { code, wasClean } = (await eventOf(ws, 'close')) as CloseEvent;
    expect([(await error).type, code, wasClean]).toEqual(['error', 1006, false]);
  });
});
