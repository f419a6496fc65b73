import { afterEach, describe, expect, it, vi } from 'vitest';
import { Admission } from '../../src/hub/admission.ts';
import { HubCloseCode, memoryAdapter, Refused } from '../../src/hub/index.ts';
import { DEFAULT_HISTORY, DEFAULT_LIMITS } from '../../src/hub/options.ts';
import { serveHub } from './served-hub.ts';
import { stringSchema } from './string-schema.ts';
import { type Welcome, WireClient } from './wire-client.ts';

// What docs/hub.md says of each limit, with the default that it says.

const MIB = 1024 * 1024;

/** The clock that rates are measured with, which goes on by hand; in milliseconds. */
function stopClock(): { advance(ms: number): void } {
  // A whole number, so that no rounding is in what goes by.
  let now = Math.ceil(performance.now());
  vi.spyOn(performance, 'now').mockImplementation(() => now);
  return {
    advance: (ms) => {
      now += ms;
    },
  };
}

/** The text of an event that is so many bytes long. */
function eventOf(type: string, bytes: number): string {
  const start = `{"type":"${type}","data":"`;
  return `${start}${'x'.repeat(bytes - start.length - 2)}"}`;
}

/** Lets so many in; returns the status and the names of the headers for each that is refused. */
function enter(doors: Admission, count: number, from: (i: number) => [address: string, now: number]) {
  const refused: Refused[] = [];
  for (let i = 0; i < count; i++) {
    try {
      doors.enter(...from(i));
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      refused.push(error);
    }
  }
  return refused.map(({ status, headers }) => [status, Object.keys(headers)]);
}

function addressAt(i: number): string {
  return `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`;
}

/** A client in the room `r`, which goes away and comes back. */
async function serveRoom() {
  let now = 1_000_000;
  const { hub, url } = await serveHub({ authorizeJoin: () => true, adapter: memoryAdapter(() => now) });
  const { client, welcome } = await WireClient.hello(url);
  const { offset } = (await client.request('$join', { room: 'r' })) as { offset: string };
  const leave = async (): Promise<void> => {
    const gone = new Promise<void>((resolve) => hub.onDisconnect(() => resolve()));
    client.ws.terminate();
    await gone;
  };
  /** Comes back with the place at which it joined; returns what it is told, and how much it gets of the room. */
  const comeBack = async (): Promise<Welcome & { got: number }> => {
    const back = await WireClient.hello(url, { session: welcome.session, rooms: { r: offset } });
    const got = (await back.client.settle()).splice(0).filter(({ room }) => room === 'r').length;
    await new Promise<void>((resolve) => {
      hub.onDisconnect(() => resolve());
      back.client.ws.terminate();
    });
    return { ...back.welcome, got };
  };
  const emit = (data: unknown, count: number): void => {
    for (let i = 0; i < count; i++) void hub.to('r').emit('said', data);
  };
  const advance = (ms: number): void => {
    now += ms;
  };
  return { leave, comeBack, emit, advance };
}

afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

