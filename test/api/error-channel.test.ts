import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { type ErrorReport, WebSocket, WebSocketServer } from '../../src/index.ts';
import { closeCode, nextConnection, startTestServer } from '../behaviour/engine.ts';
import { frame } from '../behaviour/raw-frames.ts';
import { connectRaw, serveRaw, upgradeRaw, upgradeRequest, upgradeResponse } from '../behaviour/raw-peer.ts';

/** What the channel carries during the test that is running. */
function recordReports(): ErrorReport[] {
  const reports: ErrorReport[] = [];
  const listener = (report: unknown): void => void reports.push(report as ErrorReport);
  subscribe('hawser:error', listener);
  onTestFinished(() => void unsubscribe('hawser:error', listener));
  return reports;
}

/** An uncaught exception would fail the run: these peers do what they can, and nobody listens to 'error'. */
describe('a fault of the peer that nobody listens to', () => {
  it('ends the connection of a server, and is told to the channel', async () => {
    const reports = recordReports();
    const { wss, port } = await startTestServer();
    const accepted = nextConnection(wss, (ws) => ({ ws, closed: closeCode(ws) }));
    const peer = await upgradeRaw(port);
    const { ws, closed } = await accepted;
    peer.socket.write(frame(0x85, '', true));
    expect(await closed).toBe(1006);
    expect(reports).toEqual([
      { websocket: ws, role: 'server', error: expect.objectContaining({ code: 'WS_ERR_INVALID_OPCODE' }) },
    ]);
  });

  it('ends the connection of a client', async () => {
    const reports = recordReports();
    const server = await serveRaw((peer, head) => {
      peer.socket.write(upgradeResponse(head));
      peer.socket.write(frame(0x85, '', false));
    });
    const ws = new WebSocket(server.url);
    expect(await closeCode(ws)).toBe(1006);
    expect(reports).toEqual([
      { websocket: ws, role: 'client', error: expect.objectContaining({ code: 'WS_ERR_INVALID_OPCODE' }) },
    ]);
    await server.close();
  });

  it.each([
    ['a refusal', 'HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n', 'Unexpected server response: 403'],
    ['no HTTP', '\0\0\0\0', /./],
    ['a wrong key', upgradeResponse('Sec-WebSocket-Key: x\r\n'), 'Invalid Sec-WebSocket-Accept header'],
    ['nothing', '', 'socket hang up'],
  ])('ends the attempt of a client that is answered with %s', async (_, answer, message) => {
    for (const followRedirects of [false, true]) {
      const reports = recordReports();
      const server = await serveRaw((peer) => peer.socket.end(answer));
      const ws = new WebSocket(server.url, { followRedirects });
      expect(await closeCode(ws)).toBe(1006);
      expect(reports).toHaveLength(1);
      expect(reports[0]!.websocket).toBe(ws);
      expect(reports[0]!.error.message).toMatch(message);
      await server.close();
    }
  });

  it('ends the attempt of a client that nobody answers, or that was given up', async () => {
    const reports = recordReports();
    // It takes whatever it is asked, and never answers.
    const server = createServer(() => {}).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const silent = new WebSocket(url, { handshakeTimeout: 1 });
    expect(await closeCode(silent)).toBe(1006);
    const aborted = new WebSocket(url);
    aborted.terminate();
    expect(await closeCode(aborted)).toBe(1006);
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    const nowhere = new WebSocket(url);
    expect(await closeCode(nowhere)).toBe(1006);
    expect(reports.map(({ websocket }) => websocket)).toEqual([silent, aborted, nowhere]);
  });

  it('is an upgrade that is cut off at any byte, on a port or an HTTP server, also while it is being decided', async () => {
    const http = createServer().listen(0, '127.0.0.1');
    onTestFinished(() => {
      http.closeAllConnections();
      http.close();
    });
    const decided = vi.fn();
    const verifyClient = (_info: unknown, callback: (yes: boolean) => void): void => {
      setImmediate(() => {
        decided();
        callback(true);
      });
    };
    new WebSocketServer({ server: http, verifyClient }).on('headers', (lines) => lines.push('X-Added: yes'));
    const own = await startTestServer({ verifyClient });
    const request = `${upgradeRequest()}${frame(0xf5, 'x', true).toString('latin1')}`;
    for (const port of [(http.address() as AddressInfo).port, own.port]) {
      for (let length = 1; length <= request.length; length += 7) {
        const peer = await connectRaw(port);
        peer.socket.write(request.slice(0, length), 'latin1');
        peer.socket.resetAndDestroy();
        await peer.closed;
      }
      const peer = await connectRaw(port);
      peer.socket.write(request, 'latin1');
      await peer.closed;
      expect(peer.received.toString('latin1')).toMatch(/^HTTP\/1.1 101 /);
    }
    expect(decided).toHaveBeenCalled();
  });
});

describe('the channel hawser:error', () => {
  it('has what a listener of error has, too', async () => {
    const reports = recordReports();
    const { wss, port } = await startTestServer();
    const accepted = nextConnection(wss, (ws) => {
      const errors: Error[] = [];
      ws.on('error', (error) => errors.push(error));
      return { errors, closed: closeCode(ws) };
    });
    const peer = await upgradeRaw(port);
    peer.socket.write(frame(0x81, Buffer.of(0xff), true));
    const { errors, closed } = await accepted;
    await closed;
    expect(errors).toHaveLength(1);
    expect(reports[0]!.error).toBe(errors[0]);
  });
});
