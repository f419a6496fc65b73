import { once } from 'node:events';
import type { OutgoingHttpHeaders, ServerHttp2Stream } from 'node:http2';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { ConnectCarrier, refuseStream } from '../../src/node/connect-carrier.ts';
import { REFUSED_LINGER_MS } from '../../src/node/server-carrier.ts';
import { connectFrame, HEADERS, h2Frame, RST_STREAM, SETTINGS } from '../behaviour/http2-peer.ts';
import { attackServer } from '../security/http2-attacker.ts';
import { startHttp2, streamPair } from './http2-pair.ts';

const CANCEL = 8;
const ACCEPTANCE = { subprotocol: 'chat', extensions: undefined, fastPath: undefined };

async function carrier(changes: OutgoingHttpHeaders = {}) {
  const { near, headers, far } = await streamPair(changes);
  const made = new ConnectCarrier(near, headers);
  made.socket.on('error', () => {});
  return { carrier: made, near, far };
}

/** The status and the body of what comes back, and how the stream ends. */
async function answer(far: Awaited<ReturnType<typeof carrier>>['far']): Promise<[unknown, string, number]> {
  let status: unknown;
  let body = '';
  far.on('response', (headers) => {
    status = headers[':status'];
  });
  far.setEncoding('utf8').on('data', (chunk: string) => {
    body += chunk;
  });
  await once(far, 'close');
  return [status, body, far.rstCode];
}

describe('ConnectCarrier', () => {
  it('answers with 200, with the lines as they were changed, as UTF-8', async () => {
    const { carrier: made, far } = await carrier();
    expect(made.check().opening).toMatchObject({ version: 13 });
    made.accept({ ...ACCEPTANCE, onLines: (lines) => void lines.push('X: ü', 'Connection: close') });
    const [headers] = await once(far, 'response');
    expect(headers).toMatchObject({ ':status': 200, 'sec-websocket-protocol': 'chat' });
    expect(Buffer.from(headers.x, 'latin1').toString()).toBe('ü');
    far.destroy();
  });

  it('refuses with a whole response and no error', async () => {
    const { carrier: made, far } = await carrier({ 'sec-websocket-version': '7' });
    const { refusal } = made.check();
    made.refuse(refusal!);
    expect(await answer(far)).toEqual([400, 'Missing or invalid Sec-WebSocket-Version header', 0]);
  });

  it('refuses without a body where the status has none', async () => {
    const { carrier: made, far } = await carrier();
    made.refuse({ statusCode: 304, message: 'x' });
    expect(await answer(far)).toEqual([304, '', 0]);
  });

  it('has a list of a header as several', async () => {
    const { carrier: made, far } = await carrier();
    made.accept({ ...ACCEPTANCE, onLines: (lines) => void lines.push('Set-Cookie: a=1', 'Set-Cookie: b=2') });
    expect((await once(far, 'response'))[0]['set-cookie']).toEqual(['a=1', 'b=2']);
    far.destroy();
  });

  it('resets the stream when the application’s part throws', async () => {
    const accepting = await carrier();
    const onLines = (lines: string[]): void => void lines.push('a\r\nb');
    expect(() => accepting.carrier.accept({ ...ACCEPTANCE, onLines })).toThrow(TypeError);
    expect(await answer(accepting.far)).toEqual([undefined, '', CANCEL]);
    const refusing = await carrier();
    expect(() => refusing.carrier.refuse({ statusCode: 200, message: '' })).toThrow(RangeError);
    await once(refusing.far, 'close');
  });

  it('accepts nobody whose stream was reset, told or not', async () => {
    const { carrier: made, near } = await carrier();
    expect(made.isOpen).toBe(true);
    const onLines = (): void => near.close(CANCEL);
    made.accept({ ...ACCEPTANCE, onLines });
    expect([near.headersSent, near.closed, made.isOpen, made.socket.destroyed]).toEqual([
      false,
      true,
      false,
      true,
    ]);
  });

  it('has nobody to refuse when the client is gone', async () => {
    const { near, far } = await carrier();
    far.close(CANCEL);
    await once(near, 'close');
    refuseStream(near, { statusCode: 400, message: '' });
  });

  it('cuts off a client that leaves no room for the answer', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
    const { server, port } = await startHttp2();
    const attacker = await attackServer(port);
    const noWindow = Buffer.from([0, 4, 0, 0, 0, 0]);
    attacker.socket.write(Buffer.concat([h2Frame(SETTINGS, 0, 0, noWindow), connectFrame(1)]));
    const [stream] = (await once(server, 'stream')) as [ServerHttp2Stream];
    refuseStream(stream, { statusCode: 400, message: 'x' });
    await attacker.until(({ type }) => type === HEADERS);
    vi.advanceTimersByTime(REFUSED_LINGER_MS - 1);
    expect(stream.destroyed).toBe(false);
    vi.advanceTimersByTime(1);
    const { payload } = await attacker.until(({ type }) => type === RST_STREAM);
    expect([payload.readUInt32BE(), stream.destroyed]).toEqual([CANCEL, true]);
  });
});
