import { EventEmitter } from 'node:events';
import type { Duplex } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Heartbeat, type HeartbeatClock } from '../../src/api/heartbeat.ts';
import type { WebSocket } from '../../src/api/websocket.ts';

const TIMES = { intervalMs: 30_000, timeoutMs: 10_000 };

/** A clock that goes on when the test says so. */
class HandClock implements HeartbeatClock {
  nowMs = 1_000;
  /** What `random` returns. */
  chance = 0;
  running = false;
  tickMs = 0;
  #tick = (): void => {};

  now(): number {
    return this.nowMs;
  }

  random(): number {
    return this.chance;
  }

  every(tickMs: number, tick: () => void): () => void {
    this.running = true;
    this.tickMs = tickMs;
    this.#tick = tick;
    return () => {
      this.running = false;
      this.#tick = () => {};
    };
  }

  /** Lets all ticks of so many milliseconds come. */
  advance(durationMs: number): void {
    for (const end = this.nowMs + durationMs; this.nowMs + this.tickMs <= end; ) this.tick(this.tickMs);
  }

  tick(afterMs: number): void {
    this.nowMs += afterMs;
    this.#tick();
  }
}

/** What a heartbeat sees of a connection, to be set by hand. */
class Peer extends EventEmitter {
  readyState = 1;
  isPaused = false;
  readonly pings: Array<{ atMs: number; payload: Buffer }> = [];
  terminatedAtMs: number | undefined;
  readonly socket = {
    bytesRead: 0 as number | undefined,
    bytesWritten: 0,
    writableLength: 0,
    paused: false,
    isPaused: () => this.socket.paused,
  };

  constructor(
    readonly clock: HandClock,
    heartbeat: Heartbeat,
  ) {
    super();
    heartbeat.add(this.ws, this.socket as unknown as Duplex);
  }

  get ws(): WebSocket {
    return this as unknown as WebSocket;
  }

  ping(payload: Buffer): void {
    this.pings.push({ atMs: this.clock.nowMs, payload });
  }

  terminate(): void {
    this.terminatedAtMs = this.clock.nowMs;
    this.close();
  }

  close(): void {
    this.readyState = 3;
    this.emit('close');
  }

  /** Answers the last ping; returns whether the heartbeat takes that for its own. */
  pong(): boolean {
    return Heartbeat.takesPong(this.ws, this.pings.at(-1)!.payload);
  }
}

function setUp(times = TIMES) {
  const clock = new HandClock();
  const heartbeat = new Heartbeat(times, clock, () => {
    emptied++;
  });
  let emptied = 0;
  return { clock, heartbeat, peer: new Peer(clock, heartbeat), emptied: () => emptied };
}

