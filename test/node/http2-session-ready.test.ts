import { once } from 'node:events';
import { connect } from 'node:http2';
import { describe, expect, it, onTestFinished } from 'vitest';
import { extendedConnectAllowed } from '../../src/node/http2-session-ready.ts';
import { startHttp2 } from './http2-pair.ts';

function open(url: string) {
  const session = connect(url).on('error', () => {});
  onTestFinished(() => session.destroy());
  return session;
}

describe('extendedConnectAllowed', () => {
  it('waits for SETTINGS, and needs not wait for them again', async () => {
    const { url } = await startHttp2();
    const session = open(url);
    await extendedConnectAllowed(session);
    await extendedConnectAllowed(session);
    expect(['remoteSettings', 'localSettings', 'close'].map((name) => session.listenerCount(name))).toEqual([
      0, 0, 0,
    ]);
  });

  it('tells that a server does not allow it, whether its SETTINGS come or have come', async () => {
    const { url } = await startHttp2({});
    const session = open(url);
    const unsupported = { code: 'WS_ERR_HTTP2_UNSUPPORTED' };
    await expect(extendedConnectAllowed(session)).rejects.toMatchObject(unsupported);
    await expect(extendedConnectAllowed(session)).rejects.toMatchObject(unsupported);
  });

  it('tells that the session ended: before, meanwhile, or that it never was', async () => {
    const { url } = await startHttp2();
    const early = open(url);
    await once(early, 'remoteSettings');
    early.destroy();
    await expect(extendedConnectAllowed(early)).rejects.toMatchObject({ code: 'ECONNRESET' });
    const late = open(url);
    const waits = extendedConnectAllowed(late);
    late.destroy();
    await expect(waits).rejects.toMatchObject({ code: 'ECONNRESET' });
    await expect(extendedConnectAllowed(open('http://127.0.0.1:1'))).rejects.toMatchObject({
      code: 'ECONNREFUSED',
    });
  });
});
