import { openAsBlob } from 'node:fs';
import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { closeCodes, closePayload } from '../behaviour/raw-frames.ts';
import {
  type CompatSocket,
  closing,
  ENGINES,
  eventsUntilClose,
  next,
  openPair,
  openRawPair,
  ROLES,
} from './connection-pair.ts';

type Fault = Error & { readonly code?: string };

/** Collects the errors until 'close'. */
async function ending(socket: CompatSocket): Promise<{ errors: Fault[]; end: [number, string] }> {
  const errors: Fault[] = [];
  socket.on('error', (error) => errors.push(error));
  return { end: await closing(socket), errors };
}

/** A Blob of a file that has changed since. */
async function unreadableBlob(): Promise<Blob> {
  const directory = await mkdtemp(join(tmpdir(), 'blob-'));
  onTestFinished(() => rm(directory, { recursive: true }));
  const path = join(directory, 'file');
  await writeFile(path, 'hello');
  const blob = await openAsBlob(path);
  await appendFile(path, 'world');
  return blob;
}

describe.each(ENGINES)('$name', (engine) => {
  describe.each(ROLES)('close, as %s', (role) => {
    it.each([
      ['', 1005, ''],
      [closePayload(1000), 1000, ''],
      [closePayload(1001, 'bye'), 1001, 'bye'],
      [closePayload(1011, 'grüße'), 1011, 'grüße'],
      [closePayload(3000), 3000, ''],
      [closePayload(4999, 'x'.repeat(123)), 4999, 'x'.repeat(123)],
    ])('tells what the close frame of the peer has: %o', async (payload, code, reason) => {
      const { socket, peer, frame } = await openRawPair(engine, role);
      const close = next(socket, 'close');
      peer.socket.end(frame(0x88, payload));
      expect(await close).toEqual([code, Buffer.from(reason)]);
    });

    it('tells 1006 and a Buffer without bytes when the stream ends without one', async () => {
      const { socket, peer } = await openRawPair(engine, role);
      const close = next(socket, 'close');
      peer.socket.end();
      expect(await close).toEqual([1006, Buffer.alloc(0)]);
    });

    it('tells 1006, and no error, when the peer resets the stream', async () => {
      const { socket, peer } = await openRawPair(engine, role);
      const result = ending(socket);
      peer.socket.resetAndDestroy();
      expect(await result).toEqual({ errors: [], end: [1006, ''] });
    });

    it('tells 1006, and no error, when the socket fails here', async () => {
      const { socket } = await openRawPair(engine, role);
      const result = ending(socket);
      socket._socket.destroy(new Error('broken'));
      expect(await result).toEqual({ errors: [], end: [1006, ''] });
    });

    it('tells 1006 when it ends within a message', async () => {
      const { socket, peer, frame } = await openRawPair(engine, role);
      const result = ending(socket);
      socket.on('message', () => expect.unreachable());
      peer.socket.end(frame(0x82, 'hello').subarray(0, -1));
      expect(await result).toEqual({ errors: [], end: [1006, ''] });
    });

    it('tells nothing of what comes behind the close frame', async () => {
      const { socket, peer, frame } = await openRawPair(engine, role);
      const events = eventsUntilClose(socket, ['message', 'ping', 'error']);
      peer.socket.end(
        Buffer.concat([frame(0x81, 'a'), frame(0x88), frame(0x81, 'b'), frame(0x89), frame(0x8f)]),
      );
      expect(await events).toEqual(['message', 'close']);
    });
  });

  describe.each(ROLES)('a fault of the peer, as %s', (role) => {
    it.each([
      [0x80, '', 'WS_ERR_INVALID_OPCODE', 'Invalid WebSocket frame: invalid opcode 0', 1002],
      [0x83, '', 'WS_ERR_INVALID_OPCODE', 'Invalid WebSocket frame: invalid opcode 3', 1002],
      [0x8f, '', 'WS_ERR_INVALID_OPCODE', 'Invalid WebSocket frame: invalid opcode 15', 1002],
      [0xc1, '', 'WS_ERR_UNEXPECTED_RSV_1', 'Invalid WebSocket frame: RSV1 must be clear', 1002],
      [0xa1, '', 'WS_ERR_UNEXPECTED_RSV_2_3', 'Invalid WebSocket frame: RSV2 and RSV3 must be clear', 1002],
      [0x91, '', 'WS_ERR_UNEXPECTED_RSV_2_3', 'Invalid WebSocket frame: RSV2 and RSV3 must be clear', 1002],
      [0x09, '', 'WS_ERR_EXPECTED_FIN', 'Invalid WebSocket frame: FIN must be set', 1002],
      [
        0x89,
        'x'.repeat(126),
        'WS_ERR_INVALID_CONTROL_PAYLOAD_LENGTH',
        'Invalid WebSocket frame: invalid payload length 126',
        1002,
      ],
      [
        0x88,
        'x',
        'WS_ERR_INVALID_CONTROL_PAYLOAD_LENGTH',
        'Invalid WebSocket frame: invalid payload length 1',
        1002,
      ],
      [
        0x88,
        closePayload(1005),
        'WS_ERR_INVALID_CLOSE_CODE',
        'Invalid WebSocket frame: invalid status code 1005',
        1002,
      ],
      [
        0x88,
        closePayload(999),
        'WS_ERR_INVALID_CLOSE_CODE',
        'Invalid WebSocket frame: invalid status code 999',
        1002,
      ],
      [
        0x88,
        Buffer.from([0x03, 0xe8, 0xff]),
        'WS_ERR_INVALID_UTF8',
        'Invalid WebSocket frame: invalid UTF-8 sequence',
        1007,
      ],
      [
        0x81,
        Buffer.from([0xff]),
        'WS_ERR_INVALID_UTF8',
        'Invalid WebSocket frame: invalid UTF-8 sequence',
        1007,
      ],
      [0x82, 'x'.repeat(101), 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH', 'Max payload size exceeded', 1009],
    ])('is an error, and 1006: %i %o %s', async (firstByte, payload, code, message, closeCode) => {
      const { socket, peer, frame } = await openRawPair(engine, role, {
        settings: { maxPayload: 100, perMessageDeflate: false },
      });
      const result = ending(socket);
      peer.socket.write(frame(firstByte, payload));
      await peer.until((received) => closeCodes(received).length > 0);
      peer.socket.end();
      const { errors, end } = await result;
      expect(errors).toEqual([expect.objectContaining({ code, message })]);
      expect(errors[0]).toBeInstanceOf(code === 'WS_ERR_INVALID_UTF8' ? Error : RangeError);
      expect(errors[0]!.name).toBe(code === 'WS_ERR_INVALID_UTF8' ? 'Error' : 'RangeError');
      expect(end).toEqual([1006, '']);
      expect(closeCodes(peer.received)).toEqual([closeCode]);
    });

    it('in a mask that is there or missing is told too', async () => {
      const { socket, peer } = await openRawPair(engine, role);
      const result = ending(socket);
      peer.socket.end(role === 'server' ? Buffer.from([0x82, 0x00]) : Buffer.from([0x82, 0x80, 0, 0, 0, 0]));
      expect((await result).errors).toEqual([
        expect.objectContaining(
          role === 'server'
            ? { code: 'WS_ERR_EXPECTED_MASK', message: 'Invalid WebSocket frame: MASK must be set' }
            : { code: 'WS_ERR_UNEXPECTED_MASK', message: 'Invalid WebSocket frame: MASK must be clear' },
        ),
      ]);
    });

    it('within a message in fragments is told too', async () => {
      const { socket, peer, frame } = await openRawPair(engine, role);
      const result = ending(socket);
      peer.socket.end(Buffer.concat([frame(0x01, 'a'), frame(0x81, 'b')]));
      expect((await result).errors).toEqual([
        expect.objectContaining({
          code: 'WS_ERR_INVALID_OPCODE',
          message: 'Invalid WebSocket frame: invalid opcode 1',
        }),
      ]);
    });

    it('is told once, whatever comes behind it', async () => {
      const { socket, peer, frame } = await openRawPair(engine, role);
      const events = eventsUntilClose(socket, ['message', 'error']);
      peer.socket.write(Buffer.concat([frame(0x81, 'a'), frame(0x85), frame(0x85), frame(0x81, 'b')]));
      await peer.until((received) => received.length > 0);
      peer.socket.write(frame(0x85));
      peer.socket.resetAndDestroy();
      expect(await events).toEqual(['message', 'error', 'close']);
    });

    it('is told before close, and the socket is CLOSING then', async () => {
      const { socket, peer, frame } = await openRawPair(engine, role);
      const state = new Promise((resolve) => socket.on('error', () => resolve(socket.readyState)));
      const closed = closing(socket);
      peer.socket.end(frame(0x85));
      expect(await state).toBe(2);
      expect(await closed).toEqual([1006, '']);
    });
  });

  it('both ends fail on their own when each gets a fault', async () => {
    const { client, server } = await openPair(engine);
    const ends = Promise.all([ending(client), ending(server)]);
    client._socket.write(Buffer.from([0x85, 0x80, 0, 0, 0, 0]));
    server._socket.write(Buffer.from([0x85, 0x00]));
    for (const { errors, end } of await ends) {
      expect(errors).toEqual([expect.objectContaining({ code: 'WS_ERR_INVALID_OPCODE' })]);
      expect(end).toEqual([1006, '']);
    }
  });

  it('both ends fail on their own, also when close() was called meanwhile', async () => {
    const { client, server } = await openPair(engine);
    const ends = Promise.all([ending(client), ending(server)]);
    client._socket.write(Buffer.from([0x85, 0x80, 0, 0, 0, 0]));
    server._socket.write(Buffer.from([0x85, 0x00]));
    client.close();
    server.close();
    for (const { errors, end } of await ends) {
      expect(errors).toEqual([expect.objectContaining({ code: 'WS_ERR_INVALID_OPCODE' })]);
      expect(end).toEqual([1006, '']);
    }
  });

  describe('a Blob that cannot be read', () => {
    it('is an error, and ends the connection', async () => {
      const { client } = await openPair(engine);
      const result = ending(client);
      client.send(await unreadableBlob());
      const { errors, end } = await result;
      expect(errors).toHaveLength(1);
      expect(errors[0]).toBeInstanceOf(DOMException);
      expect(errors[0]).toMatchObject({ name: 'NotReadableError', message: 'The blob could not be read' });
      expect(end).toEqual([1006, '']);
    });

    it('is told to its callback and to those behind it, first', async () => {
      const { client } = await openPair(engine);
      const calls: string[] = [];
      client.on('error', (error: Error) => calls.push(`error ${error.name}`));
      const closed = closing(client);
      const blob = await unreadableBlob();
      client.send(blob, (error?: Error) => calls.push(`blob ${error?.name}`));
      client.send('text', (error?: Error) => calls.push(`text ${error?.name}`));
      client.send(new Blob(['b']), (error?: Error) => calls.push(`second blob ${error?.name}`));
      await closed;
      expect(calls).toEqual([
        'blob NotReadableError',
        'text NotReadableError',
        'second blob NotReadableError',
        'error NotReadableError',
      ]);
    });

    it('leaves what was sent before it', async () => {
      const { client, server } = await openPair(engine);
      client.on('error', () => {});
      const events = eventsUntilClose(server, ['message']);
      client.send('a');
      client.send(new Blob(['b']));
      client.send(await unreadableBlob());
      client.send('c');
      expect(await events).toEqual(['message', 'message', 'close']);
    });

    it('puts the socket into CLOSING', async () => {
      const { client } = await openPair(engine);
      const blob = await unreadableBlob();
      const states: number[] = [];
      client.on('error', () => states.push(client.readyState));
      const closed = closing(client);
      client.ping(blob, undefined, () => states.push(client.readyState));
      await closed;
      expect(states).toEqual([1, 2]);
    });
  });
});
