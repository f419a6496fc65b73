import type { Duplex } from 'node:stream';
import { reportLatency, reportLimit } from '../diagnostics/connection-reports.ts';
import { generateMaskingKey } from '../node/masking-key.ts';
import { outgoingProgress } from '../node/outgoing-progress.ts';
import type { HeartbeatTimes } from './heartbeat-times.ts';
import { OPEN } from './ready-state.ts';
import { roleOf } from './role.ts';
import type { WebSocket } from './websocket.ts';

/** What a heartbeat needs of the world around it. */
export interface HeartbeatClock {
  /** The time in milliseconds. */
  now(): number;
  /** Calls `tick` every so many milliseconds; returns how to stop that. */
  every(intervalMs: number, tick: () => void): () => void;
  /** A number from 0 up to 1. */
  random(): number;
}

/** One connection, and what was known of it at the last ping. */
interface Pulse {
  readonly ws: WebSocket;
  readonly clock: HeartbeatClock;
  readonly socket: Duplex & { readonly bytesRead?: number };
  /** The tick at which it is looked at; `undefined` when it no longer is. */
  dueTick: number | undefined;
  /** The ping that waits for a sign of life. */
  ping: SentPing | undefined;
  latencyMs: number | undefined;
  nextPing: number;
}

interface SentPing {
  readonly number: number;
  readonly sentAtMs: number;
  /** What had come by then, where the stream counts it. */
  readonly bytesRead: number | undefined;
  /** Where the ping waits behind other bytes: how far those were. */
  readonly progress: number | undefined;
  answered: boolean;
}

/** Ticks in a timeout, at least: the resolution of all times. */
const TICKS_PER_TIMEOUT = 8;
const MAX_TICK_MS = 250;

/** How much earlier than after `intervalMs` a ping may come, as a part of that. */
const JITTER = 0.1;

/** The pulses of all connections that have one. */
const pulses = new WeakMap<WebSocket, Pulse>();

/**
 * Pings connections, and terminates those that give no sign of life; whatever bytes a peer sends are one. One timer
 * turns a wheel, on which each connection is at the tick that looks at it next: a tick costs as much as is due. The
 * timer stops when there are no connections.
 */
export class Heartbeat {
  readonly #clock: HeartbeatClock;
  readonly #onEmpty: () => void;
  readonly #tickMs: number;
  readonly #intervalTicks: number;
  readonly #timeoutTicks: number;
  readonly #due = new Map<number, Set<Pulse>>();
  #size = 0;
  #tick = 0;
  #lastTickMs = 0;
  /** Whether the last tick was given to what had come in while the process stood still. */
  #waited = false;
  #stop: (() => void) | undefined;

  constructor({ intervalMs, timeoutMs }: HeartbeatTimes, clock: HeartbeatClock, onEmpty: () => void) {
    this.#clock = clock;
    this.#onEmpty = onEmpty;
    this.#tickMs = Math.max(1, Math.min(MAX_TICK_MS, timeoutMs / TICKS_PER_TIMEOUT));
    // Rounded down: together they are the longest that a dead peer stays.
    this.#intervalTicks = Math.floor(intervalMs / this.#tickMs);
    this.#timeoutTicks = Math.floor(timeoutMs / this.#tickMs);
  }

  /** Pings an open connection from some time of the first interval on, until it is no longer open. */
  add(ws: WebSocket, socket: Duplex): void {
    const clock = this.#clock;
    const pulse: Pulse = {
      ws,
      clock,
      socket,
      dueTick: undefined,
      ping: undefined,
      latencyMs: undefined,
      nextPing: 0,
    };
    pulses.set(ws, pulse);
    ws.once('close', () => this.#forget(pulse));
    if (this.#size++ === 0) this.#start();
    this.#schedule(pulse, 1 + Math.floor(this.#clock.random() * this.#intervalTicks));
  }

  #start(): void {
    this.#lastTickMs = this.#clock.now();
    this.#stop = this.#clock.every(this.#tickMs, () => this.#onTick());
  }

  #forget(pulse: Pulse): void {
    if (pulse.dueTick === undefined) return;
    this.#due.get(pulse.dueTick)?.delete(pulse);
    pulse.dueTick = undefined;
    if (--this.#size > 0) return;
    this.#stop?.();
    this.#onEmpty();
  }

  #schedule(pulse: Pulse, ticks: number): void {
    pulse.dueTick = this.#tick + ticks;
    const due = this.#due.get(pulse.dueTick);
    if (due === undefined) this.#due.set(pulse.dueTick, new Set([pulse]));
    else due.add(pulse);
  }

