import { once } from 'node:events';
import { connect } from 'node:http2';
import { describe, expect, it, onTestFinished } from 'vitest';
import { endWhenSilent } from '../../src/node/http2-liveness.ts';
import { attackClients } from '../security/http2-attacker.ts';
import { openSession, startHttp2 } from './http2-pair.ts';

type PingCallback = (error: Error | null, durationMs: number, payload: Buffer) => void;

describe('endWhenSilent', () => {
  it('leaves a session alone whose peer answers', async () => {
    const session = await openSession((await startHttp2()).url);
    let answers = 0;
    const several = new Promise<void>((resolve) => {
      const ping = session.ping.bind(session) as (callback: PingCallback) => boolean;
      session.ping = ((callback: PingCallback) =>
        ping((...result) => {
          callback(...result);
          if (++answers === 3) resolve();
        })) as typeof session.ping;
    });
    endWhenSilent(session, 50);
    await several;
    expect(session.destroyed).toBe(false);
  });

  it('ends one whose peer does not', async () => {
    const url = await attackClients(() => {});
    const session = connect(url.replace('ws:', 'http:')).on('error', () => {});
    onTestFinished(() => session.destroy());
    await once(session, 'remoteSettings');
    endWhenSilent(session, 5);
    await once(session, 'close');
  });
});
