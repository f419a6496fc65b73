import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { type ServerOptions, WebSocket } from 'ws';
import { closeCodes, frame, parseFrames } from '../behaviour/raw-frames.ts';
import { upgradeRaw } from '../behaviour/raw-peer.ts';
import { SERVED, serve } from './served.ts';

/** What becomes of a connection that gets some bytes. */
type Told = ['message', text: string] | ['error', code: unknown] | ['close', code: number];

function text(payload: string | Uint8Array): Buffer {
  return frame(0x81, payload, true);
}

const CLOSE = frame(0x88, Buffer.from([3, 232]), true);

describe.each(SERVED)('options that reach the sockets of $name', ({ engine, mode }) => {
  /** Gives `bytes` to a connection of a server with `options`; tells its events, and what the peer got. */
  async function exchange(options: ServerOptions, bytes: Uint8Array) {
    const { wss, port } = await serve(engine, options, mode);
    const told: Told[] = [];
    const closed = new Promise<void>((resolve) => {
      wss.on('connection', (ws) => {
        ws.on('message', (data) => told.push(['message', String(data)]));
        ws.on('error', (error: Error & { code?: unknown }) => told.push(['error', error.code]));
        ws.on('close', (code) => {
          told.push(['close', code]);
          resolve();
        });
      });
    });
    const peer = await upgradeRaw(port);
    peer.socket.write(bytes);
    await Promise.all([closed, peer.closed]);
    return { told, received: peer.received };
  }

  it('maxPayload', async () => {
    const over = await exchange({ maxPayload: 5 }, text('sixsix'));
    expect(over.told).toEqual([
      ['error', 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH'],
      ['close', 1006],
    ]);
    expect(closeCodes(over.received)).toEqual([1009]);
    const within = await exchange({ maxPayload: 5 }, Buffer.concat([text('five5'), CLOSE]));
    expect(within.told).toEqual([
      ['message', 'five5'],
      ['close', 1000],
    ]);
  });

  it('maxFragments', async () => {
    const bytes = [frame(0x01, 'a', true), frame(0x00, 'b', true), frame(0x00, 'c', true)];
    const over = await exchange({ maxFragments: 2 }, Buffer.concat(bytes));
    expect(over.told).toEqual([
      ['error', 'WS_ERR_TOO_MANY_BUFFERED_PARTS'],
      ['close', 1006],
    ]);
    expect(closeCodes(over.received)).toEqual([1008]);
  });

  it('skipUTF8Validation', async () => {
    const bytes = Buffer.concat([text(Uint8Array.of(0xff)), CLOSE]);
    const checked = await exchange({}, bytes);
    expect(checked.told).toEqual([
      ['error', 'WS_ERR_INVALID_UTF8'],
      ['close', 1006],
    ]);
    expect(closeCodes(checked.received)).toEqual([1007]);
    const unchecked = await exchange({ skipUTF8Validation: true }, bytes);
    expect(unchecked.told).toEqual([
      ['message', '\ufffd'],
      ['close', 1000],
    ]);
  });

  it('autoPong', async () => {
    const bytes = Buffer.concat([frame(0x89, 'p', true), CLOSE]);
    const opcodes = async (options: ServerOptions) =>
      parseFrames((await exchange(options, bytes)).received).map(({ opcode }) => opcode);
    expect(await opcodes({})).toEqual([10, 8]);
    expect(await opcodes({ autoPong: false })).toEqual([8]);
  });

  it('allowSynchronousEvents', async () => {
    const order = async (allowSynchronousEvents: boolean) => {
      const { wss, port } = await serve(engine, { allowSynchronousEvents }, mode);
      const seen: string[] = [];
      const done = new Promise<void>((resolve) => {
        wss.on('connection', (ws) => {
          ws.on('message', (data) => {
            seen.push(`message ${data}`);
            Promise.resolve().then(() => seen.push(`microtask ${data}`));
            if (String(data) === 'b') setImmediate(resolve);
          });
        });
      });
      const peer = await upgradeRaw(port);
      peer.socket.write(Buffer.concat([text('a'), text('b')]));
      await done;
      peer.socket.destroy();
      return seen;
    };
    expect(await order(true)).toEqual(['message a', 'message b', 'microtask a', 'microtask b']);
    expect(await order(false)).toEqual(['message a', 'microtask a', 'message b', 'microtask b']);
  });

  it('closeTimeout', async () => {
    const { wss, port } = await serve(engine, { closeTimeout: 1 } as ServerOptions, mode);
    const closed = new Promise<number>((resolve) => {
      wss.on('connection', (ws) => {
        ws.on('close', resolve);
        ws.close(1000);
      });
    });
    // It never answers.
    const peer = await upgradeRaw(port, {}, { allowHalfOpen: true });
    expect(await closed).toBe(1006);
    peer.socket.destroy();
  });

  it('changed after construction', async () => {
    const { wss, port } = await serve(engine, {}, mode);
    wss.options.maxPayload = 5;
    wss.options.autoPong = false;
    const failed = new Promise<unknown>((resolve) => {
      wss.on('connection', (ws) => ws.on('error', resolve));
    });
    const peer = await upgradeRaw(port);
    peer.socket.write(Buffer.concat([frame(0x89, 'p', true), text('sixsix')]));
    expect(await failed).toMatchObject({ code: 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH' });
    await peer.closed;
    expect(parseFrames(peer.received).map(({ opcode }) => opcode)).toEqual([8]);
  });

  it('WebSocket: the class to instantiate, with the options of the server', async () => {
    const created: unknown[][] = [];
    class Tagged extends engine.WebSocket {
      readonly tag = 'mine';
      constructor(...args: unknown[]) {
        super(...(args as ConstructorParameters<typeof WebSocket>));
        created.push(args);
      }
      greet() {
        this.send('hello');
      }
    }
    const { wss, url } = await serve(engine, { WebSocket: Tagged as never }, mode);
    const connection = once(wss, 'connection');
    const client = new WebSocket(url);
    const message = once(client, 'message');
    const [ws] = await connection;
    expect(ws).toBeInstanceOf(Tagged);
    expect([ws.tag, wss.clients.has(ws)]).toEqual(['mine', true]);
    expect(created).toEqual([[null, undefined, wss.options]]);
    expect(created[0]![2]).toBe(wss.options);
    ws.greet();
    expect(String((await message)[0])).toBe('hello');
    const closed = once(client, 'close');
    client.close();
    await closed;
  });

  it('WebSocket: a change of it', async () => {
    const { wss, url } = await serve(engine, {}, mode);
    class Later extends engine.WebSocket {}
    wss.options.WebSocket = Later as never;
    const connection = once(wss, 'connection');
    const client = new WebSocket(url);
    const [ws] = await connection;
    expect(ws).toBeInstanceOf(Later);
    const closed = once(client, 'close');
    ws.close();
    await closed;
  });
});