describe('limits', () => {
  it('connections', () => {
    const doors = new Admission(DEFAULT_LIMITS);
    expect(enter(doors, 50_000, (i) => [addressAt(i), 0])).toEqual([]);
    expect(enter(doors, 1, () => ['192.0.2.1', 0])).toEqual([[503, ['Retry-After']]]);
  });

  it('connectionsPerAddress', () => {
    const doors = new Admission(DEFAULT_LIMITS);
    const timeOf = (i: number) => i * 20;
    expect(enter(doors, 1_000, (i) => [`2001:db8::${i.toString(16)}`, timeOf(i)])).toEqual([]);
    expect(enter(doors, 1, () => ['2001:db8::ffff', timeOf(1_000)])).toEqual([[429, ['Retry-After']]]);
    expect(enter(doors, 1, () => ['2001:db8:0:1::', timeOf(1_001)])).toEqual([]);
  });

  it('handshakesPerAddress', () => {
    const doors = new Admission(DEFAULT_LIMITS);
    const tooMany = [429, ['Retry-After']];
    expect(enter(doors, 501, () => ['192.0.2.1', 0])).toEqual([tooMany]);
    expect(enter(doors, 51, () => ['192.0.2.1', 1_000])).toEqual([tooMany]);
    expect(enter(doors, 1, () => ['192.0.2.2', 1_000])).toEqual([]);
  });

  it('messages', async () => {
    const clock = stopClock();
    const { hub, url } = await serveHub();
    let handled = 0;
    hub.on('a', () => void handled++);
    const client = await WireClient.plain(url);
    const send = (count: number): void => {
      for (let i = 0; i < count; i++) client.send({ type: 'a' });
    };
    send(499);
    await client.settle();
    expect(handled).toBe(499);
    clock.advance(1_000);
    send(99);
    await client.settle();
    clock.advance(1_000);
    send(101);
    expect(await client.closed()).toBe(HubCloseCode.RATE_LIMITED.code);
    expect(handled).toBe(499 + 99 + 100);
  });

  it('bytes', async () => {
    const clock = stopClock();
    const { hub, url } = await serveHub();
    let handled = 0;
    hub.on('a', () => void handled++);
    const client = await WireClient.plain(url);
    const send = (count: number): void => {
      for (let i = 0; i < count; i++) client.ws.send(eventOf('a', MIB));
    };
    send(8);
    await vi.waitFor(() => expect(handled).toBe(8));
    clock.advance(1_000);
    send(1);
    client.ws.send(eventOf('a', 100));
    expect(await client.closed()).toBe(HubCloseCode.RATE_LIMITED.code);
    expect(handled).toBe(9);
  });

  it.each([
    ['not of the protocol', '[]', 'BAD_MESSAGE'],
    ['unknown', '{"type":"unknown"}', 'UNKNOWN_TYPE'],
    ['invalid data', '{"type":"text","data":7}', 'INVALID_DATA'],
  ])('badMessages: %s', async (_what, text, code) => {
    const clock = stopClock();
    const { hub, url } = await serveHub();
    hub.on('text', { data: stringSchema }, () => {});
    const client = await WireClient.plain(url);
    const send = async (count: number): Promise<void> => {
      for (let i = 0; i < count; i++) client.ws.send(text);
      for (let i = 0; i < count; i++) expect(await client.next('$error')).toMatchObject({ data: { code } });
    };
    await send(20);
    clock.advance(1_000);
    await send(1);
    client.ws.send(text);
    expect(await client.closed()).toBe(HubCloseCode.BAD_MESSAGES.code);
  });

  it('messageBytes', async () => {
    const { hub, url } = await serveHub();
    hub.on('a', () => {});
    const client = await WireClient.plain(url);
    client.ws.on('error', () => {});
    client.ws.send(eventOf('a', MIB));
    expect(await client.settle()).toEqual([]);
    client.ws.send(eventOf('a', MIB + 1));
    expect(await client.closed()).toBe(1009);
  });

  it('jsonDepth', async () => {
    const { hub, url } = await serveHub();
    hub.on('a', () => 'read');
    const client = await WireClient.plain(url);
    const nested = (depth: number) => JSON.parse('['.repeat(depth) + ']'.repeat(depth)) as unknown;
    // The message itself is one more.
    expect(await client.request('a', nested(31))).toBe('read');
    client.send({ type: 'a', data: nested(32), id: 100 });
    expect(await client.next('$error')).toMatchObject({ data: { code: 'TOO_DEEP' } });
  });

  it('roomsPerSocket', async () => {
    const { hub, url } = await serveHub({ authorizeJoin: () => true });
    const { client, welcome } = await WireClient.hello(url);
    for (let i = 0; i < 100; i++) await client.request('$join', { room: `r${i}` });
    const tooMany = { code: 'TOO_MANY_ROOMS' };
    await expect(client.request('$join', { room: 'more' })).rejects.toMatchObject(tooMany);
    await expect(hub.sockets.get(welcome.id)!.join('more')).rejects.toMatchObject(tooMany);
    await client.request('$leave', { room: 'r0' });
    await client.request('$join', { room: 'more' });
  });

  it('pendingRequests: of the client', async () => {
    const { hub, url } = await serveHub();
    const answers: Array<() => void> = [];
    hub.on('ask', () => new Promise<void>((resolve) => answers.push(resolve)));
    const client = await WireClient.plain(url);
    const asked = Array.from({ length: 100 }, () => client.request('ask'));
    await expect(client.request('ask')).rejects.toMatchObject({ code: 'TOO_MANY_PENDING' });
    for (const answer of answers) answer();
    await Promise.all(asked);
    expect(answers).toHaveLength(100);
  });

  it('pendingRequests: of the hub', async () => {
    const { hub, url } = await serveHub();
    const client = await WireClient.plain(url);
    await client.settle();
    const [socket] = hub.sockets.values();
    const asked = Array.from({ length: 100 }, () => socket!.request('ask'));
    await expect(socket!.request('ask')).rejects.toMatchObject({ code: 'TOO_MANY_PENDING' });
    for (let i = 0; i < 100; i++) client.send({ type: '$reply', id: (await client.next('ask')).id });
    await Promise.all(asked);
  });

  it('bufferedBytes', async () => {
    const { hub, url } = await serveHub();
    const client = await WireClient.plain(url);
    await client.settle();
    const [socket] = hub.sockets.values();
    client.ws.pause();
    const message = 'x'.repeat(MIB);
    let sent = 0;
    for (; socket!.connected && sent < 1_000; sent++) {
      socket!.emit('flood', message);
      if (sent % 16 === 0) await new Promise(setImmediate);
    }
    expect(sent).toBeGreaterThanOrEqual(16);
    client.ws.resume();
    expect(await client.closed()).toBe(HubCloseCode.TRY_AGAIN_LATER.code);
  });

  it('helloTimeoutMs', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] });
    const { url } = await serveHub();
    const client = await WireClient.silent(url);
    await vi.advanceTimersByTimeAsync(9_999);
    await expect(client.request('a')).rejects.toMatchObject({ code: 'BAD_MESSAGE' });
    await vi.advanceTimersByTimeAsync(1);
    expect(await client.closed()).toBe(HubCloseCode.TIMEOUT.code);
  });

  it('are all of those that there are', ({ task }) => {
    expect(namesBesides(task)).toEqual(Object.keys(DEFAULT_LIMITS).sort());
  });
});

