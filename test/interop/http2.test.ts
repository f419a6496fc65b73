import { once } from 'node:events';
import { Agent, WebSocket as UndiciWebSocket } from 'undici';
import { describe, expect, it } from 'vitest';
import { echo, startTestServer } from '../behaviour/engine.ts';
import { makeCertificate } from '../e2e/certificate.ts';

describe('undici over HTTP/2', () => {
  it('opens a WebSocket to a server of ours, and has its messages back', async () => {
    const certificate = makeCertificate();
    const { wss, port } = await startTestServer({ http2: true, tls: certificate, perMessageDeflate: true });
    wss.on('connection', echo);
    const connected = once(wss, 'connection');
    const dispatcher = new Agent({ allowH2: true, connect: { ca: certificate.cert } });
    const ws = new UndiciWebSocket(`wss://localhost:${port}/`, { dispatcher });
    await once(ws, 'open');
    expect((await connected)[1].httpVersion).toBe('2.0');
    const message = once(ws, 'message') as Promise<[{ data: unknown }]>;
    const text = 'h\u20acllo '.repeat(20_000);
    ws.send(text);
    expect((await message)[0].data === text).toBe(true);
    // Its own closing leaves its half of the stream open: the server waits for that as long as its closeTimeout.
    const [server] = wss.clients;
    const closed = once(ws, 'close');
    server!.terminate();
    await closed;
    await dispatcher.destroy();
  });
});