describe('Heartbeat', () => {
  it('pings every interval, and leaves a peer that answers alone', () => {
    const { clock, peer } = setUp();
    for (let second = 0; second < 300; second++) {
      clock.advance(1_000);
      if (peer.pings.length > 0) peer.pong();
    }
    const gaps = peer.pings.slice(1).map(({ atMs }, i) => atMs - peer.pings[i]!.atMs);
    expect(gaps).toEqual(Array(9).fill(30_000));
    expect(peer.terminatedAtMs).toBeUndefined();
  });

  it('comes up to a tenth of the interval earlier by chance', () => {
    const { clock, peer } = setUp();
    clock.chance = 0.999;
    for (let second = 0; second < 300; second++) {
      clock.advance(1_000);
      if (peer.pings.length > 0) peer.pong();
    }
    const gaps = peer.pings.slice(1).map(({ atMs }, i) => atMs - peer.pings[i]!.atMs);
    expect(new Set(gaps)).toEqual(new Set([27_250]));
  });

  it('terminates a peer that is silent, when its timeout is over', () => {
    const { clock, peer } = setUp();
    clock.advance(60_000);
    expect(peer.pings).toHaveLength(1);
    expect(peer.terminatedAtMs).toBe(peer.pings[0]!.atMs + TIMES.timeoutMs);
  });

  it.each<[string, (peer: Peer) => unknown]>([
    ['any byte that comes', (peer) => Object.assign(peer.socket, { bytesRead: 6 })],
    ['that the application paused the connection', (peer) => Object.assign(peer, { isPaused: true })],
    ['that the socket is not read for now', (peer) => Object.assign(peer.socket, { paused: true })],
    ['a pong', (peer) => peer.pong()],
  ])('takes %s for a sign of life', (_, live) => {
    const { clock, peer } = setUp();
    peer.socket.bytesRead = 5;
    clock.advance(1_000);
    live(peer);
    clock.advance(10_000);
    expect(peer.terminatedAtMs).toBeUndefined();
  });

  it('takes for one that the system takes what the ping waits behind', () => {
    const { clock, peer } = setUp();
    peer.socket.bytesWritten = peer.socket.writableLength = 5_000_000;
    clock.advance(1_000);
    peer.socket.writableLength -= 1;
    clock.advance(10_000);
    expect(peer.terminatedAtMs).toBeUndefined();
    // What is written meanwhile is none.
    peer.socket.bytesWritten += 50;
    peer.socket.writableLength += 50;
    clock.advance(30_000);
    expect(peer.terminatedAtMs).toBe(peer.pings[1]!.atMs + TIMES.timeoutMs);
  });

  it('does not take further writes for one where the ping waited for nothing', () => {
    const { clock, peer } = setUp();
    clock.advance(1_000);
    peer.socket.bytesWritten += 50;
    clock.advance(10_000);
    expect(peer.terminatedAtMs).toBe(peer.pings[0]!.atMs + TIMES.timeoutMs);
  });

  it('measures the latency of the last ping, and keeps its pongs to itself', () => {
    const { clock, peer } = setUp();
    expect(Heartbeat.latencyMs(peer.ws)).toBeUndefined();
    clock.advance(1_250);
    clock.nowMs += 42;
    expect(peer.pong()).toBe(true);
    const latencyMs = Heartbeat.latencyMs(peer.ws);
    expect(latencyMs).toBe(clock.nowMs - peer.pings[0]!.atMs);
    // Twice, and late, it is still no answer to the application, and no news.
    clock.nowMs += 500;
    expect(peer.pong()).toBe(true);
    expect(Heartbeat.latencyMs(peer.ws)).toBe(latencyMs);
    clock.advance(10_000);
    expect(peer.pong()).toBe(true);
    expect(Heartbeat.latencyMs(peer.ws)).toBe(latencyMs);
  });

  it('leaves the pongs of others to them', () => {
    const { clock, peer } = setUp();
    clock.advance(1_250);
    const [{ payload } = { payload: Buffer.alloc(0) }] = peer.pings;
    expect(Heartbeat.takesPong(peer.ws, Buffer.alloc(0))).toBe(false);
    expect(Heartbeat.takesPong(peer.ws, Buffer.alloc(8))).toBe(false);
    expect(Heartbeat.takesPong(peer.ws, Buffer.concat([payload, payload]))).toBe(false);
    expect(Heartbeat.takesPong({} as WebSocket, payload)).toBe(false);
    expect(Heartbeat.latencyMs({} as WebSocket)).toBeUndefined();
  });

  it('numbers the pings of each connection by themselves: they tell nothing of others', () => {
    const { clock, peer, heartbeat } = setUp();
    const other = new Peer(clock, heartbeat);
    for (let second = 0; second < 100; second++) {
      clock.advance(1_000);
      for (const { pings, ws } of [peer, other]) {
        if (pings.length > 0) Heartbeat.takesPong(ws, pings.at(-1)!.payload);
      }
    }
    const [ours, others] = [peer, other].map(({ pings }) =>
      pings.map(({ payload }) => payload.toString('hex')),
    );
    expect(new Set(ours).size).toBe(4);
    expect(ours).toEqual(others);
  });

  it('reads what came while the process stood still before it judges', () => {
    const { clock, peer } = setUp();
    clock.advance(clock.tickMs);
    expect(peer.pings).toHaveLength(1);
    for (let tick = 1; tick < TIMES.timeoutMs / clock.tickMs; tick++) clock.tick(clock.tickMs);
    clock.tick(60_000);
    expect(peer.terminatedAtMs).toBeUndefined();
    peer.pong();
    clock.tick(clock.tickMs);
    expect(peer.terminatedAtMs).toBeUndefined();
  });

  it('goes on where the process is always late', () => {
    const { clock, peer } = setUp();
    for (let i = 0; i < 1_000 && peer.terminatedAtMs === undefined; i++) clock.tick(5 * clock.tickMs);
    expect(peer.terminatedAtMs).toBeDefined();
  });

  it('stops its timer when there are no connections, and starts it again', () => {
    const { clock, heartbeat, peer, emptied } = setUp();
    const other = new Peer(clock, heartbeat);
    peer.close();
    expect([clock.running, emptied()]).toEqual([true, 0]);
    other.close();
    expect([clock.running, emptied()]).toEqual([false, 1]);
    const late = new Peer(clock, heartbeat);
    expect(clock.running).toBe(true);
    clock.advance(60_000);
    expect(late.terminatedAtMs).toBeDefined();
    expect([clock.running, emptied()]).toEqual([false, 2]);
  });

  it('forgets what is no longer open, though its close is heard by nobody', () => {
    const { clock, peer, emptied } = setUp();
    peer.removeAllListeners();
    peer.readyState = 2;
    clock.advance(1_000);
    expect([peer.pings.length, clock.running, emptied()]).toEqual([0, false, 1]);
  });

  it('spreads its pings over the interval', () => {
    const { clock, heartbeat } = setUp();
    const peers = Array.from({ length: 10_000 }, (_, i) => {
      // A low-discrepancy sequence in place of chance: any run gives the same.
      clock.chance = (i * 0.618_033_988_75) % 1;
      return new Peer(clock, heartbeat);
    });
    clock.advance(30_000);
    const perTick = new Map<number, number>();
    for (const { pings } of peers) {
      const { atMs } = pings[0]!;
      perTick.set(atMs, (perTick.get(atMs) ?? 0) + 1);
    }
    expect(perTick.size).toBe(120);
    expect(Math.max(...perTick.values())).toBeLessThan(100);
  });

  it('terminates a peer within the interval and the timeout of its last byte, whatever they are', () => {
    const times = fc
      .tuple(fc.integer({ min: 1, max: 60_000 }), fc.double({ min: 0, max: 1, noNaN: true }))
      .map(([intervalMs, part]) => ({ intervalMs, timeoutMs: Math.max(1, Math.floor(intervalMs * part)) }));
    const chance = fc.double({ min: 0, max: 0.999, noNaN: true });
    fc.assert(
      fc.property(times, chance, fc.nat({ max: 3 }), (chosen, random, answers) => {
        const clock = new HandClock();
        clock.chance = random;
        const peer = new Peer(clock, new Heartbeat(chosen, clock, () => {}));
        let lastByteAtMs = clock.nowMs;
        while (peer.terminatedAtMs === undefined) {
          clock.tick(clock.tickMs);
          if (peer.pings.length === 0 || peer.pings.length > answers) continue;
          if (peer.pings.at(-1)!.atMs !== clock.nowMs) continue;
          peer.pong();
          lastByteAtMs = clock.nowMs;
        }
        expect(peer.pings).toHaveLength(answers + 1);
        const silentMs = peer.terminatedAtMs - lastByteAtMs;
        expect(silentMs).toBeLessThanOrEqual(chosen.intervalMs + chosen.timeoutMs + 1e-6);
        expect(silentMs).toBeGreaterThanOrEqual(chosen.timeoutMs - clock.tickMs);
      }),
    );
  });
});