describe('history', () => {
  it('count', async () => {
    const { leave, comeBack, emit } = await serveRoom();
    await leave();
    emit(1, 1_000);
    expect(await comeBack()).toMatchObject({ resumed: true, rooms: { r: { gap: false } }, got: 1_000 });
    emit(1, 1);
    expect(await comeBack()).toMatchObject({ resumed: true, rooms: { r: { gap: true } }, got: 1_000 });
  });

  it('ageMs: of messages', async () => {
    const { leave, comeBack, emit, advance } = await serveRoom();
    emit(1, 1);
    advance(60_000);
    await leave();
    advance(60_000);
    expect(await comeBack()).toMatchObject({ resumed: true, rooms: { r: { gap: false } }, got: 1 });
    advance(1);
    expect(await comeBack()).toMatchObject({ resumed: true, rooms: { r: { gap: true } }, got: 0 });
  });

  it('ageMs: of sessions', async () => {
    const { leave, comeBack, advance } = await serveRoom();
    await leave();
    advance(119_999);
    expect(await comeBack()).toMatchObject({ resumed: true });
    advance(120_000);
    expect(await comeBack()).toMatchObject({ resumed: false });
  });

  it.each([
    ['of one byte each', 'x'],
    ['of three bytes each', '語'],
  ])('bytes: of characters %s', async (_what, character) => {
    const { leave, comeBack, emit } = await serveRoom();
    await leave();
    // Each is counted with 256 bytes for itself, and its data is JSON.
    const characters = Math.floor((MIB - 256 - 2) / Buffer.byteLength(character));
    emit(character.repeat(characters), 16);
    expect(await comeBack()).toMatchObject({ rooms: { r: { gap: false } }, got: 16 });
    emit(character.repeat(characters), 1);
    expect(await comeBack()).toMatchObject({ rooms: { r: { gap: true } }, got: 16 });
  });

  it('is all of that which there is', ({ task }) => {
    expect(namesBesides(task)).toEqual(Object.keys(DEFAULT_HISTORY).sort());
  });
});

/** What the tests of a suite are of, without one of them; some are of the same. */
function namesBesides({ name, suite }: { name: string; suite?: { tasks: Array<{ name: string }> } }) {
  const others = suite!.tasks.filter((other) => other.name !== name);
  return [...new Set(others.map((other) => other.name.split(':')[0]!))].sort();
}
