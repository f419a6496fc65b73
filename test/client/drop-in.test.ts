import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { type Client, IMPLEMENTATIONS, type Implementation, Stage } from './drop-in-stage.ts';

// The same programs, servers and cuts: the same events, whichever it is. What differs is in drop-in-differences.ts.

/** Tests a program on all of them. */
function same(what: string, program: (stage: Stage, Class: Implementation) => Promise<void>): void {
  it.each(Object.entries(IMPLEMENTATIONS))(`%s ${what}`, async (_, Class) => {
    await program(await Stage.of(Class), Class);
  });
}

const opened = (ws: Client) => new Promise((resolve) => ws.addEventListener('open', resolve));

describe('the connection', () => {
  same('comes back after each close, with its code', async (stage) => {
    stage.create();
    for (const [n, code] of [1001, 1012, 3000, 4000, 4999].entries()) (await stage.peer(n)).close(code, 'r');
    await stage.peer(5);
    expect(await stage.seen(11)).toEqual([
      'open',
      'close 1001',
      'open',
      'close 1012',
      'open',
      'close 3000',
      'open',
      'close 4000',
      'open',
      'close 4999',
      'open',
    ]);
  });

  same('tells a close without a code as 1005', async (stage) => {
    stage.create();
    (await stage.peer(0)).close();
    expect((await stage.seen(3)).slice(0, 3)).toEqual(['open', 'close 1005', 'open']);
  });

  same('comes through when handshakes failed', async (stage) => {
    let calls = 0;
    const ws = stage.create({
      // A port that the standard has no WebSockets on.
      url: () => (++calls <= 3 ? 'ws://127.0.0.1:9/' : stage.url),
    });
    await opened(ws);
    expect([calls, ws.url, stage.log.filter((entry) => entry === 'open')]).toEqual([4, stage.url, ['open']]);
    expect(stage.log.filter((entry) => entry === 'error').length).toBe(3);
  });

  same('gives up after as many retries', async (stage) => {
    let calls = 0;
    const url = () => {
      calls++;
      return 'ws://127.0.0.1:9/';
    };
    const ws = stage.create({ url, options: { maxRetries: 2 } });
    await stage.seen(6);
    await stage.settle();
    expect([calls, stage.log.length, ws.readyState]).toEqual([3, 6, 3]);
  });

  same('is replaced by reconnect(), behind what is sent meanwhile', async (stage) => {
    const ws = stage.create();
    await opened(ws);
    ws.reconnect();
    ws.send('on the new one');
    await stage.got(4);
    expect(stage.log.map((entry) => entry.split(' ')[0])).toEqual(['open', 'close', 'open']);
    expect(stage.heard.filter((entry) => !entry.startsWith('close'))).toEqual([
      'connection',
      'connection',
      'on the new one',
    ]);
  });

  same('is opened by reconnect() where it started closed', async (stage) => {
    const ws = stage.create({ options: { startClosed: true } });
    expect(ws.readyState).toBe(3);
    ws.send('early');
    await stage.settle();
    expect(stage.heard).toEqual([]);
    ws.reconnect();
    expect(await stage.got(2)).toEqual(['connection', 'early']);
  });

  same('comes back by reconnect() after close()', async (stage) => {
    const ws = stage.create();
    await opened(ws);
    ws.close();
    await stage.seen(2);
    ws.reconnect();
    ws.send('again');
    await stage.got(4);
    expect(stage.heard.at(-1)).toBe('again');
    expect(ws.readyState).toBe(1);
  });
});

describe('the end', () => {
  for (const [code, reason] of [
    [1000, 'done'],
    [3000, ''],
    [4999, 'ä'.repeat(61)],
  ] as const) {
    same(`is close(${code}), as the server sees it too`, async (stage) => {
      const ws = stage.create();
      await opened(ws);
      ws.close(code, reason);
      await stage.got(2);
      await stage.settle();
      expect(stage.heard).toEqual(['connection', `close ${code} ${reason}`.trim()]);
      expect([stage.log, ws.readyState]).toEqual([['open', `close ${code}`], 3]);
    });
  }

  same('may be decided by who is told of a close', async (stage) => {
    const ws = stage.create();
    ws.onclose = () => ws.close();
    (await stage.peer(0)).close(4000);
    await stage.seen(2);
    await stage.settle();
    expect([stage.log.slice(0, 2), stage.heard.length]).toEqual([['open', 'close 4000'], 2]);
    expect([stage.log.includes('open', 2), ws.readyState]).toEqual([false, 3]);
  });

  same('comes before any connection where it is called at once', async (stage) => {
    const ws = stage.create();
    ws.close();
    await stage.settle();
    expect([stage.heard, stage.log.includes('open')]).toEqual([[], false]);
  });
});