  #onTick(): void {
    if (this.#mustWait()) return;
    this.#tick++;
    const due = this.#due.get(this.#tick);
    this.#due.delete(this.#tick);
    for (const pulse of due ?? []) this.#look(pulse);
  }

  /** After the process stood still, what the peers sent meanwhile is read before anyone is judged by it. */
  #mustWait(): boolean {
    const now = this.#clock.now();
    const late = now - this.#lastTickMs > 2 * this.#tickMs;
    this.#lastTickMs = now;
    this.#waited = late && !this.#waited;
    return this.#waited;
  }

  #look(pulse: Pulse): void {
    // The closing handshake has a timeout of its own.
    if (pulse.ws.readyState !== OPEN) return this.#forget(pulse);
    if (pulse.ping === undefined) return this.#ping(pulse);
    if (isAlive(pulse, pulse.ping)) return this.#rest(pulse);
    this.#forget(pulse);
    reportLimit(pulse.ws, roleOf(pulse.ws), 'heartbeat');
    pulse.ws.terminate();
  }

  #ping(pulse: Pulse): void {
    const { ws, socket } = pulse;
    // Of its own for each connection: a common one would tell peers how many there are.
    const number = pulse.nextPing;
    pulse.nextPing = (number + 1) >>> 0;
    pulse.ping = {
      number,
      sentAtMs: this.#clock.now(),
      bytesRead: socket.bytesRead,
      progress: socket.writableLength > 0 ? outgoingProgress(socket) : undefined,
      answered: false,
    };
    this.#schedule(pulse, this.#timeoutTicks);
    ws.ping(pingPayload(number));
  }

  /** Waits for what is left of the interval. */
  #rest(pulse: Pulse): void {
    pulse.ping = undefined;
    const early = Math.floor(JITTER * this.#clock.random() * this.#intervalTicks);
    const ticks = this.#intervalTicks - this.#timeoutTicks - early;
    if (ticks > 0) this.#schedule(pulse, ticks);
    else this.#ping(pulse);
  }

  /** Takes a pong if it answers a heartbeat's ping; returns whether it does, as nobody else has asked for it then. */
  static takesPong(ws: WebSocket, payload: Uint8Array): boolean {
    const pulse = pulses.get(ws);
    const number = pulse && pingNumber(payload);
    if (pulse === undefined || number === undefined) return false;
    const { ping } = pulse;
    if (ping?.number === number && !ping.answered) {
      ping.answered = true;
      pulse.latencyMs = pulse.clock.now() - ping.sentAtMs;
      reportLatency(ws, roleOf(ws), pulse.latencyMs);
    }
    return true;
  }

  /** Returns the time from the last ping that was answered to its pong; `undefined` before, and without a heartbeat. */
  static latencyMs(ws: WebSocket): number | undefined {
    return pulses.get(ws)?.latencyMs;
  }
}

function isAlive({ ws, socket }: Pulse, ping: SentPing): boolean {
  if (ping.answered || socket.bytesRead !== ping.bytesRead) return true;
  // Nobody reads: whether the peer writes is not known.
  if (ws.isPaused || socket.isPaused()) return true;
  return ping.progress !== undefined && outgoingProgress(socket) !== ping.progress;
}

/** What tells a heartbeat's pings from those of the application; a peer learns it at its first ping, and no sooner. */
const PING_MARK = generateMaskingKey();
const PING_BYTES = 8;

function pingPayload(number: number): Buffer {
  const payload = Buffer.allocUnsafe(PING_BYTES);
  payload.writeUInt32BE(PING_MARK, 0);
  payload.writeUInt32BE(number, 4);
  return payload;
}

function pingNumber(payload: Uint8Array): number | undefined {
  if (payload.length !== PING_BYTES) return undefined;
  const view = new DataView(payload.buffer, payload.byteOffset, PING_BYTES);
  return view.getUint32(0) === PING_MARK ? view.getUint32(4) : undefined;
}
