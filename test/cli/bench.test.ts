import { describe, expect, it } from 'vitest';
import { echo, startTestServer } from '../behaviour/engine.ts';
import { start } from './fake-terminal.ts';

describe('hawser bench', () => {
  it('measures how long messages take', async () => {
    const { wss, url } = await startTestServer();
    const kinds = new Set<boolean>();
    wss.on('connection', (ws) => {
      ws.on('message', (_data, isBinary) => kinds.add(isBinary));
      echo(ws);
    });
    const options = ['--connections', '3', '--in-flight', '2', '--size', '10', '--seconds', '0.2', '--text'];
    const { ended, stdout, stderr } = start(['bench', url, ...options], { isTTY: true });
    expect(await ended).toBe(0);
    const lines = stdout.text.split('\n');
    expect(lines[0]).toMatch(/^3 connections, 2 in flight, 10 B, 0\.\d s$/);
    expect(lines[1]).toMatch(/^[\d,]+ messages\/s, \d+\.\d MB\/s each way$/);
    expect(lines[2]).toMatch(/^p50 .* p90 .* p99 .* p99\.9 .* max /);
    expect(lines[3]).toMatch(/≤ .* █* +\d+\.\d\d %$/);
    expect(stderr.text).toMatch(/s {2}[\d,]+ messages\/s/);
    expect([...kinds]).toEqual([false]);
  });

  it('reports what there is when it is stopped', async () => {
    const { wss, url } = await startTestServer();
    const { ended, stop, stdout } = start(['bench', url, '--connections', '1', '--seconds', '600']);
    let count = 0;
    wss.on('connection', (ws) =>
      ws.on('message', (data) => {
        ws.send(data as Buffer);
        if (++count === 100) stop();
      }),
    );
    expect(await ended).toBe(0);
    expect(stdout.text).toContain('messages/s');
  });

  it('fails where nothing comes back', async () => {
    const { url } = await startTestServer();
    const { ended, stderr } = start(['bench', url, '--connections', '1', '--seconds', '0.1']);
    expect(await ended).toBe(1);
    expect(stderr.text).toContain('no message came back');
  });

  it('fails where there is no server', async () => {
    const { ended, stderr } = start(['bench', 'ws://127.0.0.1:1', '--connections', '2']);
    expect(await ended).toBe(1);
    expect(stderr.text).toContain('ECONNREFUSED');
  });

  it('tells connections that broke off', async () => {
    const { wss, url } = await startTestServer();
    wss.on('connection', (ws, { socket }) => {
      echo(ws);
      ws.once('message', () => setImmediate(() => socket.resetAndDestroy()));
    });
    const { ended, stderr } = start(['bench', url, '--connections', '1', '--seconds', '0.2']);
    expect(await ended).toBe(1);
    expect(stderr.text).toContain('a connection failed: closed with 1006');
  });
});
