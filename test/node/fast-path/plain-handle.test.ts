import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { TLSSocket } from 'node:tls';
import { describe, expect, it, onTestFinished } from 'vitest';
import { plainHandleOf } from '../../../src/node/fast-path/plain-handle.ts';
import { socketPair } from '../socket-pair.ts';

describe('plainHandleOf', () => {
  it('is there for TCP, until it is closed', async () => {
    const { near, far } = await socketPair();
    expect(plainHandleOf(near)).toBeDefined();
    expect(plainHandleOf(far)).toBeDefined();
    near.destroy();
    expect(plainHandleOf(near)).toBeUndefined();
  });

  it('is there for pipes', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'hawser-'));
    const server = createServer().listen(join(folder, 'socket'));
    await once(server, 'listening');
    const client = connect(join(folder, 'socket'));
    const [accepted] = (await once(server, 'connection')) as [Socket];
    onTestFinished(() => {
      for (const end of [client, accepted]) end.destroy();
      server.close();
      rmSync(folder, { recursive: true });
    });
    expect(plainHandleOf(client)).toBeDefined();
    expect(plainHandleOf(accepted)).toBeDefined();
  });

  it('is not there for TLS and other streams', async () => {
    const { near } = await socketPair();
    expect(plainHandleOf(new TLSSocket(near))).toBeUndefined();
    expect(plainHandleOf(new PassThrough())).toBeUndefined();
  });
});
