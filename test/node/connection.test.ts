import { once } from 'node:events';
import { Duplex, type DuplexOptions } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { Connection, type ConnectionEvents } from '../../src/node/connection.ts';
import { fastPathAllowed } from '../../src/node/fast-path/allowed.ts';
import { bytes, hex } from '../core/recorder.ts';
import { socketPair } from './socket-pair.ts';

/** A socket of which a test plays the peer. */
class FakeSocket extends Duplex {
  readonly writes: string[] = [];

  override _read(): void {}

  override _writev(chunks: Array<{ chunk: Buffer }>, callback: () => void): void {
    this.writes.push(hex(Buffer.concat(chunks.map(({ chunk }) => chunk))));
    callback();
  }
}

function open(closeTimeout = 30_000, options: DuplexOptions = {}) {
  return openOn(new FakeSocket(options), closeTimeout, true);
}

function openOn<Stream extends Duplex>(socket: Stream, closeTimeout: number, fastPath: boolean) {
  const log: unknown[][] = [];
  let closed = (): void => {};
  const whenClosed = new Promise<void>((resolve) => {
    closed = resolve;
  });
  const events: ConnectionEvents = {
    websocket: {},
    onMessage: (data, isBinary) => log.push(['message', hex(data), isBinary]),
    onPing: (payload) => log.push(['ping', hex(payload)]),
    onPong: (payload) => log.push(['pong', hex(payload)]),
    onClose: (code) => log.push(['close', code]),
    onError: (error) => log.push(['error', error.message]),
    onClosing: () => {},
    onDrain: () => log.push(['drain']),
    onClosed: () => {
      log.push(['closed']);
      closed();
    },
  };
  const connection = new Connection(
    socket,
    'client',
    {
      maxPayload: 1000,
      checkUtf8: true,
      autoPong: true,
      closeTimeout,
      compression: undefined,
      generateMask: (key) => key.fill(0),
      fastPath,
    },
    events,
  );
  return { socket, log, connection, whenClosed };
}

const text = { fin: true, compress: false, mask: false };

