import { once } from 'node:events';
import { type ClientHttp2Session, connect as connectHttp2 } from 'node:http2';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { endWhenSilent } from '../../src/node/http2-liveness.ts';
import { attackClients } from '../security/http2-attacker.ts';
import { startHttp2 } from './http2-pair.ts';

type PingCallback = (error: Error | null, durationMs: number, payload: Buffer) => void;

async function open(port: number): Promise<{ session: ClientHttp2Session; socket: Socket }> {
  const socket = connect(port, '127.0.0.1');
  const session = connectHttp2('http://localhost', { createConnection: () => socket }).on('error', () => {});
  onTestFinished(() => {
    session.destroy();
    socket.destroy();
  });
  await once(session, 'remoteSettings');
  return { session, socket };
}

/** Passes on what comes, and keeps its connections open when the other end ends its half. */
async function startHalfOpenRelay(port: number): Promise<number> {
  const server = createServer({ allowHalfOpen: true }, (near) => {
    const far = connect(port, '127.0.0.1');
    onTestFinished(() => {
      near.destroy();
      far.destroy();
    });
    near.on('data', (data) => far.write(data)).on('error', () => {});
    far.on('data', (data) => near.write(data)).on('error', () => {});
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

describe('endWhenSilent', () => {
  it('leaves a session alone whose peer answers', async () => {
    const { session, socket } = await open((await startHttp2()).port);
    let answers = 0;
    const several = new Promise<void>((resolve) => {
      const ping = session.ping.bind(session) as (callback: PingCallback) => boolean;
      session.ping = ((callback: PingCallback) =>
        ping((...result) => {
          callback(...result);
          if (++answers === 3) resolve();
        })) as typeof session.ping;
    });
    endWhenSilent(session, socket, 50);
    await several;
    expect(session.destroyed).toBe(false);
  });

  it('ends one whose peer does not', async () => {
    const { session, socket } = await open(Number(new URL(await attackClients(() => {})).port));
    endWhenSilent(session, socket, 5);
    await once(session, 'close');
  });

  it('ends the socket of one that is over where the peer keeps its half open', async () => {
    const { session, socket } = await open(await startHalfOpenRelay((await startHttp2()).port));
    endWhenSilent(session, socket, 50);
    session.close();
    await once(session, 'close');
    expect(socket.destroyed).toBe(true);
  });
});
