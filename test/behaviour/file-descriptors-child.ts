import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { WebSocket, WebSocketServer } from '../../src/index.ts';

/** What a client that has too few file descriptors tells of its attempts. */
export interface DialReport {
  readonly opened: number;
  /** The error codes of the others. */
  readonly codes: readonly (string | undefined)[];
  /** How often each told 'close'. */
  readonly closes: readonly number[];
  /** What came back on a connection that was opened when the others were gone. */
  readonly echoed: string;
}

/** Serves, and tells the parent whenever its last client is gone; ends when the parent disconnects. */
async function serve(): Promise<void> {
  const wss = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  wss.on('connection', (ws) => {
    ws.on('message', (data) => ws.send(data as Buffer, { binary: false }));
    ws.on('close', () => {
      if (wss.clients.size === 0) process.send!('nobody is left');
    });
  });
  await once(wss, 'listening');
  process.once('disconnect', () => wss.close());
  process.send!((wss.address() as AddressInfo).port);
}

/** Dials more often than it can, and once more when it can again. */
async function dial(url: string, times: number): Promise<void> {
  const closes = Array.from({ length: times }, () => 0);
  const codes: (string | undefined)[] = [];
  const all = closes.map((_, i) => {
    const ws = new WebSocket(url);
    ws.on('error', (error: NodeJS.ErrnoException) => codes.push(error.code));
    ws.on('close', () => closes[i]!++);
    return ws;
  });
  const settled = all.map((ws) => new Promise((resolve) => ws.on('open', resolve).on('close', resolve)));
  await Promise.all(settled);
  const open = all.filter((ws) => ws.readyState === WebSocket.OPEN);
  const ended = open.map((ws) => once(ws, 'close'));
  for (const ws of open) ws.terminate();
  await Promise.all(ended);
  const last = new WebSocket(url);
  await once(last, 'open');
  last.send('after');
  const [echoed] = await once(last, 'message');
  last.close();
  await once(last, 'close');
  const report: DialReport = { opened: open.length, codes, closes, echoed: String(echoed) };
  process.send!(report, () => process.disconnect());
}

const [url, times] = process.argv.slice(2);
if (url === undefined) serve();
else dial(url, Number(times));
