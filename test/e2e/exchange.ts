import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { Page } from 'playwright-core';
import { callProbe } from './browser.ts';
import type { Engine } from './engine.ts';
import { digest, makeBytes, makeText } from './page/payloads.mjs';

export type Kind = 'text' | 'arraybuffer' | 'blob';

interface AtPage {
  extensions: string;
  exchanged: { sent: string; received: string; type: string }[];
}

interface OnTheWire {
  bytesRead: number;
  bytesWritten: number;
}

interface AtServer {
  isBinary: boolean;
  size: number;
  sent: string;
  received: string;
}

/** Sends one payload of each size from the page, answers each with another one, and gives the digests of both ends. */
export async function exchange(
  page: Page,
  { wss, wsUrl }: Engine,
  { kind, sizes }: { kind: Kind; sizes: number[] },
): Promise<{ atPage: AtPage; atServer: AtServer[]; onTheWire: OnTheWire }> {
  const handled: Promise<AtServer>[] = [];
  const onTheWire = { bytesRead: 0, bytesWritten: 0 };
  wss.on('connection', (ws, { socket }: IncomingMessage) => {
    ws.on('close', () => {
      onTheWire.bytesRead = socket.bytesRead;
      onTheWire.bytesWritten = socket.bytesWritten;
    });
    ws.on('message', (data, isBinary) => {
      const received = new Uint8Array(data as Buffer);
      const size = received.byteLength;
      const answer = isBinary ? makeBytes(size, size + 2) : makeText(size, size + 2);
      ws.send(answer);
      handled.push(
        Promise.all([digest(answer), digest(received)]).then(([sent, digestOfReceived]) => ({
          isBinary,
          size,
          sent,
          received: digestOfReceived,
        })),
      );
    });
  });
  const connected = once(wss, 'connection');
  const exchanging = callProbe<AtPage>(page, 'exchange', { url: wsUrl, kind, sizes });
  const [ws] = await connected;
  const [atPage] = await Promise.all([exchanging, once(ws, 'close')]);
  return { atPage, atServer: await Promise.all(handled), onTheWire };
}
