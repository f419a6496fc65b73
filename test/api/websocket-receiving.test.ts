import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { ClientOptions } from '../../src/index.ts';
import { closeCode, ending, nextConnection, openClient, startTestServer } from '../behaviour/engine.ts';
import { frame } from '../behaviour/raw-frames.ts';
import { type RawPeer, serveRaw, upgradeResponse } from '../behaviour/raw-peer.ts';

/** A client of a raw peer, which may send something right behind its response. */
async function openRaw(options: ClientOptions = {}, behind: Uint8Array = Buffer.alloc(0)) {
  let tell = (_peer: RawPeer): void => {};
  const accepted = new Promise<RawPeer>((resolve) => {
    tell = resolve;
  });
  const server = await serveRaw((peer, head) => {
    peer.socket.write(Buffer.concat([Buffer.from(upgradeResponse(head)), behind]));
    tell(peer);
  });
  onTestFinished(() => server.close());
  const client = await openClient(server.url, options);
  return { client, peer: await accepted };
}

describe('binaryType', () => {
  it('decides how binary messages come, from the next one on, and text is a Buffer always', async () => {
    const server = await startTestServer();
    const accepted = nextConnection(server.wss, (ws) => ws);
    const client = await openClient(server.url);
    const peer = await accepted;
    const got: string[] = [];
    for (const type of ['nodebuffer', 'arraybuffer', 'fragments', 'blob'] as const) {
      client.binaryType = type;
      for (const data of [Buffer.from('b'), 'text']) {
        const message = once(client, 'message');
        peer.send(data);
        got.push((await message)[0].constructor.name);
      }
    }
    expect(got).toEqual(['Buffer', 'Buffer', 'ArrayBuffer', 'Buffer', 'Array', 'Buffer', 'Blob', 'Buffer']);
  });
});

describe('messages', () => {
  it('that come with the response reach listeners added on open', async () => {
    const server = await serveRaw((peer, head) => {
      peer.socket.write(Buffer.concat([Buffer.from(upgradeResponse(head)), frame(0x81, 'early', false)]));
    });
    onTestFinished(() => server.close());
    const { WebSocket } = await import('../../src/index.ts');
    const client = new WebSocket(server.url);
    const text = await new Promise((resolve) => {
      client.on('open', () => client.on('message', (data) => resolve(String(data))));
    });
    expect(text).toBe('early');
    client.terminate();
  });

  it('in fragments come as one', async () => {
    const { client, peer } = await openRaw();
    const message = once(client, 'message');
    peer.socket.write(
      Buffer.concat([frame(0x01, 'a', false), frame(0x89, '', false), frame(0x80, 'b', false)]),
    );
    expect(String((await message)[0])).toBe('ab');
    client.terminate();
  });

  it('longer than maxPayload end the connection', async () => {
    const { client, peer } = await openRaw({ maxPayload: 3 });
    const end = ending(client);
    peer.socket.end(frame(0x82, '1234', false));
    expect(await end).toEqual([
      ['error', 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH'],
      ['close', 1006, ''],
    ]);
  });

  it('of bad UTF-8 pass when that is not checked', async () => {
    const { client, peer } = await openRaw({ skipUTF8Validation: true });
    const message = once(client, 'message');
    peer.socket.write(frame(0x81, Buffer.from([0xff]), false));
    expect((await message)[0]).toEqual(Buffer.from([0xff]));
    client.terminate();
  });
});

describe('the peer’s faults', () => {
  it('throw nothing when nobody listens for errors', async () => {
    const { client, peer } = await openRaw();
    const closed = closeCode(client);
    peer.socket.end(frame(0xf1, '', false));
    expect(await closed).toBe(1006);
  });

  it('of its socket are no errors: only the end is told', async () => {
    const { client, peer } = await openRaw();
    const end = ending(client);
    peer.socket.resetAndDestroy();
    expect(await end).toEqual([['close', 1006, '']]);
  });
});

describe('the end', () => {
  it.each([
    ['code and reason', frame(0x88, Buffer.from('0fa0627965', 'hex'), false), 4000, 'bye'],
    ['no code', frame(0x88, '', false), 1005, ''],
  ])('has the peer’s %s', async (_name, close, code, reason) => {
    const { client, peer } = await openRaw();
    const end = ending(client);
    peer.socket.end(close);
    expect(await end).toEqual([['close', code, reason]]);
  });

  it('is 1006 when the stream ends behind the response', async () => {
    const server = await serveRaw((peer, head) => peer.socket.end(upgradeResponse(head)));
    onTestFinished(() => server.close());
    expect(await ending(await openClient(server.url))).toEqual([['close', 1006, '']]);
  });

  it('comes by the timer when the peer does not answer our Close frame', async () => {
    const { client } = await openRaw({ closeTimeout: 10 });
    const end = ending(client);
    client.close(1000);
    expect(await end).toEqual([['close', 1006, '']]);
  });
});

describe('pings', () => {
  it('are told but not answered with autoPong off', async () => {
    const { client, peer } = await openRaw({ autoPong: false });
    const ping = once(client, 'ping');
    peer.socket.write(frame(0x89, 'hi', false));
    expect(String((await ping)[0])).toBe('hi');
    client.send('');
    await peer.until((received) => received.length >= 6);
    expect(peer.received[0]).toBe(0x81);
    client.terminate();
  });
});

it('lets the exceptions of listeners surface, and goes on with the frames behind', async () => {
  const child = fileURLToPath(new URL('./throwing-listener-child.ts', import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, ['--import', 'tsx', child]);
  const lines = stdout.trim().split('\n');
  expect(lines.filter((line) => line.startsWith('got'))).toEqual(
    ['open', 'one', 'two', 'three', '1000'].map((text) => `got ${text}`),
  );
  expect(lines.filter((line) => line.startsWith('uncaught'))).toEqual(
    ['open', 'one', 'two', 'three', '1000'].map((text) => `uncaught ${text}`),
  );
});
