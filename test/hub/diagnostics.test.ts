import * as client from 'prom-client';
import { expect, it, onTestFinished } from 'vitest';
import { createMetrics } from '../../src/metrics/index.ts';
import { nextOf, recorded } from '../diagnostics/recorded.ts';
import { serveHub } from './served-hub.ts';
import { WireClient } from './wire-client.ts';

it('tells its clients, its rooms and what it refuses, and metrics count them', async () => {
  const register = new client.Registry();
  const metrics = createMetrics({ client, register });
  onTestFinished(() => metrics.stop());
  const connected = recorded('hawser:hub:connect');
  const opened = recorded('hawser:hub:room:open');
  const refused = recorded('hawser:hub:refused');
  const { hub, url } = await serveHub({ authorizeJoin: (_socket, room) => room !== 'secret' });
  const peer = await WireClient.plain(url);
  await peer.request('$join', { room: 'lobby' });
  await peer.request('$join', { room: 'secret' }).catch(() => {});
  const socket = [...hub.sockets.values()][0]!;
  expect(connected).toEqual([{ socket, namespace: '/' }]);
  expect(opened).toEqual([{ room: 'lobby', namespace: '/' }]);
  expect(refused).toEqual([{ code: 'FORBIDDEN', socket }]);
  const figures = async () =>
    (await register.metrics()).split('\n').filter((line) => line.startsWith('hawser_hub'));
  expect(await figures()).toEqual([
    'hawser_hub_sockets{namespace="/"} 1',
    'hawser_hub_rooms{namespace="/"} 1',
    'hawser_hub_refused_total{code="FORBIDDEN"} 1',
  ]);
  const gone = [nextOf('hawser:hub:disconnect'), nextOf('hawser:hub:room:close')] as const;
  peer.ws.close();
  expect(await gone[0]).toEqual({ socket, namespace: '/' });
  expect(await gone[1]).toEqual({ room: 'lobby', namespace: '/' });
  expect((await figures()).slice(0, 2)).toEqual([
    'hawser_hub_sockets{namespace="/"} 0',
    'hawser_hub_rooms{namespace="/"} 0',
  ]);
});