describe('messages', () => {
  same('wait in order, text and bytes, also for the next connection', async (stage) => {
    const ws = stage.create();
    const send = (from: number) => {
      ws.send(`text ${from}`);
      ws.send(Uint8Array.of(from, 1));
      ws.send(new Uint8Array([9, from, 2, 9]).subarray(1, 3));
      ws.send(Uint8Array.of(from, 3).buffer);
    };
    ws.onopen = () => ws.send('open');
    send(1);
    await stage.got(6);
    stage.hold();
    (await stage.peer(0)).close(4000);
    await stage.seen(2);
    send(2);
    stage.admit();
    expect(await stage.got(13)).toEqual([
      'connection',
      'text 1',
      'bytes 0101',
      'bytes 0102',
      'bytes 0103',
      'open',
      'close 4000',
      'connection',
      'text 2',
      'bytes 0201',
      'bytes 0202',
      'bytes 0203',
      'open',
    ]);
  });

  same('wait by the hundred', async (stage) => {
    const ws = stage.create();
    const texts = Array.from({ length: 200 }, (_, n) => `message ${n}`);
    for (const text of texts) ws.send(text);
    expect(await stage.got(201)).toEqual(['connection', ...texts]);
  });

  same('are counted in bufferedAmount while they wait', async (stage) => {
    const ws = stage.create();
    const amounts = [ws.bufferedAmount];
    for (const data of ['abc', Uint8Array.of(1, 2), new ArrayBuffer(4), new Blob(['12345'])]) {
      ws.send(data);
      amounts.push(ws.bufferedAmount);
    }
    await stage.got(5);
    (await stage.peer(0)).send('all of it came');
    await stage.seen(2);
    expect([...amounts, ws.bufferedAmount]).toEqual([0, 3, 5, 9, 14, 0]);
  });

  same('come as the binaryType says, on each connection', async (stage) => {
    const ws = stage.create();
    const got: unknown[] = [];
    ws.onmessage = ({ data }) => got.push(data);
    expect(ws.binaryType).toBe('blob');
    (await stage.peer(0)).send(Uint8Array.of(1));
    await stage.seen(2);
    ws.binaryType = 'arraybuffer';
    (await stage.peer(0)).send(Uint8Array.of(2));
    await stage.seen(3);
    (await stage.peer(0)).close(4000);
    const peer = await stage.peer(1);
    peer.send('text');
    peer.send(Uint8Array.of(3));
    await stage.seen(7);
    expect([await (got[0] as Blob).bytes(), ...got.slice(1)]).toEqual([
      Uint8Array.of(1),
      Uint8Array.of(2).buffer,
      'text',
      Uint8Array.of(3).buffer,
    ]);
    expect(ws.binaryType).toBe('arraybuffer');
  });
});

describe('URL and subprotocols', () => {
  same('may be a function and a list', async (stage) => {
    let calls = 0;
    const ws = stage.create({ url: async () => `${stage.url}?n=${++calls}`, protocols: ['a', 'b'] });
    for (const n of [0, 1]) (await stage.peer(n)).close(4000);
    await stage.seen(5);
    expect([calls, ws.url, ws.protocol]).toEqual([3, `${stage.url}?n=3`, 'a']);
  });

  same('may be a function that returns at once, and a string', async (stage) => {
    const ws = stage.create({ url: () => stage.url, protocols: 'chat' });
    await opened(ws);
    expect([ws.url, ws.protocol]).toEqual([stage.url, 'chat']);
  });
});

describe('readyState', () => {
  same('is 0, then 1, then not 1 any more', async (stage) => {
    const ws = stage.create();
    const states: unknown[] = [ws.readyState];
    ws.onopen = () => states.push(`open ${ws.readyState}`);
    ws.onmessage = () => states.push(`message ${ws.readyState}`);
    const peer = await stage.peer(0);
    peer.send('x');
    await stage.seen(2);
    expect([...states, ws.readyState]).toEqual([0, 'open 1', 'message 1', 1]);
    peer.close(4000);
    await stage.seen(3);
    expect(ws.readyState).not.toBe(1);
    await stage.seen(4);
    expect(ws.readyState).toBe(1);
    ws.close();
    expect(ws.readyState).toBeGreaterThanOrEqual(2);
    await stage.seen(5);
    expect(ws.readyState).toBe(3);
  });
});

describe('listeners', () => {
  same('are functions or objects, and may be taken away', async (stage) => {
    const ws = stage.create();
    const log: unknown[] = [];
    const object = {
      handleEvent({ data }: { data: unknown }) {
        log.push([this === object, data]);
      },
    };
    const gone = () => log.push('gone');
    ws.addEventListener('message', gone);
    ws.addEventListener('message', object);
    ws.addEventListener('message', ({ data }) => log.push(data));
    ws.removeEventListener('message', gone);
    (await stage.peer(0)).send('a');
    await stage.seen(2);
    await new Promise((resolve) => setImmediate(resolve));
    ws.removeEventListener('message', object);
    (await stage.peer(0)).send('b');
    await stage.seen(3);
    await new Promise((resolve) => setImmediate(resolve));
    expect(log).toEqual([[true, 'a'], 'a', 'b']);
  });

  same('may be attributes, one of each, with the client as `this`', async (stage) => {
    const ws = stage.create();
    const log: unknown[] = [];
    expect([ws.onopen, ws.onmessage, ws.onerror, ws.onclose]).toEqual([null, null, null, null]);
    ws.onmessage = () => log.push('replaced');
    const onMessage = function (this: unknown, { data }: { data: unknown }) {
      log.push([this === ws, data]);
    };
    ws.onmessage = onMessage;
    ws.onopen = () => log.push('open');
    ws.onclose = ({ code }) => log.push(code);
    expect(ws.onmessage).toBe(onMessage);
    const peer = await stage.peer(0);
    peer.send('a');
    await stage.seen(2);
    ws.onmessage = null;
    peer.send('b');
    await stage.seen(3);
    peer.close(4000);
    await once(peer, 'close');
    await stage.seen(5);
    expect(log).toEqual(['open', [true, 'a'], 4000, 'open']);
  });
});
