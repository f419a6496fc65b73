// The load generator's clients of pushed updates, against servers whose every byte is known.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { COMPRESSED, frame, TEXT } from '../../bench/frames.mjs';
import { buildLoadGenerator } from '../../bench/load-generator.mjs';
import { ACCEPT, RESPONSE } from '../../bench/turns.mjs';

const CLIENTS = 3;
const UPDATES = 4;

let folder: string;
let program: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'hawser-updates-'));
  program = buildLoadGenerator(folder).program;
});
afterAll(() => rmSync(folder, { recursive: true }));

interface Counted {
  bytesIn: number;
  bytesOut: number;
}

/** Runs clients against a server, which `serve` is one connection of; its promise is for when all clients are there. */
async function count(
  serve: (socket: Socket, together: Promise<void>) => void,
  request: string,
  options: Record<string, string | number>,
): Promise<Counted & { times: Float64Array; confirmed: number }> {
  let confirmed = 0;
  const listen = async (handle: (socket: Socket) => void): Promise<number> => {
    const server = createServer({ noDelay: true }, handle).listen(0, '127.0.0.1');
    onTestFinished(() => void server.close());
    await once(server, 'listening');
    return (server.address() as AddressInfo).port;
  };
  const quietly = (handle: (socket: Socket) => void) => (socket: Socket) => {
    socket.on('error', () => {});
    handle(socket);
  };
  let allCame: () => void = () => {};
  const together = new Promise<void>((resolve) => {
    allCame = resolve;
  });
  const port = await listen(quietly((socket) => serve(socket, together)));
  const closing: Promise<unknown>[] = [];
  const control = await listen(
    quietly((socket) => {
      socket.on('data', (chunk) => {
        confirmed += chunk.length;
      });
      closing.push(once(socket, 'close'));
    }),
  );
  writeFileSync(join(folder, 'request.txt'), request);
  const all = {
    mode: 'updates',
    port,
    control,
    connections: CLIENTS,
    updates: UPDATES,
    request: join(folder, 'request.txt'),
    times: join(folder, 'times.bin'),
    ...options,
  };
  const child = spawn(
    program,
    Object.entries(all).map(([name, value]) => `${name}=${value}`),
  );
  const lines: string[] = [];
  const output = createInterface({ input: child.stdout }).on('line', (line) => {
    lines.push(line);
    allCame();
    if (lines.length === 2) child.stdin.end();
  });
  child.stderr.on('data', (text) => lines.push(String(text)));
  await Promise.all([once(child, 'close'), once(output, 'close')]);
  await Promise.all(closing);
  if (child.exitCode !== 0) throw new Error(lines.join('\n'));
  const times = readFileSync(all.times);
  return {
    ...JSON.parse(lines[1]!),
    confirmed,
    times: new Float64Array(times.buffer.slice(times.byteOffset, times.byteOffset + times.length)),
  };
}

function updateText(index: number): string {
  return JSON.stringify({ index });
}

/** Writes pieces one by one, so that they come in reads of their own. */
function writePieces(socket: Socket, bytes: Buffer, size: number): void {
  for (let at = 0; at < bytes.length; at += size) socket.write(bytes.subarray(at, at + size));
}

describe('the load generator', () => {
  const get = 'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n';

  it.each([1, 7, 1000])(
    'counts every byte and every event of a chunked stream in pieces of %i',
    async (size) => {
      const head = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n';
      const events = Array.from({ length: UPDATES }, (_, i) => `data: ${updateText(i)}\n\n`);
      const body = Buffer.from(
        events.map((event) => `${event.length.toString(16)}\r\n${event}\r\n`).join(''),
      );
      const serve = (socket: Socket, together: Promise<void>) =>
        socket.once('data', async () => {
          socket.write(head);
          await together;
          writePieces(socket, body, size);
        });
      const counted = await count(serve, get, { 'line-ends': 2 });
      expect(counted.bytesOut).toBe(get.length * CLIENTS);
      // The last chunk's line end may still be under way.
      expect(counted.bytesIn).toBeGreaterThanOrEqual((head.length + body.length - 2) * CLIENTS);
      expect(counted.bytesIn).toBeLessThanOrEqual((head.length + body.length) * CLIENTS);
      expect(counted.confirmed).toBe(UPDATES);
      expect(counted.times.every((time) => time > 0)).toBe(true);
      expect(counted.times.length).toBe(CLIENTS * UPDATES);
    },
  );

  it('asks anew behind each response, for what it does not have', async () => {
    const asked: string[] = [];
    let bytesOut = 0;
    let bytesIn = 0;
    const serve = (socket: Socket) =>
      socket.on('data', (request) => {
        bytesOut += request.length;
        const after = Number(/after=(\d+) /.exec(request.toString())![1]);
        asked.push(`after ${after}`);
        // Two at once in the middle.
        const updates = (after === 1 ? [1, 2] : [after]).filter((index) => index < UPDATES).map(updateText);
        if (updates.length === 0) return;
        const body = `${updates.join('\n')}\n`;
        const response = `HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
        bytesIn += response.length;
        socket.write(response);
      });
    const counted = await count(serve, 'GET /?after=# HTTP/1.1\r\n\r\n', { 'line-ends': 1, polls: 1 });
    const expected = ['after 0', 'after 1', 'after 3', 'after 4'].flatMap((each) =>
      Array(CLIENTS).fill(each),
    );
    expect(asked.sort()).toEqual(expected);
    expect(counted).toMatchObject({ bytesIn, bytesOut, confirmed: UPDATES });
  });

  it.each([
    ['plain', TEXT, ''],
    ['compressed', TEXT | COMPRESSED, 'permessage-deflate'],
  ])('counts %s frames', async (_, firstByte, extension) => {
    const response = extension
      ? RESPONSE.replace(/\r\n\r\n$/, `\r\nSec-WebSocket-Extensions: ${extension}\r\n\r\n`)
      : RESPONSE;
    const frames = Buffer.concat(
      Array.from({ length: UPDATES }, (_, i) => frame(firstByte, Buffer.alloc(100 + 20 * i))),
    );
    const serve = (socket: Socket, together: Promise<void>) =>
      socket.once('data', async () => {
        socket.write(response);
        await together;
        writePieces(socket, frames, 50);
      });
    const counted = await count(serve, get, {
      accept: ACCEPT,
      extension,
      'first-byte': firstByte,
      'max-payload': 200,
    });
    expect(counted).toMatchObject({
      bytesIn: (response.length + frames.length) * CLIENTS,
      bytesOut: get.length * CLIENTS,
      confirmed: UPDATES,
    });
  });

  it('does not take a frame that is not an update', async () => {
    const serve = (socket: Socket, together: Promise<void>) =>
      socket.once('data', async () => {
        socket.write(RESPONSE);
        await together;
        socket.write(frame(0x88, Buffer.alloc(0)));
      });
    const counted = count(serve, get, { accept: ACCEPT, 'first-byte': TEXT, 'max-payload': 200 });
    await expect(counted).rejects.toThrow("an update's frame is not what it should be");
  });
});
