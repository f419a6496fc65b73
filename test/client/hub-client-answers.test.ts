import { expect, it, vi } from 'vitest';
import { serveHub } from '../hub/served-hub.ts';
import { connectClient, createClient, next } from './connected-client.ts';
import { Cutter } from './cutter.ts';
import { FakeWebSocket } from './fake-websocket.ts';

// The hub and the client number their requests each for themselves: the same ids are about on both ways.

it('an answer to the hub settles nothing that the client itself asked for', async () => {
  const { hub, url } = await serveHub();
  const handled: string[] = [];
  let answer!: (data: string) => void;
  const reached = new Promise<void>((resolve) => {
    hub.on('save', (data) => {
      handled.push(data as string);
      resolve();
      return new Promise<string>((reply) => {
        answer = reply;
      });
    });
  });
  const cutter = await Cutter.before(url);
  const client = await connectClient(cutter.url);
  client.on('confirm', () => true);
  const saved = client.emit('save', 'a', { reliable: true });
  await reached;
  const socket = hub.sockets.get(client.id!)!;
  // More than the client has asked yet, so that the ids meet.
  for (let n = 0; n < 10; n++) expect(await socket.request('confirm')).toBe(true);
  const back = next(client, 'connected');
  cutter.cut();
  expect(await back).toMatchObject({ resumed: true });
  answer('done');
  expect(await saved).toBe('done');
  expect(handled).toEqual(['a']);
});

const sent = () => FakeWebSocket.last.sent.map((frame) => JSON.parse(frame as string).type);

function welcome(): void {
  const { id } = JSON.parse(FakeWebSocket.last.sent[0] as string);
  const data = { id: 'me', session: 's', resumed: false, offset: [0, 0] };
  FakeWebSocket.last.receive(JSON.stringify({ type: '$reply', id, data }));
}

it('nothing goes out before the hub was greeted, whatever was meant for the connection before', () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  try {
    const client = createClient('ws://a', { WebSocket: FakeWebSocket, heartbeat: { intervalMs: 10 } });
    FakeWebSocket.last.open();
    welcome();
    expect(sent()).toEqual(['$hello', '$ping']);
    // The hub begins to close, and the heartbeat is due meanwhile.
    FakeWebSocket.last.readyState = 2;
    vi.advanceTimersByTime(10);
    FakeWebSocket.last.end(1006);
    vi.advanceTimersByTime(10);
    FakeWebSocket.last.open();
    expect(sent()).toEqual(['$hello']);
    client.close();
  } finally {
    vi.useRealTimers();
  }
});

it('who reconnects as soon as it is connected, is greeted before anything else', () => {
  const client = createClient('ws://a', { WebSocket: FakeWebSocket });
  const stop = client.on('connected', () => {
    stop();
    client.reconnect();
  });
  FakeWebSocket.last.open();
  welcome();
  FakeWebSocket.last.open();
  client.emit('early');
  expect(sent()).toEqual(['$hello']);
  welcome();
  expect(sent()).toEqual(['$hello', 'early', '$ping']);
});