describe('Connection', () => {
  it('reads what came behind the handshake first', async () => {
    const { socket, log, connection, whenClosed } = open();
    connection.start(bytes('82 01 01'));
    socket.push(Buffer.from('820102', 'hex'));
    socket.push(null);
    await whenClosed;
    expect(log).toEqual([['message', '01', true], ['message', '02', true], ['closed']]);
  });

  it('tells what came behind the handshake after start() has returned, when the socket is being read', async () => {
    const { socket, log, connection, whenClosed } = open();
    // As a socket that node:http has parsed a request from: a read of it is under way.
    await new Promise((resolve) => setImmediate(resolve, socket.read(0)));
    connection.start(bytes('82 01 01'));
    expect(log).toEqual([]);
    socket.push(null);
    await whenClosed;
    expect(log).toEqual([['message', '01', true], ['closed']]);
  });

  it('writes for the others when the stream of one throws', async () => {
    const [one, other] = [open(), open()];
    for (const { connection } of [one, other]) connection.start(new Uint8Array(0));
    const thrown = once(process, 'uncaughtExceptionMonitor');
    one.socket.write = () => {
      throw new Error('of the application');
    };
    const guard = process.listeners('uncaughtException');
    process.removeAllListeners('uncaughtException').once('uncaughtException', () => {});
    for (const { connection } of [one, other]) connection.sendPing(bytes('63'), false);
    await thrown;
    await new Promise(setImmediate);
    for (const listener of guard) process.on('uncaughtException', listener);
    expect(other.socket.writes).toEqual(['890163']);
    for (const { connection } of [one, other]) connection.destroy();
  });

  it('writes what is sent in one tick at once', async () => {
    const { socket, connection } = open();
    connection.start(new Uint8Array(0));
    const sent = new Promise<void>((resolve) =>
      connection.sendMessage(1, bytes('62'), text, () => resolve()),
    );
    connection.sendPing(bytes('63'), false);
    expect(connection.bufferedBytes).toBe(6);
    await sent;
    expect(socket.writes).toEqual(['810162' + '890163']);
    connection.destroy();
  });

  it('destroys the socket when the peer does not answer our Close frame in time', async () => {
    const { socket, log, connection, whenClosed } = open(10);
    connection.start(new Uint8Array(0));
    connection.close(1000, new Uint8Array(0));
    await whenClosed;
    expect([log, socket.destroyed]).toEqual([[['closed']], true]);
  });

  it('tells a fault, and ends', async () => {
    const { socket, log, connection, whenClosed } = open();
    connection.start(new Uint8Array(0));
    socket.push(Buffer.from('f100', 'hex'));
    socket.push(null);
    await whenClosed;
    expect(log.map(([name]) => name)).toEqual(['error', 'closed']);
    expect(socket.writes.join('')).toBe('88820000000003ea');
  });

  it('reads nothing while it is paused, and what was left when the socket closes', async () => {
    const { socket, log, connection, whenClosed } = open();
    connection.start(new Uint8Array(0));
    connection.pause();
    socket.push(Buffer.from('820101', 'hex'));
    await new Promise((resolve) => setImmediate(resolve));
    expect(log).toEqual([]);
    connection.resume();
    socket.push(null);
    await whenClosed;
    expect(log[0]).toEqual(['message', '01', true]);
  });

  it('destroys a stream that does not close by itself when both directions have ended', async () => {
    const { socket, log, connection, whenClosed } = open(60_000, { autoDestroy: false });
    connection.start(new Uint8Array(0));
    connection.close(1000, new Uint8Array(0));
    socket.push(Buffer.from('880203e8', 'hex'));
    socket.push(null);
    await whenClosed;
    expect(log).toEqual([['close', 1000], ['closed']]);
  });

  it('hands over what was sent in the same tick before it is destroyed', async () => {
    const { socket, connection, whenClosed } = open();
    connection.start(new Uint8Array(0));
    connection.sendMessage(1, bytes('62'), text);
    connection.destroy();
    await whenClosed;
    expect(socket.writes).toEqual(['810162']);
  });

  it('closes when the socket fails', async () => {
    const { socket, log, connection, whenClosed } = open();
    connection.start(new Uint8Array(0));
    socket.destroy(new Error('ECONNRESET'));
    await whenClosed;
    expect(log).toEqual([['closed']]);
  });

  it('closes when the socket was gone before it began', async () => {
    const { socket, log, connection, whenClosed } = open();
    socket.on('error', () => {});
    socket.destroy();
    connection.start(new Uint8Array(0));
    await whenClosed;
    expect(log.at(-1)).toEqual(['closed']);
  });

  it('is full above the high mark, and tells when what waited has fallen to the low one', async () => {
    const { socket, log, connection } = open();
    const written: Array<() => void> = [];
    socket._writev = (_chunks, callback) => void written.push(callback as () => void);
    connection.start(new Uint8Array(0));
    connection.sendMessage(2, new Uint8Array(65_530), text);
    expect([connection.full, connection.needsDrain]).toEqual([false, false]);
    connection.sendMessage(2, new Uint8Array(5000), text);
    expect([connection.full, connection.needsDrain]).toEqual([true, true]);
    connection.sendMessage(2, new Uint8Array(20_000), text, () => log.push(['third']));
    connection.flush();
    expect(connection.bufferedBytes).toBe(4 + 65_530 + 4 + 5000 + 20_000);
    written.shift()!();
    await new Promise((resolve) => setImmediate(resolve));
    expect([connection.full, connection.bufferedBytes, log]).toEqual([false, 20_004, []]);
    written.shift()!();
    await new Promise((resolve) => setImmediate(resolve));
    expect([connection.needsDrain, connection.bufferedBytes, log]).toEqual([
      false,
      0,
      [['drain'], ['third']],
    ]);
  });

  it('keeps little for what waits in the socket: not the memory that connections share', () => {
    const { socket, connection } = open();
    const chunks: Uint8Array[] = [];
    socket._writev = () => {};
    const { write } = socket;
    socket.write = (...args: unknown[]) => {
      chunks.push(args[0] as Uint8Array);
      return Reflect.apply(write, socket, args);
    };
    for (let i = 0; i < 2; i++) {
      connection.sendMessage(2, bytes('01'), text);
      connection.flush();
    }
    expect(chunks.map(({ length }) => length)).toEqual([3, 3]);
    expect(chunks[1]!.buffer.byteLength).toBe(3);
  });

  it('counts what waits to be read: it is no reason to be full', () => {
    const { connection } = open();
    const unread = { length: 70_000, read: () => {} };
    connection.sendMessage(2, unread, text);
    expect([connection.full, connection.needsDrain, connection.droppedMessages]).toEqual([false, true, 0]);
  });

  it('looks at nothing while it is held, and goes on where it was', async () => {
    const { socket, log, connection, whenClosed } = open();
    connection.start(new Uint8Array(0));
    const { push } = log;
    log.push = (...entries) => {
      connection.hold();
      return push.apply(log, entries);
    };
    socket.push(Buffer.from('820101820102', 'hex'));
    await new Promise((resolve) => setImmediate(resolve));
    expect([[...log], socket.isPaused()]).toEqual([[['message', '01', true]], true]);
    connection.readOn();
    log.push = push;
    connection.readOn();
    socket.push(null);
    await whenClosed;
    expect([...log]).toEqual([['message', '01', true], ['message', '02', true], ['closed']]);
  });
});

