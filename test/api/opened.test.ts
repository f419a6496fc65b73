import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { openedOf } from '../../src/api/opened.ts';
import { WebSocket } from '../../src/api/websocket.ts';
import { closeCodeOf, listening, openPair } from './open-pair.ts';

describe('openedOf', () => {
  it('resolves at the open, and later, with what was agreed', async () => {
    const { url } = await listening({ perMessageDeflate: true, handleProtocols: () => 'chat' });
    const ws = new WebSocket(url, ['chat']);
    const opened = openedOf(ws);
    expect(openedOf(ws)).toBe(opened);
    expect(await opened).toEqual({ protocol: 'chat', extensions: 'permessage-deflate' });
    expect(ws.listenerCount('open') + ws.listenerCount('close')).toBe(0);
    const { client, server } = await openPair();
    expect([await openedOf(client), await openedOf(server)]).toEqual([
      { protocol: '', extensions: '' },
      { protocol: '', extensions: '' },
    ]);
  });

  it('rejects with the error of the attempt, whenever it is asked for', async () => {
    const { wss, url } = await listening();
    wss.close();
    await once(wss, 'close');
    const ws = new WebSocket(url);
    const opened = openedOf(ws);
    await closeCodeOf(ws);
    await expect(opened).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    const other = new WebSocket(url);
    await closeCodeOf(other);
    await expect(openedOf(other)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  it('is no unhandled rejection when nobody looks', async () => {
    const unhandled: unknown[] = [];
    const listener = (reason: unknown): void => void unhandled.push(reason);
    process.on('unhandledRejection', listener);
    const ws = new WebSocket('ws://127.0.0.1:1/');
    void ws.opened;
    await closeCodeOf(ws);
    await new Promise((resolve) => setImmediate(resolve));
    process.off('unhandledRejection', listener);
    expect(unhandled).toEqual([]);
  });
});
