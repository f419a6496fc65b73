import { describe, expect, it } from 'vitest';
import type { StreamedConnection } from '../../src/api/streamed-connection.ts';
import { WebSocket } from '../../src/api/websocket.ts';
import { WebSocketStream } from '../../src/web/websocket-stream.ts';
import { closeCodeOf, listening } from './open-pair.ts';

async function openStreams(): Promise<{ client: WebSocket; connection: StreamedConnection }> {
  const { wss, url } = await listening({ handleProtocols: () => 'chat' });
  const connections = wss.streams();
  const client = new WebSocket(url, ['chat']);
  await client.opened;
  return { client, connection: (await connections.next()).value };
}

describe('server.streams()', () => {
  it('echoes by piping, with a WebSocketStream at the other end', async () => {
    const { wss, url } = await listening();
    const connections = wss.streams();
    const client = new WebSocketStream(url);
    const { readable, writable } = await client.opened;
    const connection: StreamedConnection = (await connections.next()).value;
    const piped = connection.readable.pipeTo(connection.writable).catch((error) => error);
    const writer = writable.getWriter();
    const reader = readable.getReader();
    void writer.write('text');
    void writer.write(new Uint8Array([1, 2]));
    expect((await reader.read()).value).toBe('text');
    expect((await reader.read()).value).toEqual(new Uint8Array([1, 2]));
    client.close({ closeCode: 4000, reason: 'done' });
    expect(await connection.closed).toEqual({ closeCode: 4000, reason: 'done' });
    await piped;
  });

  it('has what was agreed, and the request', async () => {
    const { connection } = await openStreams();
    expect([connection.protocol, connection.extensions, connection.request.url]).toEqual(['chat', '', '/']);
  });

  it('takes nothing from the peer that is not read', async () => {
    const { client, connection } = await openStreams();
    const text = 'x'.repeat(1 << 20);
    for (let i = 0; i < 32; i++) client.send(text);
    const reader = connection.readable.getReader();
    await reader.read();
    await new Promise((resolve) => setImmediate(resolve));
    expect(client.bufferedAmount).toBeGreaterThan(8 << 20);
    for (let i = 1; i < 32; i++) expect((await reader.read()).value).toHaveLength(1 << 20);
    client.close();
    expect((await reader.read()).done).toBe(true);
  });

  it('is done with a message when the system has it', async () => {
    const { client, connection } = await openStreams();
    client.pause();
    const writer = connection.writable.getWriter();
    let written = false;
    const write = writer.write(Buffer.alloc(32 << 20)).then(() => {
      written = true;
    });
    await new Promise((resolve) => setImmediate(resolve));
    expect(written).toBe(false);
    client.resume();
    await write;
  });

  it('discards what comes after it closes, with the code that it says', async () => {
    const { client, connection } = await openStreams();
    const code = closeCodeOf(client);
    for (let i = 0; i < 100; i++) client.send('more');
    connection.close({ reason: 'enough' });
    expect(await code).toBe(1000);
    expect(await connection.closed).toEqual({ closeCode: 1000, reason: 'enough' });
  });

  it('closes when a stream is cancelled, or closed', async () => {
    const { client, connection } = await openStreams();
    const code = closeCodeOf(client);
    await connection.readable.cancel('why');
    expect(await code).toBe(1005);
    const other = await openStreams();
    await other.connection.writable.close();
    expect((await other.connection.closed).closeCode).toBe(1005);
  });

  it('breaks off when the connection does', async () => {
    const { client, connection } = await openStreams();
    const read = connection.readable.getReader().read();
    client.terminate();
    await expect(connection.closed).rejects.toMatchObject({
      code: 'WS_ERR_CLOSED_UNCLEANLY',
      closeCode: 1006,
    });
    await read.catch(() => {});
    const other = await openStreams();
    const reading = other.connection.readable.getReader().read();
    other.client.on('error', () => {});
    other.client._socket!.write(Buffer.from([0xff]));
    await expect(other.connection.closed).rejects.toMatchObject({ code: 'WS_ERR_UNEXPECTED_RSV_2_3' });
    await expect(reading).rejects.toMatchObject({ code: 'WS_ERR_UNEXPECTED_RSV_2_3' });
    await expect(other.connection.writable.getWriter().write('late')).rejects.toThrow();
  });
});
