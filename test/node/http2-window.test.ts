import { EventEmitter, once } from 'node:events';
import { connect, createServer, type Http2Session, type ServerHttp2Session } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { expect, it, onTestFinished, vi } from 'vitest';
import { widenWindow } from '../../src/node/http2-window.ts';

/** Both ends of a session, the client's before it is connected. */
async function pair() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const accepted = once(server, 'session') as unknown as Promise<[ServerHttp2Session]>;
  const near = connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  onTestFinished(() => {
    near.destroy();
    server.close();
  });
  return { near, accepted };
}

const windowOf = (session: Http2Session): unknown => session.state.localWindowSize;

it('widens the window of a session, and says so to the peer', async () => {
  const { near, accepted } = await pair();
  widenWindow(near);
  const [far] = await accepted;
  widenWindow(far);
  if (near.connecting) await once(near, 'connect');
  await new Promise((resolve) => near.ping(resolve));
  await new Promise((resolve) => far.ping(resolve));
  const MIB = 1024 * 1024;
  expect([windowOf(near), windowOf(far)]).toEqual([MIB, MIB]);
  expect([near.state.remoteWindowSize, far.state.remoteWindowSize]).toEqual([MIB, MIB]);
});

it('leaves a session alone that is over, be it before it has said that it is connected', async () => {
  const { accepted } = await pair();
  const [far] = await accepted;
  far.on('error', () => {}).destroy();
  expect(() => widenWindow(far)).not.toThrow();
  const setLocalWindowSize = vi.fn();
  const late = Object.assign(new EventEmitter(), { connecting: true, destroyed: false, setLocalWindowSize });
  widenWindow(late as unknown as Http2Session);
  late.destroyed = true;
  late.emit('connect');
  expect(setLocalWindowSize).not.toHaveBeenCalled();
});
