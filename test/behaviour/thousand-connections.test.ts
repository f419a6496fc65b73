import { once } from 'node:events';
import { expect, it } from 'vitest';
import { createClient, type EndEvent, echo, ending, startTestServer } from './engine.ts';

const CONNECTIONS = 1000;

it('serves 1,000 connections at once', async () => {
  const { wss, url } = await startTestServer({ backlog: CONNECTIONS });
  const serverEnds: Promise<EndEvent[]>[] = [];
  wss.on('connection', (ws) => {
    echo(ws);
    serverEnds.push(ending(ws));
  });
  const clients = Array.from({ length: CONNECTIONS }, () => createClient(url));
  await Promise.all(clients.map((client) => once(client, 'open')));
  expect(wss.clients.size).toBe(CONNECTIONS);

  const echoed = Promise.all(clients.map((client) => once(client, 'message')));
  clients.forEach((client, i) => {
    client.send(`message ${i}`);
  });
  expect((await echoed).map(([data]) => String(data))).toEqual(clients.map((_, i) => `message ${i}`));

  const clientEnds = clients.map(ending);
  clients.forEach((client, i) => {
    client.close(3000 + i, `reason ${i}`);
  });
  const expected = clients.map((_, i): EndEvent[] => [['close', 3000 + i, `reason ${i}`]]);
  expect(await Promise.all(clientEnds)).toEqual(expected);
  expect((await Promise.all(serverEnds)).sort(byCode)).toEqual(expected);
  expect(wss.clients.size).toBe(0);
});

function byCode([a]: EndEvent[], [b]: EndEvent[]): number {
  return Number(a![1]) - Number(b![1]);
}