describe.each([true, false])('Connection on a socket, fastPath: %s', (fastPath) => {
  async function openPair() {
    const { near, far } = await socketPair();
    const opened = openOn(near, 30_000, fastPath);
    opened.connection.start(new Uint8Array(0));
    let streamed = 0;
    const write = near._write;
    near._write = (...args) => {
      streamed++;
      write.apply(near, args);
    };
    return { ...opened, near, far, streamedWrites: () => streamed };
  }

  it('tells what comes, by the stream or past it', async () => {
    const { near, far, log, whenClosed } = await openPair();
    far.write(Buffer.from('8201018201', 'hex'));
    far.end(Buffer.from('02', 'hex'));
    await whenClosed;
    expect(log).toEqual([['message', '01', true], ['message', '02', true], ['closed']]);
    expect(near.readableDidRead).toBe(!fastPathAllowed(fastPath));
  });

  it('closes when the peer has ended and nothing waits, which tells the peer the same as an end', async () => {
    const { near, far, whenClosed } = await openPair();
    const ended = once(far.resume(), 'end');
    far.end();
    await Promise.all([ended, whenClosed]);
    expect([near.errored, near.writableFinished]).toEqual([null, !fastPathAllowed(fastPath)]);
  });

  it('writes what is sent, by the stream or past it', async () => {
    const { far, connection, streamedWrites } = await openPair();
    const sent = new Promise<void>((resolve) =>
      connection.sendMessage(1, bytes('62'), text, () => resolve()),
    );
    connection.sendPing(bytes('63'), false);
    expect(connection.bufferedBytes).toBe(6);
    await sent;
    expect(connection.bufferedBytes).toBe(0);
    expect(hex((await once(far, 'data'))[0])).toBe('810162' + '890163');
    expect(streamedWrites()).toBe(fastPathAllowed(fastPath) ? 0 : 1);
    connection.destroy();
  });

  it('counts what the system has not taken, and calls back in order', async () => {
    const { far, connection, whenClosed } = await openPair();
    far.pause();
    const called: number[] = [];
    let count = 0;
    while (connection.bufferedBytes === 0) {
      for (let i = 0; i < 10; i++) {
        const index = count++;
        connection.sendMessage(2, new Uint8Array(4000), text, () => called.push(index));
      }
      connection.flush();
    }
    const last = count++;
    connection.sendMessage(2, new Uint8Array(100_000), text, () => called.push(last));
    let received = 0;
    far.on('data', (chunk) => {
      received += chunk.length;
      if (received === last * 4004 + 100_010) far.end();
    });
    far.resume();
    await whenClosed;
    expect(called).toEqual(Array.from({ length: count }, (_, i) => i));
    expect(connection.bufferedBytes).toBe(0);
  });
});
