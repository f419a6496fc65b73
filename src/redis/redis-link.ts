import type { Connect, RedisConnection } from './redis-connection.ts';
import type { RedisScript } from './redis-script.ts';

const FIRST_DELAY_MS = 50;
const MAX_DELAY_MS = 2_000;

export interface LinkEvents {
  /** Commands reach the server; what was subscribed to before is not any more. */
  onUp(): void;
  /** They do not any more, and another connection is being made; told once until the next {@link onUp}. */
  onDown(error: Error): void;
  onMessage(channel: string, message: string): void;
}

/** A connection in use, and what waits for its replies. */
interface Live {
  readonly connection: RedisConnection;
  readonly waiting: Set<(error: Error) => void>;
  /** The scripts that the server has been told. */
  readonly told: Set<string>;
}

/**
 * The way to Redis. There is one connection at a time; the first fault of any kind ends it, so that nothing that was
 * said over it is answered later, and another one is made.
 */
export class RedisLink {
  #connect!: Connect;
  readonly #timeoutMs: number;
  readonly #events: LinkEvents;
  #state: Live | 'down' | 'closed' = 'down';
  #downSince = performance.now();
  /** Whether it has been told that there is no connection. */
  #isToldDown = false;
  #attempts = 0;
  #retry: NodeJS.Timeout | undefined;
  readonly #waitingForUp = new Set<() => void>();

  /** @param timeoutMs - How long the server may take to answer, in milliseconds. */
  constructor(timeoutMs: number, events: LinkEvents) {
    this.#timeoutMs = timeoutMs;
    this.#events = events;
  }

  get isUp(): boolean {
    return typeof this.#state === 'object';
  }

  get isClosed(): boolean {
    return this.#state === 'closed';
  }

  /** Connects; settles when that is done, or has failed for the first time. */
  async open(connect: Connect): Promise<void> {
    this.#connect = connect;
    await this.#tryToConnect();
  }

  /** Settles when the server can be reached, or could not be for longer than it may take to answer. */
  async whenUp(): Promise<void> {
    const left = this.#timeoutMs - (performance.now() - this.#downSince);
    if (this.isUp || left <= 0) return;
    await new Promise<void>((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        this.#waitingForUp.delete(done);
        resolve();
      };
      const timer = setTimeout(done, left);
      this.#waitingForUp.add(done);
    });
  }

  /** Publishes by PUBLISH, or by SPUBLISH where channels are in one part of a cluster. */
  get publish(): 'PUBLISH' | 'SPUBLISH' {
    return typeof this.#state === 'object' && this.#state.connection.isSharded ? 'SPUBLISH' : 'PUBLISH';
  }

  /** Runs a script. Rejects when the server can't be reached, does not answer in time, or refuses. */
  async run({ sha, text }: RedisScript, keys: readonly string[], args: readonly string[]): Promise<unknown> {
    const rest = [String(keys.length), ...keys, ...args];
    return this.#use(async ({ connection, told }) => {
      const whole = (): Promise<unknown> => connection.send(keys[0]!, ['EVAL', text, ...rest]);
      // Not by trial: what is sent behind it would overtake it.
      if (!told.has(sha)) {
        told.add(sha);
        return whole();
      }
      try {
        return await connection.send(keys[0]!, ['EVALSHA', sha, ...rest]);
      } catch (error) {
        if (!String((error as Error).message).startsWith('NOSCRIPT')) throw error;
        return whole();
      }
    });
  }

  async subscribe(channels: readonly string[]): Promise<void> {
    await this.#use(({ connection }) => connection.subscribe(channels));
  }

  async unsubscribe(channel: string): Promise<void> {
    await this.#use(({ connection }) => connection.unsubscribe(channel));
  }

  /** Gives the connection up, as it is of no use. */
  fail(error: Error): void {
    if (typeof this.#state === 'object') this.#lose(this.#state, error);
  }

  close(): void {
    const state = this.#state;
    this.#state = 'closed';
    clearTimeout(this.#retry);
    this.#releaseWaiting();
    if (typeof state === 'object') end(state, new Error('The adapter is closed'));
  }

  /** A fault of any command is one of the connection: behind it nothing is certain. */
  async #use<Result>(work: (live: Live) => Promise<Result>): Promise<Result> {
    const live = this.#state;
    if (typeof live !== 'object') throw new Error('Redis is out of reach');
    return new Promise<Result>((resolve, reject) => {
      const timer = setTimeout(() => {
        // A busy process finds the timer before the answer that is there already.
        setImmediate(() => {
          if (live.waiting.has(fail)) this.#lose(live, new Error(noAnswer(this.#timeoutMs)));
        });
      }, this.#timeoutMs);
      const fail = (error: Error): void => {
        clearTimeout(timer);
        reject(error);
      };
      live.waiting.add(fail);
      work(live).then(
        (result) => {
          if (!live.waiting.delete(fail)) return;
          clearTimeout(timer);
          this.#attempts = 0;
          resolve(result);
        },
        (error: Error) => this.#lose(live, error),
      );
    });
  }

  async #tryToConnect(): Promise<void> {
    let live: Live | undefined;
    /** What went wrong before the connection was there. */
    let early: Error | undefined;
    const onLost = (error: Error): void => {
      if (live === undefined) early = error;
      else this.#lose(live, error);
    };
    const onMessage = (channel: string, message: string): void => {
      if (this.#state === live) this.#events.onMessage(channel, message);
    };
    try {
      const connection = await inTime(this.#connect({ onMessage, onLost }, this.#timeoutMs), this.#timeoutMs);
      live = { connection, waiting: new Set(), told: new Set() };
      if (this.#state === 'closed' || early !== undefined) throw end(live, early ?? new Error('Closed'));
      this.#onConnected(live);
    } catch (error) {
      this.#onFailed(error as Error);
    }
  }

  #onConnected(live: Live): void {
    this.#state = live;
    this.#isToldDown = false;
    this.#events.onUp();
    this.#releaseWaiting();
  }

  #lose(live: Live, error: Error): void {
    if (this.#state !== live) return;
    this.#state = 'down';
    this.#downSince = performance.now();
    end(live, error);
    this.#onFailed(error);
  }

  #onFailed(error: Error): void {
    if (this.#state === 'closed') return;
    if (!this.#isToldDown) {
      this.#isToldDown = true;
      this.#events.onDown(error);
    }
    const delay = Math.min(MAX_DELAY_MS, FIRST_DELAY_MS * 2 ** this.#attempts++);
    // By chance within its second half, so that nodes do not come back all at once.
    this.#retry = setTimeout(() => void this.#tryToConnect(), delay * (0.5 + Math.random() / 2));
    this.#retry.unref();
  }

  #releaseWaiting(): void {
    for (const done of this.#waitingForUp) done();
  }
}

function noAnswer(timeoutMs: number): string {
  return `Redis did not answer within ${timeoutMs} ms`;
}

function end({ connection, waiting }: Live, error: Error): Error {
  connection.destroy();
  for (const reject of waiting) reject(error);
  waiting.clear();
  return error;
}

/** Waits for a connection; one that comes too late is ended. */
async function inTime(connecting: Promise<RedisConnection>, timeoutMs: number): Promise<RedisConnection> {
  return new Promise((resolve, reject) => {
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      reject(new Error(`Redis could not be connected to within ${timeoutMs} ms`));
    }, timeoutMs);
    connecting.then(
      (connection) => {
        clearTimeout(timer);
        if (late) connection.destroy();
        else resolve(connection);
      },
      (error) => {
        clearTimeout(timer);
        reject(error);
      },
    );
  });
}
